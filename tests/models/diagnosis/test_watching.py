"""How the watch works: when it looks, how it goes back, what it tells and keeps."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import NotFinite
from kmagic.callbacks import LambdaCallback
from kmagic.layers import Dense, Layer
from kmagic.models import Model
from kmagic.models.diagnosis import Case, DiagnosisWarning, remedies
from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.rows import rows_of
from kmagic.optimizers import SGD
from kmagic.training.events import EpochBegin, EpochEnd, Event, Noticed, StepsEnd, TrainBegin, TrainEnd
from tests.models.diagnosis.test_symptoms import (
    dead_layer,
    linear_model_at_a_high_rate,
    relu_and_plain_descent_at_a_high_rate,
)
from tests.models.diagnosis.trainings import codes, finding_of, regression, sequential, watched


@pytest.fixture(autouse=True)
def same_weights() -> None:
    kmagic.utils.set_random_seed(1)


def test_an_exploding_run_goes_back_and_stops() -> None:
    model, data, options = linear_model_at_a_high_rate()
    start = [weight.copy() for weight in model.get_weights()]
    heard: list[Event] = []
    run = watched(model, data, listeners=[heard.append], **options)
    assert (run.status, run.reason, run.error) == ("stopped", "the loss explodes", None)
    for before, after in zip(start, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert int(model.optimizer.iterations) == 0  # the optimizer goes back too
    noticed = [event.finding for event in heard if isinstance(event, Noticed)]
    assert [finding.code for finding in noticed] == ["K123"] and isinstance(heard[-1], TrainEnd)
    step = heard.index(next(event for event in heard if isinstance(event, Noticed)))
    assert not any(isinstance(event, StepsEnd) for event in heard[step + 1 :])
    model.optimizer.learning_rate = 0.05
    losses = watched(model, data, epochs=10).history.history["loss"]
    assert losses[-1] < losses[0]


def test_the_way_back_leads_to_the_last_calm_step() -> None:
    """A training that goes well until its learning rate is raised keeps what it had learned."""
    x, y = regression()
    model = sequential(6, Dense(1), optimizer=SGD(0.05))
    raises = LambdaCallback(on_epoch_begin=lambda epoch, logs: raised(model, epoch))
    run = watched(model, (x, y), epochs=60, callbacks=[raises])
    assert codes(run)[-1] == "K123"
    step = int(finding_of(run, "K123").message.partition("(of step ")[2].partition(")")[0])
    assert 0 < step <= 10 * 13 + 13
    assert model.evaluate(x, y, verbose=0) < 0.1


def raised(model: Model, epoch: int) -> None:
    if epoch == 10:
        model.optimizer.learning_rate = 1.2


def test_not_finite_without_growth_keeps_the_last_good_step() -> None:
    x, y = regression()
    model = sequential(6, Dense(1), loss=lambda t, p: kmagic.ops.mean(kmagic.ops.log(t - p + 20.0)), optimizer=SGD(5.0))
    before: list[Any] = []
    counted = LambdaCallback(on_train_batch_begin=lambda batch, logs: before.append(model.get_weights()))
    run = watched(model, (x, y), epochs=200, callbacks=[counted])
    assert isinstance(run.error, NotFinite) and "the weights of the last good step are kept" in str(run.error)
    assert codes(run) == ["K123"] and "log" in run.findings[0].message and "restored" not in run.findings[0].message
    for old, new in zip(before[-1], model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_in_plain_python_it_warns_at_the_end() -> None:
    model, data, options = dead_layer()
    with pytest.warns(DiagnosisWarning, match=r"K220 warning: dead units") as heard:
        history = model.fit(*data, verbose=0, validate="warn", **options)
    assert heard[-1].filename == __file__ and [finding.code for finding in history.findings] == ["K220"]
    with pytest.raises(NotFinite, match=r"had grown ×.*restored"):
        model, data, options = relu_and_plain_descent_at_a_high_rate()
        model.fit(*data, verbose=0, validate="warn", **options)


@pytest.mark.filterwarnings("error")
def test_validate_false_looks_at_nothing() -> None:
    for make in (dead_layer, linear_model_at_a_high_rate):
        model, data, options = make()
        try:
            history = model.fit(*data, verbose=0, validate=False, **options)
        except NotFinite:
            history = model.history
        assert history.findings == []
    model, data, options = linear_model_at_a_high_rate()
    run = model.fit_async(*data, verbose=0, validate=False, watches=True, **options).wait()
    assert codes(run) == ["K123"]


def test_what_was_found_can_be_copied_and_kept() -> None:
    model, data, options = dead_layer()
    run = watched(model, data, **options)
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [(f.code, f.message) for f in copied.history.findings] == [(f.code, f.message) for f in run.findings]
        assert copied.history.findings[0].fixes == ()


def test_data_are_not_kept_with_the_findings() -> None:
    model, data, options = dead_layer()
    case = watched(model, data, **options).findings[0].fixes[0].case
    assert case.x is None and case.y is None


class Time:
    """A clock that moves by a fixed amount whenever it is looked at, and as told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_probe_keeps_to_its_share_of_the_time() -> None:
    x, y = regression()
    model = sequential(6, Dense(4, "relu"), Dense(1))
    model.train_on_batch(x, y)
    clock, probes = Time(), []
    watch = Watch(Case(model, model.recipe), rows_of(model, x, y), Policy(), clock)
    measure = watch._looking.measure

    def timed(opened: Any) -> Any:
        probes.append(clock.now)
        found = measure(lambda: slow(opened, clock))
        return found

    watch._looking.measure = timed  # type: ignore[method-assign]
    watch(TrainBegin(1000, 10))
    for epoch in range(1000):
        watch(EpochBegin(epoch))
        watch(StepsEnd(epoch, 10, 10, {"loss": 1.0 / (epoch + 1)}))
        watch(EpochEnd(epoch, {"loss": 1.0 / (epoch + 1)}))
        clock.now += 0.1
    assert probes and probes[0] >= 0.05 / 0.01  # until then it might have cost too much
    assert watch._looking.spent <= 0.01 * clock.now


def slow(opened: Any, clock: Time) -> Any:
    probe = opened()
    clock.now += 0.3
    measured = probe.measure

    def measure() -> Any:
        clock.now += 0.01
        return measured()

    probe.measure = measure
    return probe


def test_a_model_that_cannot_be_probed_trains_all_the_same() -> None:
    x, y = regression()

    class Moody(Layer):
        calls = 0

        def call(self, inputs: Any) -> Any:
            Moody.calls += 1
            if Moody.calls > 2:
                raise RuntimeError("not again")
            return 0.0 * inputs

    model = sequential(6, Moody(), Dense(1, use_bias=False))
    run = watched(model, (x, y), epochs=10)
    assert run.status == "done" and Moody.calls > 2 and not run.findings


def test_line_by_line_only_losses_are_watched() -> None:
    model, data, _ = linear_model_at_a_high_rate()
    model.compile(SGD(1.0), "mse", run_eagerly=True, validate=False)
    assert codes(watched(model, data, epochs=10)) == ["K123"]
    model, data, _ = dead_layer()
    model.compile("adam", "mse", run_eagerly=True, validate=False)
    assert not watched(model, data, epochs=5).findings


def test_weights_that_are_too_large_to_copy_stay() -> None:
    model, (x, y), _ = linear_model_at_a_high_rate()
    watch = Watch(Case(model, model.recipe), rows_of(model, x, y), Policy(copied=10))

    def follow(event: Event) -> None:
        watch.of(model.run)(event)

    found = model.fit_async(x, y, epochs=30, verbose=0, validate=False, listeners=[follow]).wait().findings
    assert [finding.code for finding in found] == ["K123"] and "restored" not in found[0].message


def test_a_watch_that_fails_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> Any:
        raise ZeroDivisionError("in the watch")

    monkeypatch.setattr(Watch, "_end_epoch", broken)
    run = watched(sequential(6, Dense(1)), regression(), epochs=3)
    assert run.status == "done" and len(run.history.epoch) == 3
    assert [(found.code, found.severity) for found in run.findings] == [("K229", "hint")]
    assert "in the watch" in run.findings[0].message


@pytest.mark.parametrize("growth", [0.0, 1.0, 5.0, 1e6, 1e300, float("inf")])
def test_the_rate_falls_with_the_growth(growth: float) -> None:
    """Descent multiplies the distance by 1 − rate·λ, so growth by g means rate·λ = 1 + √g; below 2 it converges."""
    model = sequential(6, Dense(1), optimizer=SGD(1.0))
    fix = remedies.calm_down(Case(model, model.recipe), growth)[0]
    rate = fix.apply().recipe.optimizer.get_config()["learning_rate"]
    power = 10.0 ** round(np.log10(rate))
    assert rate == pytest.approx(power) and 1e-4 <= power <= 0.1
    assert power * (1 + np.sqrt(growth)) <= 1.0 or power == 1e-4


def surprise(y_true: Any, y_pred: Any) -> Any:
    return -kmagic.ops.mean(y_true * kmagic.ops.log(y_pred) + (1 - y_true) * kmagic.ops.log(1 - y_pred))


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [(1, "linear", surprise), (3, "relu", "sparse_categorical_crossentropy")],
)
def test_a_loss_that_cannot_take_the_output_is_not_blamed_on_the_rate(units: int, activation: str, loss: Any) -> None:
    x = np.random.default_rng(0).normal(size=(100, 6))
    model = kmagic.Sequential([Dense(units, activation, input_dim=6)])
    model.compile("adam", loss)
    with pytest.raises(NotFinite, match=f"in the loss .*activation of the output is '{activation}'") as caught:
        model.fit(x, (x[:, :1] > 0).astype("float32"), verbose=0)
    assert "last layer" in str(caught.value.fix) and "rate" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
def test_a_loss_that_overflows_is_a_matter_of_scales() -> None:
    model = kmagic.Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    with pytest.raises(NotFinite) as caught:
        model.fit(np.full((4, 2), 1e30), np.zeros((4, 1)), verbose=0)
    assert "learning rate" in str(caught.value.expected)
