"""Fields for typed parameters: a choice, a switch, a number within its bounds, a rate on powers of ten, or plain text.

Nothing here knows any part: kinds, limits and tooltips come from the parameter and the registry's entry. A field is
shown by `widget`, edited through `inputs`, and read by `value`, which raises where a text stands for no value.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Bound, Parameter
from kmagic.base.registry import Entry

LABEL = {"description_width": "130px"}
LETTER = 7.2  # pixels of a letter of a label, about
# Rates that every optimizer has spread over these powers of ten; other small numbers over some around their default.
LOGARITHMIC = {"learning_rate": (-6.0, 1.0), "initial_learning_rate": (-6.0, 1.0)}
SMALL, DECADES = 0.01, 5
NEXT_TO = 1e-9
NONE = ("", "none")


def layout(width: str = "auto") -> widgets.Layout:
    """The layout of one field; one for each, since panels are closed with all they hold."""
    return widgets.Layout(width=width, max_width="100%")


def label_for(names: Iterable[str]) -> dict[str, str]:
    """The style with which the labels of a form stand one under the other, none of them cut."""
    longest = max(map(len, names), default=0)
    return {"description_width": f"{max(130, round(longest * LETTER) + 4)}px"}


class Field:
    """One parameter's field."""

    def __init__(self, parameter: Parameter, widget: Any, *inputs: Any) -> None:
        self.parameter = parameter
        self.widget = widget
        self.inputs = inputs or (widget,)

    @property
    def value(self) -> Any:
        """The parameter's value; BadValue where the text in the field is none."""
        return self.inputs[0].value

    def show(self, value: Any) -> None:
        """Put a value into the field."""
        self.inputs[0].value = value

    def observe(self, changed: Callable[[], object]) -> None:
        """Call `changed` after each edit."""
        for box in self.inputs:
            box.observe(lambda change: changed(), "value")

    @property
    def is_changed(self) -> bool:
        """Whether the value differs from the default."""
        return bool(self.value != self.parameter.default)


class RateField(Field):
    """A number over powers of ten: a slider for its size, a box for its digits; the box holds the value."""

    def __init__(
        self, parameter: Parameter, value: float, powers: tuple[float, float], options: dict[str, Any]
    ) -> None:
        low, high = powers
        # while it is dragged the slider does not ask for a review at each pixel
        self.slider = widgets.FloatLogSlider(
            value=value, base=10, min=low, max=high, step=0.05, readout=False, continuous_update=False,
            **options | {"layout": widgets.Layout(flex="1 1 auto", width="auto")},
        )  # fmt: skip
        self.box = widgets.FloatText(
            value=value,
            step=None,
            tooltip=options["tooltip"],
            layout=widgets.Layout(flex="0 0 auto", width="88px"),
        )
        super().__init__(parameter, widgets.HBox([self.slider, self.box], layout=layout()), self.box)
        self._follows = False
        self.slider.observe(self._slid, "value")
        self.box.observe(self._written, "value")

    def _slid(self, change: dict[str, Any]) -> None:
        if not self._follows:
            self.box.value = float(f"{change['new']:.2g}")

    def _written(self, change: dict[str, Any]) -> None:
        if change["new"] > 0:
            with self._following():
                self.slider.value = min(max(change["new"], 10**self.slider.min), 10**self.slider.max)

    @contextmanager
    def _following(self) -> Iterator[None]:
        self._follows = True
        try:
            yield
        finally:
            self._follows = False

    @property
    def value(self) -> Any:
        """The number in the box; BadValue where it is out of bounds."""
        self.parameter.check(self.box.value)
        return self.box.value


class TextField(Field):
    """Numbers, lists or words as they are written in Python; None where that is the default and nothing is written."""

    @property
    def value(self) -> Any:
        """What the text stands for."""
        text = self.inputs[0].value.strip()
        if self.parameter.default is None and text.lower() in NONE:
            return None
        if isinstance(self.parameter.default, str):
            return text
        value = self._literal(text)
        self.parameter.check(value)
        return value

    def _literal(self, text: str) -> Any:
        if not text:
            raise BadValue(f"{self.parameter.name} is empty", expected=str(self.parameter.bound or "a value"))
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            expected = str(self.parameter.bound or "a number, a list or a word in quotes")
            raise BadValue(f"{self.parameter.name} is {text!r}", expected=expected) from None

    def show(self, value: Any) -> None:
        """Write a value."""
        is_word = isinstance(value, str) and isinstance(self.parameter.default, str)
        self.inputs[0].value = "" if value is None else value if is_word else repr(value)


def field_of(parameter: Parameter, entry: Entry, start: Any = None, label: dict[str, str] = LABEL) -> Field | None:
    """The field that suits a parameter; None for what cannot be written as a plain value (functions, other parts).

    `start` stands in it at first where the parameter has no default; `label` is the style of its label.
    """
    options = {"description": parameter.name, "tooltip": tooltip(parameter, entry), "layout": layout(), "style": label}
    default, bound = start if parameter.required else parameter.default, parameter.bound
    if bound is not None and bound.choices:
        chosen = default if default in bound.choices else bound.choices[0]
        return Field(parameter, widgets.Dropdown(options=list(bound.choices), value=chosen, **options))
    if isinstance(default, bool):
        return Field(parameter, widgets.Checkbox(value=default, indent=True, **options))
    if isinstance(default, int | float) and not _takes_lists(parameter):
        return _number(parameter, default, bound or Bound(), options)
    if not _is_plain(parameter):
        return None
    field = TextField(parameter, widgets.Text(placeholder=_placeholder(parameter), continuous_update=False, **options))
    field.show(default)
    return field


def _number(parameter: Parameter, default: float, bound: Bound, options: dict[str, Any]) -> Field:
    is_small = bound.above == 0 and bound.at_most is None and bound.below is None and 0 < default < SMALL
    if default > 0 and (parameter.name in LOGARITHMIC or is_small):
        size = math.log10(default)
        return RateField(parameter, default, LOGARITHMIC.get(parameter.name, (size - DECADES, 0.0)), options)
    low, high = limits(bound)
    low = min(low, default)  # a default may be nearer to an open end than a user would go
    if bound.whole or (isinstance(default, int) and not bound.above):
        return Field(parameter, widgets.BoundedIntText(value=int(default), min=int(low), max=int(high), **options))
    return Field(parameter, widgets.BoundedFloatText(value=default, min=low, max=high, step=None, **options))


def limits(bound: Bound) -> tuple[float, float]:
    """The closed range that comes nearest to a bound."""
    low = bound.at_least if bound.at_least is not None else None if bound.above is None else bound.above + NEXT_TO
    high = bound.at_most if bound.at_most is not None else None if bound.below is None else bound.below - NEXT_TO
    return (-1e9 if low is None else low), (1e9 if high is None else high)


def _takes_lists(parameter: Parameter) -> bool:
    """Whether a list may stand in the number's place, as for a weight of each class."""
    kinds = [typing.get_origin(kind) or kind for kind in typing.get_args(parameter.annotation)]
    return any(isinstance(kind, type) and issubclass(kind, list | tuple) for kind in kinds)


def _is_plain(parameter: Parameter) -> bool:
    """Whether values can be written as text: parts, functions and whatever is of no known kind cannot."""
    kinds = typing.get_args(parameter.annotation) or (parameter.annotation,)
    if parameter.bound is not None or isinstance(parameter.default, str | tuple | list | int | float):
        return True
    return all(kind not in (Any, inspect.Parameter.empty, None) and _is_data(kind) for kind in kinds)


def _is_data(kind: Any) -> bool:
    plain = getattr(typing.get_origin(kind), "__name__", None) or getattr(kind, "__name__", "")
    return plain in ("int", "float", "str", "bool", "list", "tuple", "Sequence", "Iterable", "NoneType", "Annotated")


def _placeholder(parameter: Parameter) -> str:
    return "none" if parameter.default is None else "needed" if parameter.required else ""


def tooltip(parameter: Parameter, entry: Entry) -> str:
    """What hovering over a field says: its letter in the formula, what is allowed, and the default."""
    letter = letter_of(parameter.name, entry)
    named = f"{parameter.name} ({letter} in the formula)" if letter else parameter.name
    allowed = f"{named}: {parameter.bound}" if parameter.bound else named
    default = "needed" if parameter.required else f"default {parameter.default}"
    return f"{allowed} ({default})\n{entry.summary}" + (f"\n{entry.formula}" if entry.formula else "")


def letter_of(name: str, entry: Entry) -> str | None:
    """The letter that stands for a parameter in the formula, as the part's symbols say."""
    symbols = " ".join((entry.section("Symbols") or "").split())
    found = re.search(rf"(?:^|, |; )([^\s,:;]+): {re.escape(name)}\b", symbols)
    return found.group(1) if found else None
