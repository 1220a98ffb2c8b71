"""Typed parameters: a bound in the signature is the check and its message."""

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.base.errors import BadType, BadValue
from kmagic.base.parameters import (
    Bound,
    Count,
    Fraction,
    NonNegative,
    Number,
    Positive,
    Rate,
    Whole,
    check,
    parameters_of,
)


def example(
    first,
    rate: Rate = 0.5,
    delta: Positive = 1.0,
    count: Count | None = None,
    mode: Literal["sum", "mean"] = "sum",
    either: float | str = 1.0,
    *,
    seed: Whole | None = None,
    **rest: object,
):
    """A function with one parameter of each kind."""


PARAMETERS = {parameter.name: parameter for parameter in parameters_of(example)}


def test_parameters_are_read_off_the_signature() -> None:
    assert list(PARAMETERS) == ["first", "rate", "delta", "count", "mode", "either", "seed"]
    assert [name for name, parameter in PARAMETERS.items() if parameter.required] == ["first"]
    assert [name for name, parameter in PARAMETERS.items() if parameter.optional] == ["count", "seed"]
    assert {name: str(parameter.bound) for name, parameter in PARAMETERS.items() if parameter.bound} == {
        "rate": "a number >= 0 and < 1",
        "delta": "a number > 0",
        "count": "a whole number >= 1",
        "mode": "one of 'sum', 'mean'",
        "seed": "a whole number",
    }


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("rate", 1.0, "rate is 1.0\nexpected: a number >= 0 and < 1"),
        ("rate", -0.1, "rate is -0.1\nexpected: a number >= 0 and < 1"),
        ("delta", 0, "delta is 0\nexpected: a number > 0"),
        ("delta", math.nan, "delta is nan\nexpected: a number > 0"),
        ("count", 0, "count is 0\nexpected: a whole number >= 1"),
        ("count", 2.5, "count is 2.5\nexpected: a whole number >= 1"),
        ("mode", "men", "mode is 'men'\nexpected: one of 'sum', 'mean'\nfix: mode='mean'"),
        ("mode", "xyz", "mode is 'xyz'\nexpected: one of 'sum', 'mean'"),
    ],
)
def test_a_value_outside_its_bound(name: str, value: object, text: str) -> None:
    with pytest.raises(BadValue) as caught:
        PARAMETERS[name].check(value, "example")
    assert str(caught.value) == f"example: {text}"


@pytest.mark.parametrize("value", ["0.5", True, [0.5], 1j])
def test_a_value_of_the_wrong_kind(value: object) -> None:
    with pytest.raises(BadType, match="rate is "):
        PARAMETERS["rate"].check(value)


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_infinity_is_no_whole_number(value: float) -> None:
    with pytest.raises(BadValue, match="count is (inf|nan)"):
        PARAMETERS["count"].check(value)


def test_values_within_pass() -> None:
    for name, value in [("rate", 0), ("rate", np.float32(0.25)), ("count", np.int64(3)), ("count", 4.0), ("seed", -1)]:
        PARAMETERS[name].check(value)
    PARAMETERS["count"].check(None)
    PARAMETERS["mode"].check("mean")
    PARAMETERS["either"].check(object())
    PARAMETERS["first"].check(object())


def test_none_needs_an_annotation_or_a_default_that_says_so() -> None:
    with pytest.raises(BadType, match="rate is None"):
        PARAMETERS["rate"].check(None)


def test_only_given_values_are_checked() -> None:
    check(parameters_of(example), {"delta": 2.0, "unknown": -1})
    with pytest.raises(BadValue, match="where: delta is -1"):
        check(parameters_of(example), {"rate": 0.1, "delta": -1}, "where")


def test_a_class_has_the_parameters_of_its_constructor() -> None:
    class Base:
        def __init__(self, rate: Rate = 0.1) -> None: ...

    class Other(Base):
        def __init__(self, delta: Positive, rate: Rate = 0.2) -> None: ...

    assert [(p.name, str(p.bound)) for p in parameters_of(Other)] == [
        ("delta", "a number > 0"),
        ("rate", "a number >= 0 and < 1"),
    ]


NAMED = {Positive: "x > 0", NonNegative: "x >= 0", Fraction: "0 <= x <= 1", Rate: "0 <= x < 1", Number: "x == x"}


@given(st.floats(allow_nan=True))
def test_named_bounds_hold_what_they_say(x: float) -> None:
    for annotated, rule in NAMED.items():
        (bound,) = annotated.__metadata__
        assert isinstance(bound, Bound)
        assert bound.holds(x) is bool(eval(rule, {"x": x}))


@pytest.mark.parametrize(
    ("bound", "value", "fix"),
    [
        (Rate, 50, "rate=0.5"),
        (Fraction, 90.0, "rate=0.9"),
        (Fraction, 100, "rate=1"),
        (Rate, 100, None),
        (Rate, 2, None),
        (Rate, -20, None),
        (Fraction, 101, None),
        (Positive, -50, None),
    ],
)
def test_a_percentage_in_place_of_a_share_is_named(bound, value, fix) -> None:
    with pytest.raises(BadValue) as caught:
        bound.__metadata__[0].check(value, name="rate")
    assert caught.value.fix == fix
