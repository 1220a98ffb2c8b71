"""A real IPython shell with the extension loaded, fresh for each test."""

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from traitlets.config import Config

from kmagic import notebook

Run = Callable[[str], "Done"]


class Done:
    """What a cell did: the value it gave, the error that ended it, and what it showed."""

    def __init__(self, result: object, shown: CapturedIO) -> None:
        self.value = result.result
        self.error = result.error_before_exec or result.error_in_exec
        # colours differ from one IPython to the next
        self.text = re.sub(r"\x1b\[[\d;]*m", "", shown.stdout + shown.stderr)
        self.bundles = [output.data for output in shown.outputs]

    @property
    def kinds(self) -> list[str]:
        """The forms of all that was displayed."""
        return [kind for bundle in self.bundles for kind in bundle]


@pytest.fixture(scope="session")
def bare_shell() -> InteractiveShell:
    """The process's only shell, without the extension, which writes no history."""
    settings = Config()
    settings.HistoryManager.enabled = False
    return InteractiveShell.instance(config=settings)


@pytest.fixture
def terminal(bare_shell: InteractiveShell) -> Iterator[InteractiveShell]:
    """The shell with the extension loaded, and X (200 rows of 100) and y (two classes) in its namespace."""
    before = dict(bare_shell.user_ns)
    generator = np.random.default_rng(1)
    x = generator.normal(size=(200, 100)).astype("float32")
    bare_shell.user_ns.update(X=x, y=(x[:, 0] > 0).astype("float32"), np=np)
    notebook.load(bare_shell)
    yield bare_shell
    notebook.unload(bare_shell)
    # `%config KMagic.…` is kept for the next magics of the name
    bare_shell.config.pop("KMagic", None)
    bare_shell.user_ns.clear()
    bare_shell.user_ns.update(before)


@pytest.fixture
def shell(bare_shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, request: Any) -> InteractiveShell:
    """The same, as a shell in a kernel that a program drives: pictures can be shown, nobody clicks."""
    monkeypatch.setattr(bare_shell, "kernel", SimpleNamespace(_allow_stdin=False), raising=False)
    return request.getfixturevalue("terminal")


@pytest.fixture
def run(bare_shell: InteractiveShell) -> Run:
    """Run a cell and see what came of it."""

    def run_cell(source: str) -> Done:
        with capture_output() as shown:
            result = bare_shell.run_cell(source, store_history=True)
        return Done(result, shown)

    return run_cell


@pytest.fixture
def compiled(shell: InteractiveShell, run: Run) -> str:
    """The name of a small compiled model."""
    assert run("%%kmodel m\nDense(4, activation='relu', input_dim=100)\nDense(1, activation='sigmoid')").error is None
    assert run("%kcompile m --optimizer rmsprop --loss binary_crossentropy --metrics accuracy").error is None
    return "m"
