"""What users write that cannot work: one message that says where, and what to write instead."""

from typing import Any

import numpy as np
import pytest

from kmagic import losses, metrics, ops, optimizers
from kmagic.base.errors import (
    BadType,
    BadValue,
    KmagicError,
    NotAPart,
    NotCompiled,
    TraceError,
    UserCodeError,
)
from kmagic.layers import Dense, Layer
from kmagic.models import Sequential
from tests.models import linear
from tests.models.linear import X, Y

exact = pytest.fixture(autouse=True)(linear.exact)


# ---- choices of compile that are changed later ----


def test_switches_can_be_read_and_set() -> None:
    model = linear.model(metrics=["mae"], steps_per_execution=3)
    assert (model.run_eagerly, model.steps_per_execution, model.jit_compile) == (False, 3, "auto")
    seen: list[Any] = []

    def watched(y_true: Any, y_pred: Any) -> Any:
        seen.append(type(y_pred).__name__)
        return ops.mean(ops.square(y_true - y_pred))

    model.compile("sgd", watched)
    before = model.train_on_batch(X, Y)
    model.run_eagerly = True
    optimizer, seen[:] = model.optimizer, []
    assert model.run_eagerly and model.train_on_batch(X, Y) < before
    model.train_on_batch(X, Y)
    assert len(seen) == 2 and model.optimizer is optimizer and int(optimizer.iterations.numpy()) == 3
    model.run_eagerly = False
    model.train_on_batch(X, Y)
    model.train_on_batch(X, Y)
    assert len(seen) == 3
    with pytest.raises(BadValue, match="steps_per_execution is 0"):
        model.steps_per_execution = 0


def test_switches_need_a_compiled_model() -> None:
    model = Sequential([Dense(1)])
    assert not model.run_eagerly
    with pytest.raises(NotCompiled):
        model.run_eagerly = True


# ---- parts in the wrong place, or broken ----


@pytest.mark.parametrize(
    "choice",
    [{"loss": optimizers.SGD()}, {"loss": Dense(1)}, {"metrics": [Dense(2)]}, {"metrics": [optimizers.Adam()]}],
    ids=["optimizer as loss", "layer as loss", "layer as metric", "optimizer as metric"],
)
def test_parts_of_another_kind_are_refused_at_compile(choice: dict[str, Any]) -> None:
    with pytest.raises(NotAPart, match="is no (loss|metric)"):
        linear.model(**choice)


def test_an_optimizer_that_was_never_started() -> None:
    class Own(optimizers.Optimizer):
        def __init__(self, rate: float) -> None:
            self.rate = rate

    with pytest.raises(BadValue, match=r"Own has no state[\s\S]*super\(\).__init__"):
        linear.model(optimizer=Own(0.1))


@pytest.mark.parametrize("eagerly", [False, True])
def test_an_optimizer_that_assigns_nothing(eagerly: bool) -> None:
    class Own(optimizers.Optimizer):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> Any:
            return variable - learning_rate * gradient

    model = linear.model(optimizer=Own(0.1), run_eagerly=eagerly)
    with pytest.raises(KmagicError, match="Own.update_step assigned no weight"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_metric_that_loses_its_variable(eagerly: bool) -> None:
    class Own(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.total = self.add_weight(shape=(), name="total", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.total = self.total + ops.sum(y_true)

        def result(self) -> Any:
            return self.total

    with pytest.raises(UserCodeError, match=r"self.total is a variable[\s\S]*self.total.assign_add"):
        linear.model(metrics=[Own()], run_eagerly=eagerly).fit(X, Y, verbose=0)


def test_the_size_of_the_batch_as_a_number() -> None:
    uses = {
        "int": lambda n: int(n),
        "range": lambda n: len(range(n)),
        "compared": lambda n: 1.0 if n > 8 else 2.0,
    }
    for use in uses.values():
        with pytest.raises((TraceError, UserCodeError), match="the size batch as a number"):
            linear.model(loss=lambda t, p, use=use: ops.mean((t - p) ** 2) * use(p.shape[0])).fit(X, Y, verbose=0)
        linear.model(loss=lambda t, p, use=use: ops.mean((t - p) ** 2) * use(p.shape[0]), run_eagerly=True).fit(
            X, Y, verbose=0
        )


class Forgetful(optimizers.schedules.LearningRateSchedule):
    """A schedule without a return."""

    def __call__(self, step: Any) -> Any:
        pass


NOTHING = {
    "regularizer": lambda: Sequential([Dense(1, input_dim=3, kernel_regularizer=lambda w: None)]),
    "constraint": lambda: Sequential([Dense(1, input_dim=3, kernel_constraint=lambda w: None)]),
    "schedule": lambda: linear.model(),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_functions_without_a_return(kind: str) -> None:
    model = NOTHING[kind]()
    model.compile(optimizers.SGD(Forgetful() if kind == "schedule" else 0.1), "mse")
    with pytest.raises(BadType, match=rf"{kind} [\s\S]*it gives None[\s\S]*`return` missing"):
        model.fit(X, Y, verbose=0)


def test_a_layer_without_a_return() -> None:
    class Quiet(Layer):
        def call(self, inputs: Any) -> Any:
            pass

    with pytest.raises(BadType, match=r"quiet: Quiet.call gives None"):
        Quiet(name="quiet")(X)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_value_changed_in_place(eagerly: bool) -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        error = y_true - y_pred
        error[error < 0] = 0
        return ops.mean(error)

    with pytest.raises(TraceError, match=r"changed in place[\s\S]*ops.where"):
        linear.model(loss=loss, run_eagerly=eagerly).fit(X, Y, verbose=0)


# ---- what works ----


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.filterwarnings("ignore:metric correlation runs in Python")
def test_metrics_with_any_function_of_numpy(eagerly: bool) -> None:
    def correlation(y_true: Any, y_pred: Any) -> float:
        return float(np.corrcoef(y_true[:, 0], y_pred[:, 0])[0, 1])

    model = linear.model(metrics=[correlation], run_eagerly=eagerly)
    found = model.evaluate(X, Y, batch_size=23, verbose=0, return_dict=True)
    assert found["correlation"] == pytest.approx(np.corrcoef(Y[:, 0], model.predict(X, verbose=0)[:, 0])[0, 1])


def test_metrics_with_several_results() -> None:
    class Both(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="both")
            self.sums = self.add_weight(shape=(2,), name="sums")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.sums.assign_add(ops.stack([ops.sum(y_true), ops.sum(y_pred)]))

        def result(self) -> Any:
            return {"true": self.sums[0], "predicted": self.sums[1]}

    model = linear.model(metrics=[Both()])
    history = model.fit(X, Y, epochs=2, batch_size=5, verbose=2).history
    assert [epoch["true"] for epoch in history["both"]] == pytest.approx([Y.sum()] * 2)
    assert set(history["both"][0]) == {"true", "predicted"}


def test_functions_of_losses_and_metrics_take_lists() -> None:
    assert float(losses.mean_squared_error([1.0, 2.0], [1.5, 4.0])) == pytest.approx(2.125)
    assert np.asarray(losses.huber([[0, 1]], [[0.5, 9.0]])).tolist() == pytest.approx([3.8125])
    assert np.asarray(metrics.binary_accuracy([[1], [0]], [[0.9], [0.6]])).tolist() == [[1.0], [0.0]]
    assert np.asarray(metrics.categorical_accuracy([[0, 1]], [[0.1, 0.9]])).tolist() == [1.0]


def test_a_function_without_a_module_is_a_metric() -> None:
    scope: dict[str, Any] = {"ops": ops}
    exec("def far(t, p):\n    return ops.max(ops.absolute(t - p), axis=-1)", scope)
    scope["far"].__module__ = None
    found = linear.model(metrics=[scope["far"]]).evaluate(X, Y, verbose=0, return_dict=True)
    assert found["far"] > 0
