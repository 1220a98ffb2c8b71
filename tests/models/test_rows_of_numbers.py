"""An array of numbers is a column for an input of one feature, in everything that takes data."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input, concatenate
from kmagic.models import Model, Sequential

X = np.arange(8.0)
TABLE = np.ones((8, 3))


def line() -> Sequential:
    made = Sequential([Dense(1, input_shape=[1])])
    made.compile("sgd", "mse")
    made.set_weights([np.array([[2.0]]), np.array([1.0])])
    return made


def joined() -> Model:
    number, table = Input((1,), name="number"), Input((3,), name="table")
    made = Model([number, table], Dense(1)(concatenate([number, table])))
    made.compile("sgd", "mse")
    made.set_weights([np.array([[2.0], [1.0], [1.0], [1.0]]), np.zeros(1)])
    return made


def test_predictions_and_losses_are_those_of_a_column() -> None:
    made = line()
    assert made.predict(X, verbose=0) == pytest.approx(2 * X[:, None] + 1)
    assert made.predict_on_batch(X) == pytest.approx(2 * X[:, None] + 1)
    assert made.evaluate(X, 2 * X, verbose=0) == pytest.approx(1)
    assert made.test_on_batch(X, 2 * X) == pytest.approx(1)
    assert made.train_on_batch(X, 2 * X) == pytest.approx(1)


@pytest.mark.parametrize("validate", ["warn", "error", False])
def test_fit_learns_from_a_column(validate: Any) -> None:
    by_number, by_column = line(), line()
    history = by_number.fit(
        X, 3 * X, epochs=3, shuffle=False, validation_data=(X[:4], 3 * X[:4]), validate=validate, verbose=0
    )
    by_column.fit(X[:, None], 3 * X, epochs=3, shuffle=False, verbose=0)
    assert len(history.history["val_loss"]) == 3
    for one, other in zip(by_number.get_weights(), by_column.get_weights(), strict=True):
        assert one == pytest.approx(other)


@pytest.mark.parametrize("x", [[X, TABLE], {"table": TABLE, "number": X}], ids=["list", "dictionary"])
def test_one_of_several_inputs(x: Any) -> None:
    made = joined()
    assert made.predict(x, verbose=0) == pytest.approx(2 * X[:, None] + 3)
    assert made.evaluate(x, 2 * X + 3, verbose=0) == pytest.approx(0)
    made.fit(x, X, verbose=0)


def test_the_diagnosis_agrees() -> None:
    found = kmagic.diagnose(line(), X, 2 * X, loss="mse", optimizer="sgd")
    assert [item.code for item in found if item.severity == "error"] == []
    classes = Sequential([Input((1,)), Dense(3, "softmax")])
    recipe: dict[str, Any] = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}
    found = kmagic.diagnose(classes, X, (X[:, None] % 3).astype(int), **recipe)
    assert [item.code for item in found if item.severity == "error"] == []


def test_wider_inputs_still_want_rows() -> None:
    made = Sequential([Input((2,)), Dense(1)])
    with pytest.raises(BadData, match=r"n 2"):
        made.predict(X, verbose=0)
