"""How errors are shown."""

from typing import Any

import pytest

from kmagic.base.errors import BadValue
from kmagic.notebook.messages import line_in, short_errors, trace_in


def raised(source: str, filename: str) -> Exception:
    """The error of a piece of code that passes for a file."""
    try:
        exec(compile(source, filename, "exec"), {})
    except Exception as error:
        return error
    raise AssertionError


def test_errors_of_kmagic_are_shown_as_their_text() -> None:
    with pytest.raises(BadValue) as caught, short_errors():
        raise BadValue("units is -1", where="Dense", expected="a number")
    shown: Any = caught.value
    assert shown._render_traceback_() == ["BadValue: Dense: units is -1", "expected: a number"]


def test_the_whole_traceback_on_request() -> None:
    with pytest.raises(BadValue) as caught, short_errors(full=True):
        raise BadValue("units is -1")
    assert not hasattr(caught.value, "_render_traceback_")


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(ZeroDivisionError) as caught, short_errors():
        _ = 1 / 0
    assert not hasattr(caught.value, "_render_traceback_")


def test_the_line_of_a_file_that_an_error_came_from() -> None:
    error = raised("def f():\n    return 1 / 0\n\nf()", "cell")
    assert line_in(error, "cell") == 2
    assert trace_in(error, "cell").tb_lineno == 4
    assert line_in(error, "elsewhere") is None
