"""Single fields: rates on powers of ten, text, tooltips and labels."""

import pytest

from kmagic.base.errors import BadValue
from kmagic.notebook.panels.fields import RateField, field_of, label_for, letter_of
from kmagic.optimizers import registry as optimizers
from kmagic.optimizers.schedules import registry as schedules


@pytest.fixture
def rate() -> RateField:
    return parameter("learning_rate")  # type: ignore[return-value]


def parameter(name: str, optimizer: str = "adam") -> object:
    entry = optimizers.find(optimizer)
    return field_of(next(p for p in entry.parameters if p.name == name), entry)


def test_a_slider_writes_two_digits_and_a_box_all(rate: RateField) -> None:
    rate.slider.value = 0.0031622
    assert rate.value == 0.0032
    rate.box.value = 0.00123
    assert rate.value == 0.00123
    assert rate.slider.value == pytest.approx(0.00123)


def test_a_rate_beyond_the_slider_is_kept(rate: RateField) -> None:
    rate.box.value = 250.0
    assert rate.value == 250.0 and rate.slider.value == pytest.approx(10.0)
    rate.box.value = 0.0
    assert rate.slider.value == pytest.approx(10.0)


def test_small_positive_numbers_slide_too() -> None:
    epsilon = parameter("epsilon")
    assert isinstance(epsilon, RateField)
    epsilon.box.value = -1.0
    with pytest.raises(BadValue, match="epsilon is -1.0"):
        _ = epsilon.value


def test_lists_are_written_as_in_python() -> None:
    entry = schedules.find("piecewise_constant_decay")
    field = field_of(entry.parameters[0], entry, [10, 20])
    assert field is not None and field.value == [10, 20]
    field.inputs[0].value = "[5, 6"
    with pytest.raises(BadValue, match="boundaries is"):
        _ = field.value


def test_the_letter_of_a_parameter_is_in_its_tooltip() -> None:
    entry = optimizers.find("adam")
    assert letter_of("beta_1", entry) == "β₁"
    assert letter_of("amsgrad", entry) is None
    tooltip = parameter("beta_1").widget.tooltip  # type: ignore[attr-defined]
    assert tooltip.startswith("beta_1 (β₁ in the formula): a number >= 0 and < 1")


def test_labels_are_as_wide_as_the_longest() -> None:
    assert label_for(["axis"]) == {"description_width": "130px"}
    assert label_for(["l2_shrinkage_regularization_strength"]) == {"description_width": "263px"}
