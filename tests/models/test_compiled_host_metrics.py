"""Metrics that cannot be part of a program: updated in Python after every step, with one notice."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.layers import Dense
from kmagic.metrics import Metric
from tests.models import linear
from tests.models.linear import X, Y

exact = pytest.fixture(autouse=True)(linear.exact)
NOTICE = r"metric \w+ runs in Python after every step"


def median_error(y_true: Any, y_pred: Any) -> Any:
    """NumPy on values, which a symbol refuses."""
    return np.median(np.abs(np.asarray(y_true) - np.asarray(y_pred)), axis=-1)


class Seen(Metric):
    """Keeps what it sees in a list."""

    def __init__(self) -> None:
        super().__init__(name="seen")
        self.errors: list[Any] = []

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        weight = 1.0 if sample_weight is None else np.asarray(sample_weight)[:, None]
        self.errors.append(weight * (np.asarray(y_pred) - np.asarray(y_true)))

    def result(self) -> float:
        return float(np.concatenate(self.errors).sum())

    def reset_state(self) -> None:
        self.errors = []


def test_the_value_is_that_over_all_batches() -> None:
    model = linear.model(metrics=[median_error, "mae"])
    with pytest.warns(UserWarning, match=NOTICE) as told:
        found = model.evaluate(X, Y, batch_size=5, verbose=0, return_dict=True)
    assert len(told) == 1
    error = np.abs(model.predict(X, verbose=0) - Y)
    assert found["median_error"] == pytest.approx(error.mean()) and found["mae"] == pytest.approx(error.mean())


def test_training_and_validation_and_weights() -> None:
    weight = np.linspace(0.0, 2.0, len(X))
    model = linear.model(optimizer="sgd", weighted_metrics=[Seen()])
    with pytest.warns(UserWarning, match=NOTICE):
        history = model.fit(
            X, Y, sample_weight=weight, validation_data=(X, Y, weight), batch_size=7, epochs=2, verbose=0
        ).history
    wanted = (weight[:, None] * (model.predict(X, verbose=0) - Y)).sum()
    assert history["val_seen"][-1] == pytest.approx(wanted)
    assert len(history["seen"]) == 2


def test_one_output_among_several() -> None:
    x = Input((3,))
    model = Model(x, [Dense(1, name="a")(x), Dense(2, name="b")(x)])
    model.compile("sgd", "mse", metrics={"b": median_error})
    rows = [Y, np.concatenate([Y, Y], axis=-1)]
    with pytest.warns(UserWarning, match=NOTICE):
        found = model.evaluate(X, rows, batch_size=5, verbose=0, return_dict=True)
    wanted = median_error(rows[1], model.predict(X, verbose=0)[1]).mean()
    assert found["b_median_error"] == pytest.approx(wanted)


def test_single_batches() -> None:
    model = linear.model(metrics=[median_error])
    with pytest.warns(UserWarning, match=NOTICE):
        found = model.test_on_batch(X, Y, return_dict=True)
    assert found["median_error"] == pytest.approx(np.abs(model.predict(X, verbose=0) - Y).mean())
