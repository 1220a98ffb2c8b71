"""Typed parameters: bounds written once, in the signature.

`delta: Positive = 1.0` is read by everyone who needs it: the range check (here), the panel's field, completion, the
printed reference, and the laws that draw values.

>>> def huber(delta: Positive = 1.0): ...
>>> (delta,) = parameters_of(huber)
>>> str(delta.bound)
'a number > 0'
"""

from __future__ import annotations

import functools
import inspect
import numbers
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from kmagic.base.errors import BadType, BadValue, closest

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Bound:
    """What values a parameter may take: a range of numbers, or a set of choices."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    whole: bool = False
    choices: tuple[object, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return "one of " + ", ".join(map(repr, self.choices))
        limits = ((">=", self.at_least), (">", self.above), ("<=", self.at_most), ("<", self.below))
        ranges = " and ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)
        return f"a {'whole ' if self.whole else ''}number {ranges}".rstrip()

    def holds(self, value: float) -> bool:
        """Whether a number lies in the range (NaN never does)."""
        return (
            value == value
            and (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )

    def check(self, value: object, *, name: str, where: str | None = None) -> None:
        """Raise BadType or BadValue unless `value` is allowed."""
        if self.choices:
            if value not in self.choices:
                close = closest(str(value), [str(choice) for choice in self.choices])
                fix = f"{name}={close[0]!r}" if close else None
                raise BadValue(f"{name} is {value!r}", where=where, expected=str(self), fix=fix)
            return
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise BadType(f"{name} is {value!r}", where=where, expected=str(self))
        number = float(value)
        if not self.holds(number) or (self.whole and not number.is_integer()):
            raise BadValue(f"{name} is {value!r}", where=where, expected=str(self), fix=self._share(name, number))

    def _share(self, name: str, value: float) -> str | None:
        """What was probably meant by a percentage where a share is wanted.

        >>> Bound(at_least=0, below=1).check(50, name="rate", where="Dropout")
        Traceback (most recent call last):
            ...
        kmagic.base.errors.BadValue: Dropout: rate is 50
        expected: a number >= 0 and < 1
        fix: rate=0.5
        """
        is_share = self.at_least == 0 and 1 in (self.at_most, self.below) and not self.whole
        share = value / 100
        return f"{name}={share:g}" if is_share and 10 <= value <= 100 and self.holds(share) else None


Positive = Annotated[float, Bound(above=0)]
NonNegative = Annotated[float, Bound(at_least=0)]
Fraction = Annotated[float, Bound(at_least=0, at_most=1)]
Rate = Annotated[float, Bound(at_least=0, below=1)]
Number = Annotated[float, Bound()]
Whole = Annotated[int, Bound(whole=True)]
Count = Annotated[int, Bound(at_least=1, whole=True)]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a part: its name, default, annotation and bound."""

    name: str
    default: object
    annotation: object
    bound: Bound | None
    optional: bool

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is REQUIRED

    def check(self, value: object, where: str | None = None) -> None:
        """Raise unless `value` is within the bound; None passes where the annotation says so."""
        if self.bound is None or (value is None and (self.optional or self.default is None)):
            return
        self.bound.check(value, name=self.name, where=where)


@cache
def parameters_of(target: Any) -> tuple[Parameter, ...]:
    """The named parameters of a function, or of a class's constructor, in order."""
    hints = _class_hints(target) if isinstance(target, type) else _hints(target)
    return tuple(
        _parameter(parameter, hints.get(parameter.name))
        for parameter in inspect.signature(target).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) and parameter.name != "self"
    )


def _class_hints(cls: type) -> dict[str, Any]:
    """Annotations of the constructors of a class and its bases, the nearest last."""
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if "__init__" in vars(base) and base is not object:
            hints |= _hints(vars(base)["__init__"])
    return hints


def _hints(call: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(inspect.unwrap(call), include_extras=True)
    except (NameError, TypeError):  # a user's own annotation may name what exists only while type checking
        return {}


def _parameter(parameter: inspect.Parameter, hint: object) -> Parameter:
    members = typing.get_args(hint) if _is_union(hint) else (hint,)
    bounds = [bound for member in members if (bound := _bound(member))]
    # a union with a second kind (`float | LearningRateSchedule`) leaves the check to the part itself
    plain = [member for member in members if member is not type(None)]
    return Parameter(
        name=parameter.name,
        default=parameter.default,
        annotation=hint,
        bound=bounds[0] if len(plain) == 1 and bounds else None,
        optional=type(None) in members,
    )


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) is typing.Union or type(hint).__name__ == "UnionType"


def _bound(hint: object) -> Bound | None:
    if typing.get_origin(hint) is Literal:
        return Bound(choices=typing.get_args(hint))
    for extra in typing.get_args(hint)[1:] if typing.get_origin(hint) is Annotated else ():
        if isinstance(extra, Bound):
            return extra
    return None


def check(parameters: tuple[Parameter, ...], values: Mapping[str, object], where: str | None = None) -> None:
    """Check each given value against its parameter's bound."""
    for parameter in parameters:
        if parameter.name in values:
            parameter.check(values[parameter.name], where)


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, refusing options that are outside of their bounds; itself where it has none."""
    limited = tuple(parameter for parameter in parameters_of(function) if parameter.bound)
    if not limited:
        return function
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check(limited, signature.bind(*args, **kwargs).arguments, function.__name__)
        return function(*args, **kwargs)

    return checked
