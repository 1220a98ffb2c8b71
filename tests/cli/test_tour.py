"""`tour` finds or copies the notebook, opens it, or executes it in a kernel of the same Python."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from kmagic.base.errors import KmagicError
from kmagic.cli import main, tour


def write_notebook(path: Path, *cells: str, outcome: str | None = None) -> Path:
    """A notebook of code cells; the one given as outcome comes last and is tagged."""
    code = [new_code_cell(cell) for cell in cells]
    code += [new_code_cell(outcome, metadata={"tags": [tour.OUTCOME]})] if outcome else []
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=code), path)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_notebook_of_the_working_directory_comes_first(here: Path) -> None:
    mine = write_notebook(here / "notebooks" / tour.NOTEBOOK, "1")
    assert tour.find_notebook() == mine
    assert tour.own_copy(mine) == mine


def test_elsewhere_a_copy_is_made_once_and_kept(here: Path) -> None:
    original = tour.find_notebook()
    assert not original.is_relative_to(here)
    copy = tour.own_copy(original)
    assert copy == here / "kmagic-tour" / "00_tour.ipynb"
    assert copy.read_bytes() == original.read_bytes()
    copy.write_text("my notes")
    assert tour.own_copy(original) == copy
    assert copy.read_text() == "my notes"


def test_lab_gets_the_notebook_and_the_options(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_notebook(here / "notebooks" / tour.NOTEBOOK, "1")
    started = []

    def start(command: list[str]) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", start)
    assert main(["tour", "--", "--no-browser"]) == 3
    (command,) = started
    assert command[:4] == [sys.executable, "-m", "jupyterlab", str(here / "notebooks" / tour.NOTEBOOK)]
    assert command[-1] == "--no-browser"


def test_run_prints_the_outcome_and_writes_a_page(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cells = ("import sys, os, pathlib", "pathlib.Path('where').write_text(f'{sys.executable}\\n{os.getcwd()}')")
    write_notebook(here / "notebooks" / tour.NOTEBOOK, *cells, outcome="print('accuracy   0.9876')")
    assert main(["tour", "--run"]) == 0
    shown = capfd.readouterr().out
    assert "\naccuracy   0.9876\n" in shown and shown.endswith(f"Wrote {here / 'kmagic-tour.html'}\n")
    assert "accuracy   0.9876" in (here / "kmagic-tour.html").read_text(encoding="utf-8")
    assert (here / "where").read_text().split("\n") == [sys.executable, str(here)]


def test_a_failing_cell_is_told_in_one_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_notebook(here / "notebooks" / tour.NOTEBOOK, "1 / 0")
    assert main(["tour", "--run"]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == "00_tour.ipynb stopped: ZeroDivisionError: division by zero"
    assert not (here / "kmagic-tour.html").exists()


def test_a_notebook_without_outcome_is_an_error() -> None:
    with pytest.raises(KmagicError, match="no cell is tagged 'final-metrics'"):
        tour.outcome(new_notebook(cells=[new_code_cell("1")]))


@pytest.mark.parametrize("options", [["tour"], ["tour", "--run"]])
def test_missing_extra_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    write_notebook(here / "notebooks" / tour.NOTEBOOK, "1")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(options) == 1
    assert capsys.readouterr().err.splitlines()[-1] == 'fix: pip install "kmagic[lab]"'
