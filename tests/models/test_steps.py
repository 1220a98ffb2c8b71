"""Steps of a user's own: what they are given, what they may do, and that nothing else runs in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, layers, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5] + 0.3)[:, None].astype("float32")


def dense(kind: type = Sequential) -> Any:
    """A model of one layer that starts from zeros."""
    return kind([layers.Dense(1, kernel_initializer="zeros", input_dim=3)])


class ByHand(Sequential):
    """The default step, written out."""

    def train_step(self, data: Any) -> Any:
        x, y, sample_weight = kmagic.utils.unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self.compute_loss(x, y, y_pred, sample_weight)
        grads = kmagic.gradients(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=ops.shape(x)[0])
        return self.compute_metrics(x, y, y_pred, sample_weight)


class Through(Sequential):
    """Every method, handed on to the default."""

    def train_step(self, data: Any) -> Any:
        return super().train_step(data)

    def test_step(self, data: Any) -> Any:
        return super().test_step(data)

    def predict_step(self, data: Any) -> Any:
        return super().predict_step(data)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().compute_metrics(x, y, y_pred, sample_weight)


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("kind", [ByHand, Through])
def test_the_default_written_out_gives_the_default_numbers(kind: type, run_eagerly: bool) -> None:
    results = []
    for model in (dense(), dense(kind)):
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=run_eagerly)
        weights = np.linspace(0, 1, len(X))
        history = model.fit(
            X, Y, sample_weight=weights, validation_split=0.25, batch_size=5, epochs=2, shuffle=False, verbose=0
        )
        results.append((history.history, model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0)))
    (expected, loss, predicted), (found, own_loss, own_predicted) = results
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-6), name
    assert own_loss == pytest.approx(loss, rel=1e-6)
    np.testing.assert_allclose(own_predicted, predicted, rtol=1e-6)
