"""The learning rate: one number, or a schedule with its form and a picture of its curve."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from kmagic import optimizers
from kmagic.base.parameters import Parameter, Positive, parameters_of
from kmagic.base.registry import Entry
from kmagic.models.recipe import written
from kmagic.notebook.panels import schedule_picture
from kmagic.notebook.panels.compile.part_list import OWN, explained
from kmagic.notebook.panels.disclosure import Disclosure
from kmagic.notebook.panels.fields import LABEL, RateField, field_of, layout
from kmagic.notebook.panels.form import Form

CONSTANT = "constant"


def starts(rate: float, steps: int) -> dict[str, Any]:
    """First values for what schedules need: they start at the rate that was chosen and last for the training."""
    return {
        "initial_learning_rate": rate,
        "decay_steps": steps,
        "first_decay_steps": max(steps // 7, 1),
        "decay_rate": 0.5,
        "boundaries": [max(steps // 2, 1), max(steps * 3 // 4, 2)],
        "values": [rate, rate / 10, rate / 100],
    }


class RateChoice:
    """A number or a schedule; `changed` is called when it changes, `steps` is how long a training is taken to be."""

    def __init__(self, changed: Callable[[], object], steps: int = 1000) -> None:
        self.changed = changed
        self.steps = steps
        self.registry = optimizers.schedules.registry
        self.default = 0.001
        self._own: Any = None
        self._forms: dict[str, Form] = {}
        self._is_quiet = False
        self.number = _number()
        self.number.observe(self._edited)
        self.kind = widgets.Dropdown(
            options=self._options(), description="Schedule", tooltip="How the rate changes from step to step",
            layout=layout(), style=LABEL,
        )  # fmt: skip
        self.kind.observe(self._chosen, "value")
        self.image = widgets.Image(format="png", layout=widgets.Layout(width="380px", max_width="100%"))
        self.caption, self.explanation = widgets.HTML(), widgets.HTMLMath()
        self.formula = Disclosure("Formula", [self.explanation])
        self.fields = widgets.VBox()
        self.box = widgets.VBox([self.number.widget, self.kind, self.fields])

    # ---- what is chosen ----

    @property
    def value(self) -> Any:
        """The number, or the schedule; BadValue where a field cannot be read."""
        if self.kind.value == CONSTANT:
            return self.number.value
        return self._own if self.kind.value == OWN else self._form.part()

    @property
    def is_default(self) -> bool:
        """Whether it is the number that the optimizer takes anyway."""
        return bool(self.kind.value == CONSTANT and self.number.value == self.default)

    @property
    def _form(self) -> Form:
        name = self.kind.value
        if name not in self._forms:
            rate = self.number.inputs[0].value
            self._forms[name] = Form(self.registry.find(name), self._edited, start=starts(rate, self.steps))
        return self._forms[name]

    def show(self, value: Any) -> None:
        """Put a rate into the fields."""
        entry = self.registry.entry_of(value) if callable(value) else None
        self._is_quiet = True
        try:
            self._own = value if callable(value) and entry is None else None
            self.kind.options = self._options()
            self.kind.value = entry.name if entry else OWN if self._own is not None else CONSTANT
            if entry is not None:
                self._form.show(value.arguments)
            elif self._own is None:
                self.number.show(value)
        finally:
            self._is_quiet = False
        self._follow()

    def adopt(self, default: float) -> None:
        """Another optimizer: its own rate takes the place of the one before, unless the user has chosen one."""
        if self.is_default:
            self._is_quiet = True
            self.number.show(default)
            self._is_quiet = False
        self.default = default

    # ---- following ----

    def _options(self) -> list[tuple[str, str]]:
        own = [(f"{_name_of(self._own)} ({OWN})", OWN)] if self._own is not None else []
        return [(CONSTANT, CONSTANT), *own, *((name, name) for name in self.registry.names())]

    def _chosen(self, change: Mapping[str, Any]) -> None:
        if not self._is_quiet:
            self._follow()
            self.changed()

    def _edited(self) -> None:
        if not self._is_quiet:
            self._draw()
            self.changed()

    def _follow(self) -> None:
        is_schedule = self.kind.value not in (CONSTANT, OWN)
        self.number.widget.layout.display = "" if self.kind.value == CONSTANT else "none"
        if is_schedule:
            self.explanation.value = explained(self._form.entry)
            self.formula.rename(f"Formula of {self.kind.value}")
        fields = [field.widget for field in self._form.fields.values()] if is_schedule else []
        drawn = [self.image, self.caption] if self.kind.value != CONSTANT else []
        self.fields.children = [*fields, *drawn, *([self.formula.box] if is_schedule else [])]
        self._draw()

    def _draw(self) -> None:
        """The picture of a schedule; a function without arguments has none."""
        if self.kind.value == CONSTANT:
            return
        try:
            schedule = self.value
            self.image.value = schedule_picture.draw(schedule, self.steps)
            said = f"learning rate {schedule_picture.described(schedule, self.steps)}"
        except Exception:  # a field that cannot be read yet, or a schedule that the user's own code cannot give
            self.image.value, said = b"", "no picture"
        self.caption.value = f'<span class="kmagic-small kmagic-caption">{html.escape(said)}</span>'


def _number() -> RateField:
    """The field for a constant rate."""

    def constant(learning_rate: Positive = 0.001) -> None:
        """The size of the steps that training takes."""

    (parameter,) = parameters_of(constant)
    field = field_of(parameter, Entry(CONSTANT, constant))
    assert isinstance(field, RateField)
    field.slider.description = "Learning rate"
    return field


def rate_parameter(entry: Entry) -> Parameter | None:
    """The learning rate among a part's parameters."""
    return next((parameter for parameter in entry.parameters if parameter.name == "learning_rate"), None)


def _name_of(value: Any) -> str:
    return written(value)
