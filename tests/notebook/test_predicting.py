"""`%kpredict --into`: what may be replaced by predictions, and what is said of it."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.notebook.conftest import Run

REFUSED = {
    "print": "LineError: %kpredict --into: 'print' is a built-in name of Python\nexpected: another name\n",
    "m": "BadValue: %kpredict --into: m is a model\nexpected: another name\nfix: --into m_predictions\n",
    "a.b": "LineError: %kpredict --into: 'a.b' cannot be a name\nexpected: letters, digits and _, no digit first\n",
}


@pytest.mark.parametrize(("name", "message"), REFUSED.items())
def test_names_that_are_refused(shell: InteractiveShell, run: Run, compiled: str, name: str, message: str) -> None:
    before = shell.user_ns["m"]
    assert run(f"%kpredict m X --into {name}").text == message
    assert shell.user_ns["m"] is before
    assert "print" not in shell.user_ns


def test_what_is_replaced_is_named(run: Run, compiled: str) -> None:
    assert run("%kpredict m X --into p").text == "p: float32 (200, 1)\n"
    assert run("%kpredict m X[:5] --into p").text == "p: float32 (5, 1), replaces float32 (200, 1)\n"
    assert run("n = 3").error is None
    assert run("%kpredict m X[:5] --into n").text == "n: float32 (5, 1), replaces a value of type int\n"


def test_several_outputs_are_told_one_by_one(run: Run, shell: InteractiveShell) -> None:
    source = "%%kmodel two\nx = Input((100,))\nModel(x, [Dense(1)(x), Dense(3)(x)])"
    assert run(source).error is None
    assert run("%kpredict two X[:5] --into p").text == "p: float32 (5, 1), float32 (5, 3)\n"
    assert run(source.replace("[Dense(1)(x), Dense(3)(x)]", "{'a': Dense(1)(x)}")).error is None
    assert run("%kpredict two X[:5] --into q").text == "q: a: float32 (5, 1)\n"
