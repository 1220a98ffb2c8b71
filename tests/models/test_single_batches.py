"""Single batches: a pass is used again as long as what its program depends on is as it was."""

import warnings
from typing import Any
from unittest import mock

import numpy as np
import pytest

from kmagic import Model
from kmagic.layers import Dense
from kmagic.models import Sequential, programs
from kmagic.models.diagnosis import DiagnosisWarning
from tests.models import linear
from tests.models.linear import X, Y

exact = pytest.fixture(autouse=True)(linear.exact)


class Scaled(Model):
    """A model with an attribute that its `call` reads."""

    def __init__(self) -> None:
        super().__init__()
        self.scale: Any = 1.0
        self.extra: list[float] = [0.0]

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale + sum(self.extra)


def traces(model: Model, action: Any) -> int:
    """How many programs an action traces."""
    with mock.patch.object(programs, "graph_of", wraps=programs.graph_of) as watched:
        action()
    return watched.call_count


def test_nothing_is_traced_twice() -> None:
    model = linear.model(metrics=["mae"])
    model.train_on_batch(X, Y)
    model.test_on_batch(X, Y)
    assert traces(model, lambda: [model.train_on_batch(X, Y) for _ in range(3)]) == 0
    model.predict(X, verbose=0)
    assert traces(model, lambda: (model.train_on_batch(X, Y), model.test_on_batch(X[:4], Y[:4]))) == 0


def test_attributes_of_the_model_count() -> None:
    model = Scaled()
    model.compile("sgd", "mse")
    assert model.test_on_batch(X, X) == pytest.approx(0.0)
    model.scale = 3.0
    assert model.test_on_batch(X, X) == pytest.approx(4 * np.mean(X**2))
    model.extra.append(1.0)
    assert model.test_on_batch(X, X) == pytest.approx(np.mean((2 * X + 1) ** 2))


def test_objects_that_are_gone_are_not_taken_for_new_ones() -> None:
    model = linear.model()
    (layer,) = model.layers
    for factor in range(6):
        layer.activation = None
        layer.activation = lambda x, factor=factor: x * factor
        found, wanted = model.test_on_batch(X, Y), model.evaluate(X, Y, verbose=0)
        assert found == pytest.approx(wanted, rel=1e-12)


def test_what_is_not_trained_any_more_stays() -> None:
    model = linear.model()
    model.train_on_batch(X, Y)
    (layer,) = model.layers
    layer.kernel.trainable = False
    before = layer.kernel.numpy()
    model.train_on_batch(X, Y)
    np.testing.assert_array_equal(layer.kernel.numpy(), before)


def test_constraints_that_are_set_later_hold() -> None:
    model = linear.model()
    model.train_on_batch(X, Y)
    model.layers[0].kernel.constraint = lambda w: w * 0
    model.train_on_batch(X, Y)
    assert not model.layers[0].kernel.numpy().any()


def test_larger_batches_get_a_pass_of_their_own() -> None:
    model = linear.model()
    losses = [model.test_on_batch(X[:rows], Y[:rows]) for rows in (3, 23, 5)]
    wanted = [model.evaluate(X[:rows], Y[:rows], verbose=0, batch_size=rows) for rows in (3, 23, 5)]
    assert losses == pytest.approx(wanted)


def test_only_a_few_are_kept() -> None:
    model = linear.model()
    for dtype in ("float32", "float64", "int32", "int64", "uint8"):
        for target in ("float32", "float64"):
            model.test_on_batch(np.ones((2, 3), dtype), np.ones((2, 1), target))
    assert 1 <= len(model._opened._kept) <= 8


def test_batches_that_train_nothing_are_told_once() -> None:
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    model.trainable = False
    x, y = np.ones((4, 2)), np.zeros((4, 1))
    with pytest.warns(DiagnosisWarning, match="0 of 3 parameters are trainable") as told:
        for _ in range(3):
            model.train_on_batch(x, y)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.test_on_batch(x, y)
        model.trainable = True
        model.train_on_batch(x, y)
        model.trainable = False
        model.compile("sgd", "mse", validate=False)
        model.train_on_batch(x, y)
