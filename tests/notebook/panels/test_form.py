"""Fields made from typed parameters."""

from typing import Any, Literal

import ipywidgets
import pytest

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Count, Fraction, Positive, Rate
from kmagic.base.registry import Entry
from kmagic.notebook.kinds import offered
from kmagic.notebook.panels.fields import limits
from kmagic.notebook.panels.form import Form
from kmagic.optimizers import registry as optimizers
from kmagic.optimizers.schedules import registry as schedules


def made(
    learning_rate: Positive = 0.01,
    momentum: Rate = 0.0,
    share: Fraction = 0.5,
    patience: Count = 3,
    nesterov: bool = False,
    mode: Literal["min", "max"] = "min",
    clipnorm: Positive | None = None,
    monitor: str = "loss",
    reduction: str = "sum",
    name: str = "made",
    function: Any = print,
) -> dict[str, Any]:
    """A part with all sorts of parameters."""
    return locals()


@pytest.fixture
def form() -> Form:
    return Form(Entry("made", made), lambda: None)


def test_each_kind_of_parameter_has_its_field(form: Form) -> None:
    kinds = {name: type(field.inputs[0]) for name, field in form.fields.items()}
    assert kinds == {
        "learning_rate": ipywidgets.FloatText,
        "momentum": ipywidgets.BoundedFloatText,
        "share": ipywidgets.BoundedFloatText,
        "patience": ipywidgets.BoundedIntText,
        "nesterov": ipywidgets.Checkbox,
        "mode": ipywidgets.Dropdown,
        "clipnorm": ipywidgets.Text,
        "monitor": ipywidgets.Text,
    }


def test_bounds_are_limits(form: Form) -> None:
    share, patience = form.fields["share"].widget, form.fields["patience"].widget
    assert (share.min, share.max, patience.min) == (0, 1, 1)
    bounds = {parameter.name: parameter.bound for parameter in form.entry.parameters}
    low, high = limits(bounds["momentum"])
    assert low == 0 and bounds["momentum"].holds(high) and high > 0.99
    assert bounds["learning_rate"].holds(limits(bounds["learning_rate"])[0])


def test_only_changes_are_given(form: Form) -> None:
    assert form.changes() == {}
    assert form.part() == "made"


def test_a_part_can_be_shown_as_it_is() -> None:
    told: list[int] = []
    values = {"momentum": 0.5, "clipnorm": 2.0, "nesterov": True, "unknown": 3}
    form = Form(Entry("made", made), lambda: told.append(1), values)
    assert told == []
    assert form.changes() == {"momentum": 0.5, "clipnorm": 2.0, "nesterov": True}
    assert form.part()["momentum"] == 0.5


def test_what_no_field_shows_is_kept(form: Form) -> None:
    form.show({"function": len, "reduction": "none", "share": [0.1, 0.2], "momentum": 0.5})
    assert form.part() == made(function=len, reduction="none", share=[0.1, 0.2], momentum=0.5)  # type: ignore[arg-type]
    form.show({})
    assert form.part() == "made"


def test_what_a_part_needs_starts_with_a_value_and_is_always_given() -> None:
    schedule = schedules.find("polynomial_decay")
    form = Form(schedule, lambda: None, start={"initial_learning_rate": 0.5, "decay_steps": 20, "alpha": 7})
    assert repr(form.part()) == "PolynomialDecay(initial_learning_rate=0.5, decay_steps=20)"
    empty = Form(schedule, lambda: None)
    with pytest.raises(BadValue, match="is empty"):
        empty.part()


def test_what_is_shown_elsewhere_has_no_field() -> None:
    form = Form(Entry("made", made), lambda: None, {"momentum": 0.5}, without=frozenset({"momentum"}))
    assert "momentum" not in form.fields and form.part() == "made"
    assert form.part(momentum=0.25)["momentum"] == 0.25


def test_a_field_that_cannot_be_read_says_so(form: Form) -> None:
    form.fields["clipnorm"].widget.value = "much"
    with pytest.raises(BadValue, match="clipnorm is 'much'"):
        form.part()
    form.fields["clipnorm"].widget.value = "-1"
    with pytest.raises(BadValue, match="clipnorm is -1"):
        form.part()
    form.fields["clipnorm"].widget.value = " none "
    assert form.changes() == {}


def test_changes_are_told() -> None:
    told: list[int] = []
    form = Form(Entry("made", made), lambda: told.append(1))
    form.fields["momentum"].widget.value = 0.9
    assert told == [1]


def test_tooltips_say_what_is_allowed(form: Form) -> None:
    tooltip = form.fields["momentum"].widget.tooltip
    assert tooltip.startswith("momentum: a number >= 0 and < 1 (default 0.0)\nA part with all sorts of parameters.")


@pytest.mark.parametrize("name", [entry.name for entry in offered(optimizers)])
def test_every_optimizer_has_a_form(name: str) -> None:
    form = Form(optimizers.find(name), lambda: None)
    assert "learning_rate" in form.fields
    assert form.part() == name
