"""Fields for the typed parameters of a part: bounds become limits, rates log sliders, docstrings tooltips.

Nothing here knows any part: everything is read from the registry's entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Bound, Parameter
from kmagic.base.registry import Entry

# Parameters that spread over powers of ten.
LOGARITHMIC = {"learning_rate": (-6.0, 1.0)}
# A display name, and how numbers are summed over a batch: no choices for a form.
LEFT_OUT = {"name", "dtype", "reduction"}
NEXT_TO = 1e-9
FIELD = widgets.Layout(width="380px")
LABEL = {"description_width": "120px"}


class Field:
    """One parameter's widget; `value` is what the part is made with."""

    def __init__(self, parameter: Parameter, widget: Any, read: Callable[[Any], Any] = lambda value: value) -> None:
        self.parameter = parameter
        self.widget = widget
        self._read = read

    @property
    def value(self) -> Any:
        """The parameter's value; BadValue where the text in the field is none."""
        return self._read(self.widget.value)

    @property
    def is_changed(self) -> bool:
        """Whether the value differs from the default."""
        return bool(self.value != self.parameter.default)


class Form:
    """The fields of one part's parameters; `changed` is called when the user changes one."""

    def __init__(self, entry: Entry, changed: Callable[[], object], values: Mapping[str, Any] | None = None) -> None:
        self.entry = entry
        made = (field_of(parameter, entry) for parameter in entry.parameters if parameter.name not in LEFT_OUT)
        self.fields = {field.parameter.name: field for field in made if field is not None}
        self._set(values or {})
        for field in self.fields.values():
            field.widget.observe(lambda change: changed(), "value")
        self.box = widgets.VBox([field.widget for field in self.fields.values()])

    def changes(self) -> dict[str, Any]:
        """The values that differ from the defaults."""
        return {name: field.value for name, field in self.fields.items() if field.is_changed}

    def part(self) -> Any:
        """The part by name if nothing was changed, else made with the changed values."""
        changes = self.changes()
        return self.entry.target(**changes) if changes else self.entry.name

    def _set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name in self.fields and isinstance(value, bool | int | float | str):
                widget = self.fields[name].widget
                widget.value = str(value) if isinstance(widget, widgets.Text) else value


def field_of(parameter: Parameter, entry: Entry) -> Field | None:
    """The field that suits a parameter; None for what has no plain value (functions, arrays)."""
    options = {"description": parameter.name, "tooltip": tooltip(parameter, entry), "layout": FIELD, "style": LABEL}
    default, bound = parameter.default, parameter.bound
    if bound is not None and bound.choices:
        return Field(parameter, widgets.Dropdown(options=list(bound.choices), value=default, **options))
    if isinstance(default, bool):
        return Field(parameter, widgets.Checkbox(value=default, indent=True, **options))
    if isinstance(default, int | float):
        return Field(parameter, _number(parameter, default, bound or Bound(), options))
    if default is None and bound is not None:
        return Field(parameter, widgets.Text(placeholder="none", **options), _optional(parameter))
    if isinstance(default, str):
        return Field(parameter, widgets.Text(value=default, **options))
    return None


def _number(parameter: Parameter, default: float, bound: Bound, options: dict[str, Any]) -> Any:
    if parameter.name in LOGARITHMIC and default > 0:
        low, high = LOGARITHMIC[parameter.name]
        # while it is dragged the slider does not ask for a review at each pixel
        return widgets.FloatLogSlider(
            value=default,
            base=10,
            min=low,
            max=high,
            step=0.1,
            readout_format=".2e",
            continuous_update=False,
            **options,
        )
    low, high = limits(bound)
    low = min(low, default)  # a default may be nearer to an open end than a user would go
    if bound.whole or (isinstance(default, int) and not bound.above):
        return widgets.BoundedIntText(value=int(default), min=int(low), max=int(high), **options)
    return widgets.BoundedFloatText(value=default, min=low, max=high, step=None, **options)


def limits(bound: Bound) -> tuple[float, float]:
    """The closed range that comes nearest to a bound."""
    low = bound.at_least if bound.at_least is not None else None if bound.above is None else bound.above + NEXT_TO
    high = bound.at_most if bound.at_most is not None else None if bound.below is None else bound.below - NEXT_TO
    return (-1e9 if low is None else low), (1e9 if high is None else high)


def _optional(parameter: Parameter) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if text.strip().lower() in ("", "none"):
            return None
        try:
            value = float(text)
        except ValueError:
            raise BadValue(f"{parameter.name} is {text!r}", expected=f"{parameter.bound}, or nothing") from None
        parameter.check(value)
        return value

    return read


def tooltip(parameter: Parameter, entry: Entry) -> str:
    """What hovering over a field says: what is allowed, the default, and what the part does."""
    allowed = f"{parameter.name}: {parameter.bound}" if parameter.bound else parameter.name
    return f"{allowed} (default {parameter.default})\n{entry.summary}" + (f"\n{entry.formula}" if entry.formula else "")
