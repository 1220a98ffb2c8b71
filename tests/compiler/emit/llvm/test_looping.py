"""Many steps in one call: the same as one by one, also where one of them goes wrong."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import layers
from kmagic.base.errors import BadData, Defect, NotFinite
from kmagic.compiler.emit.llvm import looping
from tests.compiler.programs import executed_by

X = np.random.default_rng(0).standard_normal((203, 6)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def trained(executor: str, x: Any = X, y: Any = Y, epochs: int = 4, **options: Any) -> dict[str, Any]:
    """The history of a small training."""
    with executed_by(executor):
        kmagic.utils.set_random_seed(4)
        model = kmagic.Sequential([layers.Input((6,)), layers.Dense(9, "tanh"), layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        history: dict[str, Any] = model.fit(x, y, batch_size=16, epochs=epochs, verbose=0, **options).history
    return history


def test_trainings_agree() -> None:
    """The last batch has 11 rows."""
    native, right = (trained(name, validation_split=0.2) for name in ("llvm", "numpy"))
    assert native.keys() == right.keys()
    for name, values in right.items():
        np.testing.assert_allclose(native[name], values, rtol=1e-5)


def test_steps_per_epoch_go_on_where_the_last_epoch_ended() -> None:
    native, right = (trained(name, epochs=2, steps_per_epoch=5) for name in ("llvm", "numpy"))
    np.testing.assert_allclose(native["loss"], right["loss"], rtol=1e-5)


def test_a_bad_step_within_a_block_is_named_and_changes_nothing() -> None:
    x = X.copy()
    x[100, 2] = np.inf
    with pytest.raises((BadData, NotFinite), match="infinity"):
        trained("llvm", x, shuffle=False, validate=False)


def test_an_index_outside_is_named() -> None:
    with executed_by("llvm"):
        model = kmagic.Sequential([layers.Input((6,)), layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        labels = np.zeros(203, "int32")
        labels[150] = 3
        before = [weight.copy() for weight in model.get_weights()]
        with pytest.raises(BadData, match="index 3"):
            model.fit(X, labels, batch_size=256, verbose=0, validate=False)
        for weight, was in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight, was)


@pytest.mark.parametrize("target", [np.zeros((4, 3), "float64"), np.zeros((4, 2), "float32")])
def test_rows_of_another_kind_are_not_copied(target: np.ndarray) -> None:
    with pytest.raises(Defect, match="rows of float32"):
        looping.run(0, (0, 0), [(np.zeros((4, 3), "float32"), target)], np.arange(4), 2)
