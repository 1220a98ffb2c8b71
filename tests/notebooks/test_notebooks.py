"""Every notebook runs from top to bottom in a real kernel, and what it tells comes true."""

from pathlib import Path
from typing import Any

import pytest

from kmagic.cli import tour

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
ERROR_EXPECTED = "raises-exception"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The notebooks with their outputs, by file name."""
    folder = tmp_path_factory.mktemp("notebooks")
    return {path.name: tour.execute(path, folder) for path in sorted(FOLDER.glob("*.ipynb"))}


def text_of(cell: Any) -> str:
    """What a cell shows as text."""
    texts = []
    for output in cell.outputs:
        texts += [output.text] if output.output_type == "stream" else []
        texts += [output.data.get("text/plain", "")] if "data" in output else []
        texts += [f"{output.ename}: {output.evalue}"] if output.output_type == "error" else []
    return "\n".join(texts)


def cell_of(notebook: Any, identity: str) -> Any:
    """The cell with an id."""
    return next(cell for cell in notebook.cells if cell.id == identity)


def test_every_notebook_is_executed(executed: dict[str, Any]) -> None:
    assert tour.NOTEBOOK in executed
    for notebook in executed.values():
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_errors_appear_only_where_they_are_shown(executed: dict[str, Any]) -> None:
    for notebook in executed.values():
        for cell in notebook.cells:
            failed = [output for output in cell.get("outputs", []) if output.output_type == "error"]
            assert not failed or ERROR_EXPECTED in cell.metadata.get("tags", ()), text_of(cell)
            assert "Traceback" not in str(cell.get("outputs", ""))


def test_every_notebook_ends_with_an_outcome(executed: dict[str, Any]) -> None:
    for notebook in executed.values():
        assert tour.outcome(notebook)


def test_tour_learns_real_data(executed: dict[str, Any]) -> None:
    metrics = dict(line.split() for line in tour.outcome(executed[tour.NOTEBOOK]).splitlines())
    assert float(metrics["accuracy"]) > 0.93
    assert 0 < float(metrics["loss"]) < 0.25


def test_tour_shows_what_compiling_does(executed: dict[str, Any]) -> None:
    notebook = executed[tour.NOTEBOOK]
    before, after = (cell_of(notebook, name) for name in ("plan_before", "plan_after"))
    assert text_of(before) and text_of(before) != text_of(after)
    for cell in (before, after):
        assert len(text_of(cell).splitlines()) <= 40
        assert any("image/svg+xml" in output.get("data", {}) for output in cell.outputs)


def test_tour_leaves_a_figure_of_each_training(executed: dict[str, Any]) -> None:
    for name in ("fit", "cancer_fit"):
        outputs = cell_of(executed[tour.NOTEBOOK], name).outputs
        assert any("image/png" in output.get("data", {}) for output in outputs), outputs


def test_tour_tells_mistakes_with_a_way_out(executed: dict[str, Any]) -> None:
    notebook = executed[tour.NOTEBOOK]
    misspelt = text_of(cell_of(notebook, "misspelt"))
    assert "adamm" in misspelt and "did you mean 'adam'" in misspelt
    wrong = text_of(cell_of(notebook, "wrong_labels"))
    assert "456" in wrong and "113" in wrong
    for message in (misspelt, wrong):
        assert len(message.strip().splitlines()) <= 4, message


# the cell in which each mistake is told, and what it says of it
MISTAKES = {
    "softmax_of_one": ("K103", "softmax over 1 unit is always 1"),
    "typing_error": ("accuarcy", "did you mean 'accuracy'"),
    "gaps": ("K122", "3 NaN: the first in row 4, column 2"),
    "gaps_fixed": ("K134", "benign"),
    "words_fixed": ("K124", "column 23"),
    "one_hot": ("K101", "class numbers 0 … 9 of shape (1442,)"),
    "twice": ("K106", "already passes through softmax"),
    "sorted": ("Shuffle before the split", "nothing found"),
    "area_fit": ("K148", "targets are 143.5 … 2501"),
    "area_head": ("K113", "accuracy counts right classes"),
    "too_large": ("K123", "learning_rate 10"),
}


@pytest.mark.parametrize("cell", MISTAKES)
def test_ten_mistakes_are_told_with_their_values(executed: dict[str, Any], cell: str) -> None:
    told = text_of(cell_of(executed["02_compile_panel.ipynb"], cell))
    for words in MISTAKES[cell]:
        assert words in told, told


def test_every_model_of_the_ten_mistakes_learns(executed: dict[str, Any]) -> None:
    notebook = executed["02_compile_panel.ipynb"]
    right = dict(line.split() for line in tour.outcome(notebook).splitlines())
    assert float(right["tumour"]) > 0.9 and float(right["digit"]) > 0.88
    assert "['benign'" in text_of(cell_of(notebook, "tumour_answers"))
    stopped = text_of(cell_of(notebook, "too_large"))
    assert "stopped (the loss explodes)" in stopped and "last good weights" in stopped
    assert "done, 40 of 40 epochs" in text_of(cell_of(notebook, "mended_rate"))
    assert "nothing speaks against this choice" in text_of(cell_of(notebook, "open_panel_data"))


def test_a_network_reads_digits_and_shows_what_it_does(executed: dict[str, Any]) -> None:
    notebook = executed["04_images.ipynb"]
    metrics = dict(line.split() for line in tour.outcome(notebook).splitlines())
    assert float(metrics["accuracy"]) > 0.97
    assert "done, 40 of 40 epochs" in text_of(cell_of(notebook, "fit"))
    plan = text_of(cell_of(notebook, "layer_plan"))
    assert "windows(" in plan and "product(" in plan
    for name in ("show", "changed", "fit", "matrix", "mistakes"):
        outputs = cell_of(notebook, name).outputs
        assert any("image/png" in output.get("data", {}) for output in outputs), name


def test_pictures_changed_at_random_prepare_for_changed_pictures(executed: dict[str, Any]) -> None:
    lines = text_of(cell_of(executed["04_images.ipynb"], "compare")).strip().splitlines()[1:]
    (plain, moved), (plain_without, moved_without) = (map(float, line.split()[-2:]) for line in lines)
    assert abs(plain - plain_without) < 0.03
    assert moved > moved_without + 0.01


def test_sentences_are_told_apart_and_padding_does_not_matter(executed: dict[str, Any]) -> None:
    notebook = executed["05_sequences.ipynb"]
    matrix = text_of(cell_of(notebook, "matrix"))
    right, baseline = (float(part.split()[-1]) for part in matrix.strip().splitlines()[-1].split(","))
    assert right > baseline + 0.2
    with_masks, without = (line for line in text_of(cell_of(notebook, "padding")).splitlines() if line)
    assert "largest change 0.000000" in with_masks and "largest change 0.0000" not in without


def test_the_forecast_beats_what_needs_no_network(executed: dict[str, Any]) -> None:
    notebook = executed["05_sequences.ipynb"]
    errors = {name: float(value) for name, value in map(str.split, tour.outcome(notebook).splitlines())}
    assert errors["GRU"] < 0.9 * errors["25-hours-ago"] < errors["as-now"]
    assert set(errors) == {"as-now", "25-hours-ago", "GRU"}
    assert "val_loss" in text_of(cell_of(notebook, "forecast_fit"))
    plan = text_of(cell_of(notebook, "forecast_plan"))
    assert "scan(" in plan and "body:" in plan
