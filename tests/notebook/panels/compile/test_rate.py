"""The learning rate: a number or a schedule."""

import pytest

from kmagic.notebook.panels.compile.rate import CONSTANT, RateChoice
from kmagic.optimizers import schedules
from kmagic.optimizers.schedules import registry


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def rate(told: list[int]) -> RateChoice:
    return RateChoice(lambda: told.append(1), steps=200)


@pytest.mark.parametrize("name", registry.names())
def test_every_schedule_starts_with_values_that_work(rate: RateChoice, told: list[int], name: str) -> None:
    rate.number.show(0.01)
    told.clear()
    rate.kind.value = name
    assert told == [1]
    assert type(rate.value) is registry.find(name).target
    assert float(rate.value(0)) == pytest.approx(0.01)
    assert bytes(rate.image.value).startswith(b"\x89PNG")
    assert "learning rate from 0.01 to" in rate.caption.value


def test_a_constant_is_a_number(rate: RateChoice) -> None:
    assert rate.value == 0.001 and rate.is_default
    rate.kind.value = "cosine_decay"
    assert not rate.is_default
    rate.kind.value = CONSTANT
    assert rate.value == 0.001 and rate.fields.children == ()


def test_an_edit_draws_anew(rate: RateChoice, told: list[int]) -> None:
    rate.show(schedules.ExponentialDecay(0.1, 10, 0.5))
    assert told == []
    before = bytes(rate.image.value)
    rate.fields.children[1].value = 40
    assert rate.value.decay_steps == 40 and bytes(rate.image.value) != before
    assert told == [1]


def test_a_field_that_cannot_be_read_leaves_no_picture(rate: RateChoice) -> None:
    rate.kind.value = "piecewise_constant_decay"
    rate.fields.children[0].value = "[1,"
    assert bytes(rate.image.value) == b"" and "no picture" in rate.caption.value


def test_a_function_of_the_users_own_is_kept(rate: RateChoice) -> None:
    def half() -> float:
        return 0.5

    rate.show(half)
    assert rate.value is half
    assert rate.kind.label == "half (your own)"


def test_another_optimizer_brings_its_own_rate_unless_one_was_chosen(rate: RateChoice) -> None:
    rate.adopt(0.01)
    assert rate.value == 0.01
    rate.number.show(0.5)
    rate.adopt(0.001)
    assert rate.value == 0.5
