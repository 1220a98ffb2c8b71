"""A student in JupyterLab: the tour, the compile panel, a training that is watched and stopped, and the day after."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page, expect

from tests.browser.lab import Notebook, Server, choose, is_painted, wait_until_changed

pytestmark = pytest.mark.browser

# More epochs than anyone waits for: the training ends because Stop is pressed.
CELLS = {
    "panel": "%kcompile avengers_model",
    "watched": "%kfit avengers_model X y --epochs 100000 --batch-size 32 --validation-split 0.2",
    "after": "run = avengers_model.run\nprint(run.status, type(avengers_model.optimizer).__name__)",
}


@pytest.fixture
def notebook(root: Path, server: Server, page: Page, shots: Path) -> Notebook:
    """A copy of the tour with a few cells more, opened."""
    content = nbformat.read(root / "notebooks" / "00_tour.ipynb", 4)
    content.cells += [new_code_cell(source, id=name) for name, source in CELLS.items()]
    nbformat.write(content, server.folder / "tour.ipynb")
    opened = Notebook(page, server, "tour.ipynb", shots)
    opened.open()
    return opened


def saved_cell(server: Server, name: str) -> Any:
    """A cell of the saved file."""
    content = nbformat.read(server.folder / "tour.ipynb", 4)
    return next(cell for cell in content.cells if cell.id == name)


def has_figure(cell: Any) -> bool:
    """Whether a saved cell keeps a picture that needs no kernel."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def run_tour(notebook: Notebook) -> None:
    """Run the cells of the tour itself, and see its outcome."""
    count = notebook.page.locator(".jp-Notebook .jp-CodeCell").count() - len(CELLS)
    for number in range(count):
        notebook.run(number)
    expect(notebook.page.locator(".jp-OutputArea").get_by_text(re.compile(r"accuracy +0\.9\d+")).last).to_be_visible()


def compile_in_panel(notebook: Notebook) -> None:
    """Choose in the compile panel: a loss that does not fit is refused with the reason, one that fits is compiled."""
    panel = notebook.run(-3)
    button = panel.get_by_role("button", name=re.compile("Compile$"))
    choose(panel, "Optimizer", "adam")
    choose(panel, "Loss", "categorical_crossentropy")
    expect(panel).to_contain_text("error")
    expect(button).to_be_disabled()
    notebook.photograph("1_refused")
    choose(panel, "Loss", "binary_crossentropy")
    expect(button).to_be_enabled()
    button.click()
    expect(panel).to_contain_text("✔ avengers_model is compiled")
    notebook.photograph("2_compiled")


def watch_and_stop(notebook: Notebook) -> None:
    """See the curve move twice while it trains, then press Stop and find a picture that stays."""
    live = notebook.run(-2)
    curve = live.locator("img").first
    expect(curve).to_be_visible()
    source = wait_until_changed(curve, curve.get_attribute("src") or "")
    wait_until_changed(curve, source)
    assert is_painted(curve)
    notebook.photograph("3_training")
    live.get_by_role("button", name="Stop").click()
    expect(live).to_contain_text("stopped")
    expect(live.get_by_role("button", name="Stop")).to_have_count(0)
    expect(notebook.run(-1)).to_contain_text("stopped Adam")
    notebook.photograph("4_stopped")


def test_a_session_from_the_tour_to_the_day_after(notebook: Notebook, server: Server) -> None:
    run_tour(notebook)
    compile_in_panel(notebook)
    watch_and_stop(notebook)
    notebook.save(lambda: has_figure(saved_cell(server, "watched")))

    server.end_sessions()
    notebook.open()
    figure = notebook.output(-2).locator("img")
    expect(figure).to_be_visible()
    figure.scroll_into_view_if_needed()
    assert is_painted(figure)
    expect(notebook.output(-2)).not_to_contain_text("Error displaying widget")
    notebook.photograph("5_reopened")
