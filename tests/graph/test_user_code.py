"""Functions that users write: what their mistakes look like."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, ShapeMismatch, UserCodeError
from kmagic.graph.load import ops
from kmagic.graph.user_code import check_call, explained, is_own, line_at, place_of, title_of

HERE = "test_user_code.py"


def test_an_error_names_function_and_line() -> None:
    def weird(x: float) -> float:
        return x + undefined_name  # noqa: F821

    with pytest.raises(UserCodeError) as caught, explained(weird, "loss"):
        weird(1.0)
    assert isinstance(caught.value.__cause__, NameError)
    assert str(caught.value.where).startswith(f"loss weird ({HERE}:") and "x + undefined_name" in str(
        caught.value.where
    )
    assert caught.value.found == "NameError: name 'undefined_name' is not defined"


def test_the_innermost_line_of_the_user_is_named() -> None:
    def inner(x: float) -> float:
        return x / 0

    def outer(x: float) -> float:
        return inner(x)

    with pytest.raises(UserCodeError, match="ZeroDivisionError") as caught, explained(outer, "loss"):
        outer(1.0)
    assert "loss outer" in str(caught.value.where) and "return x / 0" in str(caught.value.where)


def test_errors_of_this_package_keep_their_kind_and_get_the_line() -> None:
    def mismatched(x: np.ndarray) -> np.ndarray:
        return ops.add(x, np.ones(5))

    with pytest.raises(ShapeMismatch) as caught, explained(mismatched, "metric"):
        mismatched(np.ones(3))
    assert f"metric mismatched ({HERE}:" in str(caught.value) and "ops.add" in str(caught.value)


def test_the_innermost_function_is_blamed_once() -> None:
    def inner() -> None:
        raise KeyError("a")

    def outer() -> None:
        with explained(inner, "metric"):
            inner()

    with pytest.raises(UserCodeError) as caught, explained(outer, "loss"):
        outer()
    assert str(caught.value.where).startswith("metric inner")


def test_functions_of_this_package_are_left_alone() -> None:
    assert is_own(ops.add) and not is_own(test_functions_of_this_package_are_left_alone)
    with pytest.raises(ZeroDivisionError), explained(ops.add, "loss"):
        _ = 1 / 0


def test_calls_that_cannot_work() -> None:
    def single(y_pred: float) -> float:
        return y_pred

    with pytest.raises(BadType) as caught:
        check_call(single, "loss", ("y_true", "y_pred"))
    assert f"loss single ({HERE}:" in str(caught.value)
    assert caught.value.expected == "single(y_true, y_pred)"
    check_call(single, "loss", ("y_pred",))
    check_call(lambda a, b=1, **rest: a, "loss", ("y_true", "y_pred"), {"more": 1})
    check_call(max, "loss", ("y_true", "y_pred"))


def test_long_lines_are_cut() -> None:
    numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]
    line = line_at(__file__, test_long_lines_are_cut.__code__.co_firstlineno + 1)
    assert line.endswith(" …") and "numbers = [1, 2," in line and len(line) < 120 and len(numbers) == 23


def test_names_and_places() -> None:
    assert title_of(lambda x: x) == "lambda" and title_of(max) == "max"
    assert place_of(test_names_and_places).startswith(f"test_names_and_places ({HERE}:")
