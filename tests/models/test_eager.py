"""`run_eagerly`: the same numbers as the compiled program, while the user's code may look at values."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import NotFinite, TraceError, UserCodeError
from kmagic.layers import Dense, Dropout
from kmagic.metrics import Metric
from kmagic.models import Model, Sequential
from kmagic.utils import set_random_seed
from tests.models import linear
from tests.models.linear import X, Y

exact = pytest.fixture(autouse=True)(linear.exact)


def trained(eagerly: bool, **choice: Any) -> tuple[list[Any], dict[str, Any]]:
    set_random_seed(5)
    model = Sequential([Dense(4, activation="tanh"), Dropout(0.3), Dense(1)])
    model.compile(**{"optimizer": "adam", "loss": "mse", "metrics": ["mae"], **choice}, run_eagerly=eagerly)
    history = model.fit(X, Y, batch_size=5, epochs=2, validation_split=0.2, verbose=0)
    return [*model.get_weights(), model.predict(X, verbose=0)], history.history


@pytest.mark.parametrize(
    "choice",
    [{}, {"optimizer": "rmsprop"}, {"loss": "huber", "weighted_metrics": ["mse"]}, {"loss_weights": 0.5}],
    ids=str,
)
def test_the_same_numbers(choice: dict[str, Any]) -> None:
    weights, curves = trained(True, **choice)
    wanted, expected = trained(False, **choice)
    for found, value in zip(weights, wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-12)
    assert curves.keys() == expected.keys()
    for name, values in curves.items():
        assert values == pytest.approx(expected[name], rel=1e-9)


def test_code_sees_values_in_every_step() -> None:
    seen: list[Any] = []

    def loss(y_true: Any, y_pred: Any) -> Any:
        error = ops.mean(ops.square(y_true - y_pred))
        seen.append(float(error))
        return error if error > 1e-3 else error * 2

    model = linear.model()
    model.compile("sgd", loss, run_eagerly=True)
    history = model.fit(X, Y, batch_size=23, epochs=3, shuffle=False, verbose=0)
    assert seen == pytest.approx(history.history["loss"]) and len(seen) == 3


def test_the_same_code_is_refused_where_it_is_compiled() -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(y_true - y_pred) if float(ops.max(y_pred)) > 0 else ops.mean(y_pred)

    model = linear.model()
    model.compile("sgd", loss)
    with pytest.raises((TraceError, UserCodeError), match=r"float\(\) of a value"):
        model.fit(X, Y, verbose=0)


def test_models_and_metrics_see_values() -> None:
    seen: list[Any] = []

    class Watched(Model):
        def __init__(self) -> None:
            super().__init__()
            self.head = Dense(1)

        def call(self, inputs: Any) -> Any:
            seen.append(np.asarray(inputs).shape)
            return self.head(inputs)

    class Largest(Metric):
        def __init__(self) -> None:
            super().__init__(name="largest")
            self.value = self.add_weight((), name="value")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.value.assign(max(float(self.value), float(np.max(np.asarray(y_pred)))))

        def result(self) -> Any:
            return self.value.value

    model = Watched()
    model.compile("sgd", "mse", metrics=[Largest()], run_eagerly=True)
    found = model.evaluate(X, Y, batch_size=23, verbose=0, return_dict=True)
    assert found["largest"] == pytest.approx(max(0.0, float(model.predict(X, verbose=0).max())), rel=1e-6)
    assert (23, X.shape[1]) in seen


def test_a_step_that_fails_changes_nothing() -> None:
    model = linear.model()
    model.compile("sgd", lambda t, p: ops.mean(ops.log(p - 1e9)), run_eagerly=True)
    before = model.get_weights()
    with pytest.raises(NotFinite, match="log in the loss gave NaN"):
        model.fit(X, Y, verbose=0)
    for found, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, kept)


def test_single_batches() -> None:
    models = [linear.model(), linear.model()]
    results = []
    for eagerly, model in zip((True, False), models, strict=True):
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
        results.append([model.train_on_batch(X, Y), model.test_on_batch(X, Y), model.train_on_batch(X[:4], Y[:4])])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-9)
