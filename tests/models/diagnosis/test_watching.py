"""The watch over trainings: what goes wrong is named and mended, what goes well stays without a word."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import NotFinite
from kmagic.callbacks import EarlyStopping, LambdaCallback
from kmagic.initializers import Constant
from kmagic.layers import Dense, Dropout, Input, Layer
from kmagic.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Case, DiagnosisWarning, Finding
from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.rows import rows_of
from kmagic.optimizers import SGD, Adam, RMSprop
from kmagic.regularizers import L1
from kmagic.training.events import EpochBegin, EpochEnd, Event, Noticed, StepsEnd, TrainBegin, TrainEnd
from kmagic.training.run import Run

Data = tuple[np.ndarray, np.ndarray]


@pytest.fixture(autouse=True)
def same_weights() -> None:
    kmagic.utils.set_random_seed(1)


def regression(rows: int = 400, scale: float = 1.0, noise: float = 0.1, columns: int = 6, seed: int = 0) -> Data:
    generator = np.random.default_rng(seed)
    x = scale * generator.normal(size=(rows, columns))
    y = (2 * x[:, 0] - x[:, 1]) / scale + noise * generator.normal(size=rows)
    return x.astype("float32"), y.astype("float32")


def classes(rows: int = 400, noise: float = 0.3, columns: int = 8, seed: int = 0) -> Data:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)).astype("float32")
    return x, (x[:, :3].sum(1) + noise * generator.normal(size=rows) > 0).astype("float32")


def sequential(columns: int, *layers: Layer, optimizer: Any = "adam", loss: Any = "mse") -> Sequential:
    model = Sequential([Input((columns,)), *layers])
    model.compile(optimizer, loss, validate=False)
    return model


def watched(model: Model, data: Any, **options: Any) -> Run:
    """A run that is over, and that nothing but the watch looks at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rules that look before training
        return model.fit_async(*data, **{"verbose": 0, "validate": "warn", **options}).wait()


def codes(run: Run) -> list[str]:
    return [finding.code for finding in run.findings]


def finding_of(run: Run, code: str) -> Finding:
    return next(finding for finding in run.findings if finding.code == code)


# ---- what goes wrong ----

Troubled = Callable[[], tuple[Model, Any, dict[str, Any]]]
TROUBLED: list[tuple[str, tuple[str, ...], Troubled]] = []


def troubled(code: str, *says: str) -> Callable[[Troubled], Troubled]:
    """A training that goes wrong: the code of its finding, and what the message says."""

    def decorate(make: Troubled) -> Troubled:
        TROUBLED.append((code, says, make))
        return make

    return decorate


@troubled("K123", "Loss grew ×", "in the first", "stopped at step", "last good weights (of step 0) restored")
def linear_model_at_a_high_rate() -> Any:
    return sequential(6, Dense(1), optimizer=SGD(1.0)), regression(), {"epochs": 30}


@troubled("K123", "Loss grew ×", "stopped at step", "'price'")
def two_outputs_on_large_features() -> Any:
    x = Input((6,))
    model = Model(x, [Dense(1, name="price")(x), Dense(1, name="size")(x)])
    model.compile(SGD(1.3e-4, momentum=0.3), ["mse", "mse"], loss_weights=[1.0, 0.5], validate=False)
    data, target = regression(scale=100.0)
    return model, (data, [target, -target]), {"epochs": 60}


@troubled("K123", "gave infinity", "had grown ×", "last good weights (of step 0) restored")
def relu_and_plain_descent_at_a_high_rate() -> Any:
    layers = (Dense(32, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=SGD(1.0)), regression(), {"epochs": 30}


@troubled("K220", "'hidden' (relu) gives 0 in all 16 units", "of 128 rows")
def dead_layer() -> Any:
    layers = (Dense(16, "relu", bias_initializer=Constant(-50.0), name="hidden"), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 30}


@troubled("K220", "'counts' (relu) gives 0 in its only unit")
def dead_output() -> Any:
    layers = (Dense(16, "tanh"), Dense(1, "relu", bias_initializer=Constant(-8.0), name="counts"))
    x, y = classes()
    return sequential(8, *layers, optimizer=Adam(0.01)), (x, 5 * y), {"epochs": 30}


@troubled("K221", "vanishing gradients", "'first'", "has not fallen in the")
def deep_sigmoids() -> Any:
    layers = [Dense(16, "sigmoid", name="first"), *(Dense(16, "sigmoid") for _ in range(7)), Dense(1, "sigmoid")]
    model = sequential(8, *layers, optimizer=SGD(0.1), loss="binary_crossentropy")
    return model, classes(), {"epochs": 30}


@troubled("K221", "vanishing gradients", "'deep_0'")
def functional_model_of_deep_sigmoids() -> Any:
    x = value = Input((8,))
    for number in range(6):
        value = Dense(24, "sigmoid", name=f"deep_{number}")(value)
    model = Model(x, [Dense(1, "sigmoid")(value), Dense(2, "softmax")(value)])
    model.compile(SGD(0.05), ["binary_crossentropy", "sparse_categorical_crossentropy"], validate=False)
    data, y = classes(noise=0.1)
    return model, (data, [y, y.astype("int32")]), {"epochs": 40}


@troubled("K222", "exploding updates", "of their size")
def steps_larger_than_the_weights() -> Any:
    x, y = classes(noise=3.0)
    model = sequential(8, Dense(3), optimizer=SGD(1000.0), loss=SparseCategoricalCrossentropy(from_logits=True))
    return model, (x, y.astype("int32")), {"epochs": 20}


@troubled("K222", "exploding updates", "of their size")
def recurring_large_steps() -> Any:
    model = sequential(8, Dense(1), optimizer=SGD(2000.0), loss=BinaryCrossentropy(from_logits=True))
    x, y = classes(noise=6.0)
    return model, (x, y), {"epochs": 20}


@troubled("K223", "has not fallen in the", "learning rate is 1e-09")
def frozen_by_a_tiny_rate() -> Any:
    return sequential(6, Dense(16, "relu"), Dense(1), optimizer=Adam(1e-9)), regression(), {"epochs": 8}


@troubled("K223", "learning rate is 1e-10")
def frozen_logistic_regression() -> Any:
    model = sequential(8, Dense(1, "sigmoid"), optimizer=SGD(1e-10), loss="binary_crossentropy")
    return model, classes(), {"epochs": 8}


@troubled("K224", "overfitting", "was lowest in epoch", "EarlyStopping")
def wide_model_on_few_rows() -> Any:
    layers = (Dense(128, "relu"), Dense(128, "relu"), Dense(1, "sigmoid"))
    data = classes(80, noise=3.0, columns=40)
    return sequential(40, *layers, loss="binary_crossentropy"), data, {"epochs": 60, "validation_split": 0.4}


@troubled("K224", "overfitting", "was lowest in epoch")
def functional_model_of_logits() -> Any:
    x = Input((30,))
    model = Model(x, Dense(1)(Dense(64, "tanh")(x)))
    model.compile(Adam(0.01), BinaryCrossentropy(from_logits=True), validate=False)
    return model, classes(60, 2.0, 30), {"epochs": 60, "validation_data": classes(60, 2.0, 30, seed=1)}


@troubled("K225", "makes it worse", "first batch")
def overshooting_for_good() -> Any:
    layers = (Dense(16, "relu"), Dense(16, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(30.0)), regression(), {"epochs": 30}


@troubled("K225", "makes it worse")
def classes_at_a_rate_of_a_thousand() -> Any:
    return steps_larger_than_the_weights()


@troubled("K226", "'hidden' (tanh) is at its ends in all 16 units", "has not fallen")
def saturated_tanh() -> Any:
    layers = (Dense(16, "tanh", bias_initializer=Constant(40.0), name="hidden"), Dense(1, "sigmoid"))
    return sequential(8, *layers, loss="binary_crossentropy"), classes(), {"epochs": 30}


@troubled("K226", "(sigmoid) is at its ends")
def saturated_sigmoids() -> Any:
    x = Input((6,))
    hidden = Dense(8, "sigmoid", bias_initializer=Constant(-30.0))(x)
    model = Model(x, [Dense(1)(hidden), Dense(1)(hidden)])
    model.compile(Adam(0.01), "mse", validate=False)
    data, y = regression()
    return model, (data, [y, 2 * y]), {"epochs": 30}


@pytest.mark.parametrize(("code", "says", "make"), TROUBLED, ids=[f"{c} {m.__name__}" for c, _, m in TROUBLED])
def test_trouble_is_named(code: str, says: tuple[str, ...], make: Troubled) -> None:
    model, data, options = make()
    run = watched(model, data, **options)
    assert code in codes(run), [str(finding) for finding in run.findings]
    found = finding_of(run, code)
    assert all(text in str(found) for text in says), str(found)
    assert found.severity == ("error" if code == "K123" else "warning")
    assert len(set(codes(run))) == len(codes(run))
    assert run.findings == run._history.findings


def mended(make: Troubled, code: str, number: int, by_code: bool) -> tuple[Run, float]:
    """A fresh training of the same kind, mended by a fix after it went wrong; and the loss where it went wrong."""
    model, data, options = make()
    found = finding_of(watched(model, data, **options), code).fixes[number]
    start = model.evaluate(*data, verbose=0, return_dict=True)["loss"]
    if by_code:
        names = {"model": model, "x": data[0], "y": data[1], "kmagic": kmagic, "numpy": np}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(found.code, names | {part.__name__: part for part in (SGD, Adam, BinaryCrossentropy)})
        if not model.compiled:
            model.compile(model.recipe.optimizer, model.loss)
        return watched(model, data, **options), start
    case = found.apply()
    return watched(case.model, data, **{**options, "callbacks": case.options.callbacks}), start


MENDED = [(code, make) for code, _, make in TROUBLED if code not in ("K224", "K225", "K222")]


@pytest.mark.parametrize("by_code", [False, True], ids=["applied", "executed"])
@pytest.mark.parametrize(("code", "make"), MENDED, ids=[f"{c} {m.__name__}" for c, m in MENDED])
def test_the_first_fix_mends_it(code: str, make: Troubled, by_code: bool) -> None:
    run, start = mended(make, code, 0, by_code)
    losses = run._history.history["loss"]
    assert run.status == "done" and losses[-1] < start and losses[-1] < losses[0]
    assert code not in codes(run)


def test_clipping_is_offered_too_and_trains_on() -> None:
    run, start = mended(linear_model_at_a_high_rate, "K123", 1, by_code=False)
    assert run.status == "done" and run._history.history["loss"][-1] < start


def test_stopping_early_keeps_the_best_epoch() -> None:
    for make in (wide_model_on_few_rows, functional_model_of_logits):
        model, data, options = make()
        options |= {"callbacks": [LambdaCallback()]}
        first = watched(model, data, **options)
        fix = finding_of(first, "K224").fixes[0]
        assert fix.code.endswith("callbacks=[callbacks[0], " + STOP) and "model.fit(x, y, epochs=60, " in fix.code
        mended_options = fix.apply().options
        assert [type(callback) for callback in mended_options.callbacks] == [LambdaCallback, EarlyStopping]
        again, data, options = make()
        run = watched(again, data, **{**options, "callbacks": mended_options.callbacks})
        best = min(run._history.history["val_loss"])
        assert len(run._history.epoch) < 60 and "K224" not in codes(run)[1:]
        held_out = options.get("validation_data") or (data[0][-32:], data[1][-32:])
        assert again.evaluate(*held_out, verbose=0) == pytest.approx(best, rel=1e-4)


STOP = "kmagic.callbacks.EarlyStopping(patience=5, restore_best_weights=True)])"


def test_a_smaller_rate_mends_jumps_and_rises() -> None:
    for code, make in (("K222", recurring_large_steps), ("K225", overshooting_for_good)):
        model, data, options = make()
        before = watched(model, data, **options)
        case = finding_of(before, code).fixes[0].apply()
        rate = float(model.optimizer.learning_rate)
        assert rate == pytest.approx(float(make()[0].optimizer.learning_rate) / 10)
        case.model.set_weights([0.01 * weight for weight in case.model.get_weights()])
        losses = watched(case.model, data, **options)._history.history["loss"]
        assert losses[-1] < before._history.history["loss"][-1]


# ---- what goes well ----

HEALTHY: list[Troubled] = []


def healthy(make: Troubled) -> Troubled:
    """A training that nothing is to be said of."""
    HEALTHY.append(make)
    return make


@healthy
def small() -> Any:
    return sequential(6, Dense(16, "relu"), Dense(1)), regression(64), {"epochs": 10, "batch_size": 8}


@healthy
def noisy_regression() -> Any:
    options = {"epochs": 60, "validation_split": 0.2}
    return sequential(6, Dense(4, "relu"), Dense(1)), regression(noise=4.0), options


@healthy
def noisy_classes() -> Any:
    model = sequential(8, Dense(8, "relu"), Dense(1, "sigmoid"), loss="binary_crossentropy")
    return model, classes(noise=5.0), {"epochs": 40}


@healthy
def high_rate_of_adam() -> Any:
    layers = (Dense(32, "relu"), Dense(32, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(0.1)), regression(), {"epochs": 30}


@healthy
def overshooting_rmsprop_that_comes_back() -> Any:
    layers = (Dense(64, "relu"), Dense(64, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=RMSprop(0.1)), regression(), {"epochs": 30}


@healthy
def plain_descent_at_a_rate_of_one() -> Any:
    model = sequential(8, Dense(16, "tanh"), Dense(1, "sigmoid"), optimizer=SGD(1.0), loss="binary_crossentropy")
    return model, classes(), {"epochs": 30}


@healthy
def clipped_descent() -> Any:
    layers = (Dense(16, "relu"), Dense(1))
    return sequential(6, *layers, optimizer=SGD(0.1, clipnorm=1.0)), regression(), {"epochs": 30}


@healthy
def dropout_and_weight_decay() -> Any:
    layers = (Dense(32, "relu", kernel_regularizer="l2"), Dropout(0.5), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 30, "validation_split": 0.2}


@healthy
def many_units_held_at_zero() -> Any:
    layers = (Dense(64, "relu", kernel_regularizer=L1(0.05), activity_regularizer=L1(0.01)), Dense(1))
    return sequential(6, *layers), regression(), {"epochs": 60}


@healthy
def large_features_and_adam() -> Any:
    return sequential(6, Dense(32, "relu"), Dense(1)), regression(scale=100.0), {"epochs": 30}


@healthy
def margins_that_are_all_kept() -> Any:
    x, y = classes(noise=0.0)
    model = sequential(8, Dense(16, "relu"), Dense(1), loss="hinge", optimizer=Adam(0.01))
    return model, (x, 2 * y - 1), {"epochs": 40}


@healthy
def labels_without_sense() -> Any:
    generator = np.random.default_rng(0)
    model = sequential(20, Dense(32, "relu"), Dense(10, "softmax"), loss="sparse_categorical_crossentropy")
    return model, (generator.random((600, 20)).astype("float32"), generator.integers(0, 10, 600)), {"epochs": 10}


@healthy
def three_layers_of_sigmoids() -> Any:
    layers = (Dense(16, "sigmoid"), Dense(16, "sigmoid"), Dense(1))
    return sequential(6, *layers, optimizer=Adam(0.01)), regression(), {"epochs": 30}


@healthy
def two_outputs() -> Any:
    x = Input((6,))
    hidden = Dense(16, "relu")(x)
    model = Model(x, [Dense(1, name="a")(hidden), Dense(1, "sigmoid", name="b")(hidden)])
    model.compile("adam", ["mse", "binary_crossentropy"], validate=False)
    data, y = regression()
    return model, (data, [y, (y > 0).astype("float32")]), {"epochs": 20, "validation_split": 0.2}


class Adversaries(Layer):
    """Two players: one learns to tell two kinds of rows apart, the other to make its rows look like the true ones."""

    def build(self, input_shape: Any) -> None:
        self.maker, self.judge = Dense(2, name="maker"), Dense(1, name="judge")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        ops = kmagic.ops
        true, noise = inputs[:, :2], inputs[:, 2:]
        made = self.maker(noise)
        seen = ops.concatenate([self.judge(true), self.judge(ops.stop_gradient(made))], axis=-1)
        self.add_loss(ops.mean(ops.softplus(-seen[:, 0]) + ops.softplus(seen[:, 1])))
        self.add_loss(0.5 * ops.mean(ops.softplus(-self.judge(made))))
        return seen


@healthy
def adversaries() -> Any:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(400, 4)).astype("float32")
    x[:, :2] = 2 + 0.5 * x[:, :2]
    model = sequential(4, Adversaries(), optimizer=Adam(0.02), loss=None)
    return model, (x, None), {"epochs": 40}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("make", HEALTHY, ids=[make.__name__ for make in HEALTHY])
def test_health_needs_no_words(make: Troubled, seed: int) -> None:
    kmagic.utils.set_random_seed(seed)
    model, data, options = make()
    run = watched(model, data, **options)
    assert run.status == "done" and not run.findings, [str(finding) for finding in run.findings]


@pytest.mark.parametrize("make", HEALTHY, ids=[make.__name__ for make in HEALTHY])
def test_health_needs_no_words_however_often_it_is_looked_at(make: Troubled) -> None:
    """With a probe after every epoch, as a long training has them."""
    model, data, options = make()
    always = Policy(share=1e9)
    seen: list[Any] = []
    run = watched(model, data, listeners=[Observing(model, data, always, seen)], **options)
    assert run.status == "done" and len(seen) == options["epochs"] and not run.findings
    assert not [finding for finding in seen if finding], seen


class Observing:
    """A watch of its own beside the one that every run has; keeps what each epoch's look found."""

    def __init__(self, model: Model, data: Any, policy: Policy, seen: list[Any]) -> None:
        self.watch = Watch(Case(model, model.recipe), rows_of(model, *data), policy)
        self.watch.run, self.found, self.seen = self, [], seen
        self.findings: list[Finding] = []
        self.should_stop = ""

    def notice(self, finding: Finding) -> None:
        self.found.append(finding)

    def __call__(self, event: Event) -> None:
        self.watch(event)
        if isinstance(event, EpochEnd):
            assert self.watch._looking.probe is not None and not self.watch._looking.is_broken
            self.seen.append(list(self.found))


def test_training_again_what_is_as_good_as_it_gets_needs_no_words() -> None:
    model, data, _ = small()
    assert not watched(model, data, epochs=200).findings
    assert not watched(model, data, epochs=30).findings
    for _ in range(5):  # as in the loop of a user
        assert not watched(model, data, epochs=1).findings


# ---- how it watches ----


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
    assert probes and probes[0] >= 0.05 / 0.02  # until then it might have cost too much
    assert watch._looking.spent <= 0.02 * clock.now


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
