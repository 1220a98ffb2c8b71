"""Losses that users write: functions, lambdas, subclasses, and what is said of the wrong ones."""

from typing import Any

import numpy as np
import pytest

from kmagic import losses, ops
from kmagic.base.errors import BadType, KmagicError, ShapeMismatch, UserCodeError
from kmagic.layers import Dense
from kmagic.models import Sequential

X = np.random.default_rng(3).normal(size=(8, 2)).astype("float32")
Y = X.sum(-1, keepdims=True)


def trained(loss: Any) -> float:
    model = Sequential([Dense(1, input_dim=2, kernel_initializer="ones")])
    model.compile("sgd", loss)
    return model.train_on_batch(X, Y + 1)


class Shifted(losses.Loss):
    def __init__(self, by: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.by = by

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(y_true - y_pred - self.by), axis=-1)


def squared(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def total(y_true: Any, y_pred: Any) -> Any:
    return ops.sum(ops.square(y_true - y_pred))


class Forgetful(losses.Loss):
    def __init__(self, power: int) -> None:
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean((y_true - y_pred) ** self.power, axis=-1)


# predictions are off by 1 everywhere: a mean of squares is 1, a sum over 8 samples 8
@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (squared, 1.0),
        (lambda t, p: (t - p) ** 2, 1.0),
        (lambda t, p: np.mean(np.square(t - p), axis=-1), 1.0),
        (total, 8.0),
        (Shifted(), 1.0),
        (Shifted(by=1.0), 0.0),
        (Shifted, 1.0),
        (Forgetful(4), 1.0),
        (losses.huber, 0.5),
        (losses.Huber, 0.5),
        (losses.Huber(delta=0.5), 0.375),
        ("huber_loss", 0.5),
        ("Huber", 0.5),
    ],
)
def test_everything_that_is_a_loss_trains(loss: Any, expected: float) -> None:
    assert trained(loss) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def undefined(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.square(y_true - y_pred)) * weight  # noqa: F821


def misspelt(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.sqare(y_true - y_pred))


def silent(y_true: Any, y_pred: Any) -> None:
    ops.mean(y_true - y_pred)


def branching(y_true: Any, y_pred: Any) -> Any:
    return y_pred if y_pred > 0 else y_true


def mismatched(y_true: Any, y_pred: Any) -> Any:
    return y_pred - np.ones((3, 3))


def several(y_true: Any, y_pred: Any) -> Any:
    return y_true, y_pred


class Short(losses.Loss):
    def call(self, y_pred: Any) -> Any:
        return y_pred


class Broken(losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return y_true - self.missing


@pytest.mark.parametrize(
    ("loss", "kind", "told"),
    [
        (undefined, UserCodeError, "NameError: name 'weight' is not defined"),
        (misspelt, UserCodeError, "did you mean square"),
        (silent, ShapeMismatch, "returned NoneType"),
        (several, ShapeMismatch, "returned tuple"),
        (Short(), UserCodeError, "takes 2 positional arguments but 3 were given"),
        (branching, KmagicError, "truth value"),
        (mismatched, ShapeMismatch, "do not broadcast"),
        (Broken(), UserCodeError, "has no attribute 'missing'"),
    ],
)
def test_a_wrong_function_is_named_with_its_line(loss: Any, kind: type, told: str) -> None:
    with pytest.raises(kind) as caught:
        trained(loss)
    name = f"{type(loss).__name__}.call" if isinstance(loss, losses.Loss) else loss.__name__
    assert f"loss {name} (test_loss_functions.py:" in str(caught.value) and told in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_the_number_of_arguments_is_checked_at_compile() -> None:
    model = Sequential([Dense(1, input_dim=2)])
    with pytest.raises(BadType, match=r"loss lambda \(test_loss_functions.py:\d+\)") as caught:
        model.compile("sgd", lambda y_pred: y_pred)
    assert "(y_true, y_pred)" in str(caught.value.expected)


def test_values_that_are_not_of_samples_are_refused() -> None:
    with pytest.raises(ShapeMismatch, match=r"returned \[2\]") as caught:
        losses.resolve(lambda t, p: ops.mean(ops.square(t - p), axis=0))(X, X)
    assert caught.value.fix == "ops.mean(…, axis=-1)" and "[8 …]" in str(caught.value.expected)


def test_a_subclass_is_not_aligned() -> None:
    # as in Keras: (4,) beside (4, 1) makes a table of all pairs
    column = np.arange(4.0)[:, None]
    pairs = Shifted(reduction="none")(column[:, 0], column)
    assert pairs.shape == (4,)
    np.testing.assert_allclose(pairs, ((np.arange(4.0) - column) ** 2).mean(-1))
    np.testing.assert_allclose(losses.MeanSquaredError(reduction="none")(column[:, 0], column), 0)


TARGETS, GUESSES = np.array([1.0, 2.0, 3.0, 4.0]), np.full((4, 1), 2.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_squared_error", [1, 0, 1, 4]),
        ("mean_absolute_error", [1, 0, 1, 2]),
        ("mean_absolute_percentage_error", [100, 0, 100 / 3, 50]),
        ("huber", [0.5, 0, 0.5, 1.5]),
        ("poisson", 2 - TARGETS * np.log(2)),
    ],
)
def test_the_function_of_a_loss_compares_a_row_of_targets_with_a_column(name: str, expected: Any) -> None:
    function = getattr(losses, name)
    np.testing.assert_allclose(function(TARGETS, GUESSES), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(function(TARGETS[:, None], GUESSES[:, 0]), expected, rtol=1e-6, atol=1e-6)


def test_the_function_of_a_margin_compares_a_row_of_targets_with_a_column() -> None:
    np.testing.assert_allclose(losses.hinge(-TARGETS, GUESSES), 1 + 2 * TARGETS, rtol=1e-6)
    np.testing.assert_allclose(losses.squared_hinge(-TARGETS, GUESSES), (1 + 2 * TARGETS) ** 2, rtol=1e-6)


def test_the_function_of_a_crossentropy_wants_one_shape() -> None:
    with pytest.raises(ShapeMismatch):
        losses.binary_crossentropy(np.array([0.0, 1.0]), np.full((2, 1), 0.5))
