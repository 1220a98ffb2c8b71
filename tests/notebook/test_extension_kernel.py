"""In a real kernel: what a notebook that is executed keeps, and an interrupt while no cell runs."""

import base64
import os
import signal
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

DEFINE = """%load_ext kmagic
import numpy as np
X = np.random.default_rng(1).normal(size=(64, 8)).astype('float32')
y = (X[:, 0] > 0).astype('float32')"""
# What a front end looks like from the kernel's side.
WATCHED = "import os; os.environ['JPY_SESSION_NAME'] = 'x'; get_ipython().kernel._allow_stdin = True\n"
ENDLESS = "r = %kfit m X y --epochs 1000000"


class Kernel:
    """A kernel that runs one cell after the other, as nbclient does."""

    def __init__(self) -> None:
        self.notebook = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        self.client = NotebookClient(self.notebook, timeout=120)

    def run(self, source: str) -> list[Any]:
        """Run a cell and give what it put out."""
        cell = new_code_cell(source)
        self.notebook.cells.append(cell)
        self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        return cell.outputs

    def value(self, source: str) -> str:
        """The text of what a cell gives."""
        return self.run(source)[-1].data["text/plain"]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    started = Kernel()
    with started.client.setup_kernel():
        started.run(DEFINE)
        started.run("%%kmodel m\nDense(4, activation='relu', input_dim=8)\nDense(1, activation='sigmoid')")
        started.run("%kcompile m --loss binary_crossentropy --metrics accuracy")
        yield started


def png_size(text: str) -> tuple[int, int]:
    """Width and height of a PNG given as base64."""
    data = base64.b64decode(text)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_an_executed_notebook_keeps_the_figure(kernel: Kernel) -> None:
    outputs = kernel.run("run = %kfit m X y --epochs 3 --validation-split 0.25")
    figure, line = outputs
    width, height = png_size(figure.data["image/png"])
    assert (width, height) == (2 * figure.metadata["image/png"]["width"], 2 * figure.metadata["image/png"]["height"])
    assert figure.metadata["image/png"]["alt"] == figure.data["text/plain"]
    assert figure.data["text/plain"].startswith("Curves of m over the epochs: loss from ")
    assert "3 of 3 epochs" in line.data["text/plain"]
    assert not any("widget" in kind for output in outputs for kind in output.data)


def test_the_panels_are_text_where_nobody_clicks(kernel: Kernel) -> None:
    (output,) = kernel.run("%kcompile m")
    assert output.name == "stdout"
    assert "%kcompile m --optimizer" in output.text


def test_a_mistake_stops_the_notebook(kernel: Kernel) -> None:
    with pytest.raises(CellExecutionError):
        kernel.run("%kfit nobody X y")
    (output,) = kernel.notebook.cells[-1].outputs
    assert output.ename == "LineError"
    assert output.traceback == ["LineError: %kfit model: no model is called 'nobody'", "expected: a model: m"]


def test_with_a_front_end_the_cell_is_over_at_once_and_an_interrupt_stops_the_run(kernel: Kernel) -> None:
    panel, line = kernel.run(WATCHED + ENDLESS)
    assert "application/vnd.jupyter.widget-view+json" in panel.data
    assert line.data["text/plain"] == "m: training in the background"
    assert kernel.value("r.status") == "'running'"
    os.kill(int(kernel.value("os.getpid()")), signal.SIGINT)
    deadline = time.monotonic() + 10
    while kernel.value("r.status") != "'stopped'" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernel.value("r.status, len(r.live.history['loss']) > 0") == "('stopped', True)"


def test_final_values_wait_for_the_run(kernel: Kernel) -> None:
    kernel.run(WATCHED + "r = %kfit m X y --epochs 20")
    assert kernel.value("len(r.history.history['loss'])") == "20"


def test_unloading_stops_the_run_and_gives_the_interrupt_back(kernel: Kernel) -> None:
    kernel.run(WATCHED + ENDLESS)
    kernel.run("%unload_ext kmagic")
    assert kernel.value("r.status") == "'stopped'"
    assert "SIG_IGN" in kernel.value("get_ipython().kernel.saved_sigint_handler")
    kernel.run("%load_ext kmagic")
