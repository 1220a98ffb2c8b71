"""The compile panel in JupyterLab: a mistake is read, mended and compiled, and what the day after shows of it."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Notebook, Server, choose, wait_for

pytestmark = pytest.mark.browser

SETUP = """%load_ext kmagic
import numpy as np
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
generator = np.random.default_rng(0)
X = generator.normal(size=(300, 8)).astype("float32")
y = (X[:, 0] > 0).astype(int)
m = Sequential([Dense(16, "relu", input_dim=8), Dense(1, "sigmoid")])
inputs = Input((8,))
two = Model(inputs, [Dense(3, "softmax", name="kind")(inputs), Dense(1, name="price")(inputs)])"""
CELLS = {
    "setup": SETUP,
    "panel": "%kcompile m X y",
    "train": "losses = m.fit(X, y, epochs=5, verbose=0).history['loss']\nprint(m.loss, losses[-1] < losses[0])",
    "two": "%kcompile two X [np.arange(300)%3,X[:,1]]",
    "anew": "m = Sequential([Dense(1, input_dim=8)])",
}
PANEL, TRAIN, TWO, ANEW = 1, 2, 3, 4
THEME = "@jupyterlab/apputils-extension/themes.jupyterlab-settings"


@pytest.fixture
def notebook(server: Server, page: Page, shots: Path) -> Notebook:
    """A notebook with the cells above, opened, its first cell run."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    content = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(content, server.folder / "panel.ipynb")
    page.set_viewport_size({"width": 1320, "height": 1500})
    opened = Notebook(page, server, "panel.ipynb", shots)
    opened.open()
    opened.run(0)
    return opened


def compile_button(panel: Locator) -> Locator:
    # the sign on a button counts as a part of its name
    return panel.get_by_role("button", name=re.compile("Compile$"))


def mend_and_compile(notebook: Notebook) -> None:
    """A wrong loss is refused with the reason; a press mends it, another takes that back."""
    panel = notebook.run(PANEL)
    expect(panel).to_contain_text("suggested because the targets are 0 and 1")
    expect(panel).to_contain_text("nothing speaks against this choice")
    expect(panel.locator("textarea").nth(1)).to_have_value(re.compile("^%kcompile m --optimizer adam --loss binary"))
    notebook.photograph("panel_1_suggestion")
    choose(panel, "Loss", "sparse_categorical_crossentropy")
    finding = panel.get_by_role("status").filter(has_text="K104")
    expect(finding).to_contain_text("the model has 1 output for 2 classes")
    expect(compile_button(panel)).to_be_disabled()
    notebook.photograph("panel_2_wrong_loss")
    fix = panel.get_by_role("button", name="1 unit with sigmoid for 2 classes")
    fix.click()
    expect(finding).to_have_count(0)
    panel.get_by_role("button", name="Undo").click()
    expect(finding).to_be_visible()
    fix.click()
    expect(compile_button(panel)).to_be_enabled()
    compile_button(panel).click()
    expect(panel).to_contain_text("✔ m is compiled")
    expect(notebook.run(TRAIN)).to_contain_text("binary_crossentropy True")


def use_keys(notebook: Notebook) -> None:
    """Options open by keyboard, a metric is found by typing and chosen with Enter, a formula is typeset."""
    page, panel = notebook.page, notebook.output(PANEL)
    heading = panel.get_by_role("button", name="Formula and options of adam")
    heading.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("beta_1")).to_be_visible()
    expect(panel.locator("mjx-container").first).to_be_visible()
    search = panel.get_by_label("Add metric")
    search.fill("auc")
    found = panel.locator(".kmagic-found button:visible")
    expect(found).to_have_count(1)
    expect(found).to_have_text("auc")
    found.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_title("Remove auc")).to_be_visible()
    choose(panel, "Schedule", "cosine_decay")
    expect(panel).to_contain_text("learning rate from 0.001 to 0 over")
    expect(panel.locator("textarea").first).to_have_value(
        re.compile(r"CosineDecay\(.*\['accuracy', 'auc'\]", re.DOTALL)
    )
    notebook.photograph("panel_3_options")


def open_another(notebook: Notebook) -> None:
    """Several outputs in a panel of their own, which the first one does not see."""
    panel = notebook.run(TWO)
    expect(panel).to_contain_text("Output kind · 3 units, softmax")
    choose(panel, "Loss", "mean_absolute_error", number=1)
    expect(panel.locator("textarea").first).to_have_value(re.compile("'price': 'mean_absolute_error'"))
    panel.get_by_role("button", name="Preview first batch").click()
    expect(panel.get_by_role("table")).to_contain_text("kind")
    expect(notebook.output(PANEL).locator("textarea").first).not_to_have_value(re.compile("mean_absolute_error"))
    panel.scroll_into_view_if_needed()
    notebook.photograph("panel_4_outputs")


def see_it_in_the_dark(notebook: Notebook, server: Server, home: Path) -> None:
    """With the dark theme, after the page was loaded anew, the panels live on and texts stand out from the ground."""
    notebook.save(lambda: len(saved(server, "two")) == 2)
    theme = home / "settings" / THEME
    theme.parent.mkdir(parents=True, exist_ok=True)
    theme.write_text(json.dumps({"theme": "JupyterLab Dark"}))
    notebook.open()
    panel = notebook.output(PANEL)
    expect(notebook.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    expect(compile_button(panel)).to_be_visible()
    for part in (".kmagic-title", ".kmagic-heading", ".kmagic-finding", ".kmagic-chip button", "textarea"):
        assert lightness(panel.locator(part).first) > 150, part
    panel.scroll_into_view_if_needed()
    notebook.photograph("panel_5_dark")


def lightness(text: Locator) -> float:
    """How light the colour of a text is, from 0 to 255."""
    colour = text.evaluate("element => getComputedStyle(element).color")
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    return sum(numbers[:3]) / 3 * (numbers[3] if len(numbers) > 3 else 1)


def saved(server: Server, name: str) -> list[Any]:
    content = nbformat.read(server.folder / "panel.ipynb", 4)
    return next(cell for cell in content.cells if cell.id == name).outputs


def day_after(notebook: Notebook, server: Server) -> None:
    """Saved and opened with another kernel, recipe and findings stand there as HTML and text; no dead widget shows."""
    notebook.run(ANEW)
    notebook.save(lambda: saved(server, "anew") == [] and len(saved(server, "two")) == 2)
    kept = saved(server, "panel")[-1]["data"]
    assert "%kcompile m --optimizer" in kept["text/plain"]
    server.end_sessions()
    notebook.open()
    wait_for("the record", lambda: notebook.output(TWO).get_by_text("Recipe of two").count())
    for number, texts in ((PANEL, ("auc", "CosineDecay")), (TWO, ("Recipe of two", "mean_absolute_error"))):
        shown = notebook.output(number)
        for text in texts:
            expect(shown).to_contain_text(text, use_inner_text=True)
        expect(shown).not_to_contain_text("Error displaying widget", use_inner_text=True)
        expect(shown).not_to_contain_text("Loading widget", use_inner_text=True)
    notebook.output(PANEL).scroll_into_view_if_needed()
    notebook.photograph("panel_6_day_after")


def test_a_mistake_is_found_mended_and_kept(notebook: Notebook, server: Server, tmp_path: Path) -> None:
    mend_and_compile(notebook)
    use_keys(notebook)
    open_another(notebook)
    see_it_in_the_dark(notebook, server, tmp_path / "home")
    day_after(notebook, server)
