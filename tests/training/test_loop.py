"""The loop: which events come, in what order, how many steps lie between them, and which rows each step sees."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from kmagic.training import loop
from kmagic.training.events import (
    EpochEnd,
    StepsBegin,
    StepsEnd,
    TrainBegin,
    ValidationEnd,
    ValidationSteps,
    ValidationStepsBegin,
)
from kmagic.training.loop import Fit, fit_events
from kmagic.training.sources import ArraySource
from tests.training.small import counting_pass

Names = list[str]


@dataclass
class Clock:
    """Time that passes only in steps."""

    seconds_of_a_step: float
    now: float = 0.0

    def perf_counter(self) -> float:
        return self.now


def fit(rows: int, batch_size: int, **options: Any) -> Fit:
    source = ArraySource([np.arange(rows)])
    made = {name: options.pop(name, None) for name in ("clock", "order", "steps")}
    settings: dict[str, Any] = {"epochs": 1, "initial_epoch": 0, "validates": lambda epoch: True, **options}
    return Fit(counting_pass(source, batch_size, **made), **settings)


def events_of(training: Fit, stopping: Any = lambda: "") -> list[Any]:
    return list(fit_events(training, stopping))


def names(events: Any) -> Names:
    return [type(event).__name__ for event in events]


def test_events_of_a_training_with_validation() -> None:
    validation = counting_pass(ArraySource([np.arange(3)]), 2)
    found = events_of(fit(5, 2, epochs=2, validation=validation, group=1))
    steps = ["StepsBegin", "StepsEnd"] * 3
    held_out = ["ValidationBegin", *["ValidationStepsBegin", "ValidationSteps"] * 2, "ValidationEnd"]
    epoch = ["EpochBegin", *steps, *held_out, "EpochEnd"]
    assert names(found) == ["TrainBegin", *epoch, *epoch]
    begin = found[0]
    assert isinstance(begin, TrainBegin) and (begin.epochs, begin.steps) == (2, 3)
    assert [(e.epoch, e.step) for e in found if isinstance(e, StepsBegin)] == [(n, s) for n in (0, 1) for s in range(3)]
    assert [(e.step, e.steps) for e in found if isinstance(e, StepsEnd)] == [(1, 3), (2, 3), (3, 3)] * 2
    assert [(e.epoch, e.step) for e in found if isinstance(e, ValidationStepsBegin)] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [(e.step, e.steps) for e in found if isinstance(e, ValidationSteps)] == [(1, 2), (2, 2)] * 2
    assert [set(e.logs) for e in found if isinstance(e, ValidationEnd)] == [{"loss"}] * 2
    assert [set(e.logs) for e in found if isinstance(e, EpochEnd)] == [{"loss", "val_loss"}] * 2


def test_each_row_is_seen_once_an_epoch_and_the_last_batch_may_be_smaller() -> None:
    training = fit(7, 3, epochs=2, order=lambda epoch: np.roll(np.arange(7), epoch))
    events_of(training)
    assert training.train.steps.batches == [[0, 1, 2], [3, 4, 5], [6], [6, 0, 1], [2, 3, 4], [5]]


def test_quick_steps_are_grouped_and_slow_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # 10 ms hold 81 steps of 1/8192 s
    for seconds, groups in ((2**-13, [1, 4, 16, 64, 81, 34]), (2**-6, [1] * 200)):
        clock = Clock(seconds)
        monkeypatch.setattr(loop.time, "perf_counter", clock.perf_counter)
        ends = [e.step for e in events_of(fit(200, 1, clock=clock)) if isinstance(e, StepsEnd)]
        assert np.diff([0, *ends]).tolist() == groups


def test_asking_for_every_batch_gives_one_event_each(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(1e-6)
    monkeypatch.setattr(loop.time, "perf_counter", clock.perf_counter)
    found = events_of(fit(20, 1, clock=clock, group=1))
    assert [e.step for e in found if isinstance(e, StepsEnd)] == list(range(1, 21))


def test_stopping_ends_at_a_step_edge_and_an_epoch_cut_short_is_not_reported() -> None:
    training = fit(8, 2, epochs=5, group=1)
    found = events_of(training, lambda: "asked" if len(training.train.steps.batches) >= 2 else "")
    assert len(training.train.steps.batches) == 2
    # a part of an epoch would make the lists of history unequally long: loss without val_loss
    assert names(found)[-1] == "StepsEnd" and "EpochEnd" not in names(found)


@pytest.mark.parametrize(("reason", "validated"), [("callback", True), ("asked", False), ("interrupt", False)])
def test_a_users_stop_skips_validation_and_a_callbacks_does_not(reason: str, validated: bool) -> None:
    validation = counting_pass(ArraySource([np.arange(3)]), 2)
    training = fit(4, 2, epochs=3, validation=validation)
    found = events_of(training, lambda: reason if len(training.train.steps.batches) == 2 else "")
    assert ("ValidationEnd" in names(found)) is validated
    assert ("EpochEnd" in names(found)) is validated


@pytest.mark.parametrize(("reason", "steps"), [("callback", 4), ("asked", 2), ("interrupt", 2)])
def test_a_user_stops_within_validation_and_a_callback_does_not(reason: str, steps: int) -> None:
    validation = counting_pass(ArraySource([np.arange(8)]), 2)
    training = fit(4, 2, epochs=3, validation=validation, group=1)
    held_out: Any = validation.steps
    found = events_of(training, lambda: reason if len(held_out.batches) >= 2 else "")
    assert len(held_out.batches) == steps
    whole = reason == "callback"
    assert ("ValidationEnd" in names(found), "EpochEnd" in names(found)) == (whole, whole)
    assert whole or names(found)[-1] == "ValidationSteps"


def test_a_stop_after_the_last_validation_step_leaves_the_epoch_whole() -> None:
    validation = counting_pass(ArraySource([np.arange(4)]), 2)
    training = fit(4, 2, epochs=3, validation=validation, group=1)
    held_out: Any = validation.steps
    found = events_of(training, lambda: "asked" if len(held_out.batches) == 2 else "")
    assert names(found)[-2:] == ["ValidationEnd", "EpochEnd"]


def test_an_epoch_without_a_step_is_not_reported() -> None:
    assert names(events_of(fit(4, 2, epochs=3), lambda: "callback")) == ["TrainBegin", "EpochBegin"]


def test_epochs_are_counted_from_the_initial_one() -> None:
    found = events_of(fit(2, 1, epochs=5, initial_epoch=3))
    assert [e.epoch for e in found if isinstance(e, EpochEnd)] == [3, 4]
    assert names(events_of(fit(2, 1, epochs=2, initial_epoch=2))) == ["TrainBegin"]


def test_a_bad_step_raises_and_names_its_place() -> None:
    training = fit(6, 2, epochs=1)
    training.train.steps.step = lambda rows: lambda: 1
    training.train.explain = lambda rows, where: ArithmeticError(f"{rows} rows, {where}")
    with pytest.raises(ArithmeticError, match="2 rows, epoch 1, step 1"):
        events_of(training)
