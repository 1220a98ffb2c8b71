"""After an error nothing is left of what was begun."""

import numpy as np
import pytest

from kmagic.base.errors import BadData, KmagicError
from kmagic.layers import Dense, Reshape
from kmagic.models import Sequential
from kmagic.models.restoring import restoring

X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
CLASSES = np.arange(24) % 3
ROWS = np.eye(3, dtype="float32")[CLASSES]


def test_objects_get_back_their_attributes() -> None:
    class Thing:
        def __init__(self) -> None:
            self.numbers, self.name = [1], "a"

    thing = Thing()
    with pytest.raises(ZeroDivisionError), restoring(thing):
        thing.numbers.append(2)
        thing.name, thing.other = "b", 0
        1 / thing.other
    assert vars(thing) == {"numbers": [1], "name": "a"}


def test_a_failed_fit_does_not_choose_the_loss() -> None:
    model = Sequential([Dense(3, "softmax", input_dim=4)])
    model.compile("sgd", "crossentropy", metrics=["accuracy"])
    with pytest.raises(KmagicError):
        model.fit(X, np.zeros((24, 5), "float32"), verbose=0)
    assert model.optimizer.built is False and len(model.optimizer.variables) == 2
    model.fit(X, CLASSES, verbose=0)
    assert type(model.metrics[1]).__name__ == "SparseCategoricalAccuracy"


def test_a_failed_fit_does_not_build_the_model_for_the_wrong_data() -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(KmagicError):
        model.fit(X[:, :2], np.zeros((24, 5), "float32"), verbose=0)
    assert not model.built and model.weights == []
    model.fit(X, ROWS, verbose=0)
    assert model.layers[0].kernel.shape == (4, 3)


def test_a_failed_add_leaves_no_input_behind() -> None:
    model = Sequential()
    with pytest.raises(KmagicError):
        model.add(Reshape((7,), input_shape=(3,)))
    model.add(Dense(1, input_dim=5))
    assert model.input_shape == (None, 5) and len(model.layers) == 1


def test_popping_keeps_a_model_built_that_data_built() -> None:
    model = Sequential([Dense(2), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, 2 * X[:, :1], verbose=0)
    kept = model.layers[0].get_weights()
    model.pop()
    assert model.built and model.output_shape == (None, 2)
    np.testing.assert_array_equal(model.get_weights()[0], kept[0])


def test_looking_at_a_plan_chooses_nothing() -> None:
    model = Sequential([Dense(3, "softmax", input_dim=4)])
    model.compile("adam", "crossentropy", metrics=["accuracy"])
    model.plan("fuse")
    assert [metric.name for metric in model.metrics] == ["loss", "compile_metrics"], "none is chosen yet"
    assert len(model.optimizer.variables) == 2
    model.fit(X, ROWS, verbose=0)
    assert type(model.metrics[1]).__name__ == "CategoricalAccuracy"


def test_bad_data_of_a_later_batch_are_refused_too() -> None:
    model = Sequential([Dense(1, "sigmoid", input_dim=4)])
    model.compile("sgd", "binary_crossentropy")
    model.train_on_batch(X[:8], np.zeros(8))
    before = model.get_weights()
    with pytest.raises(BadData, match="targets are 7, binary_crossentropy needs 0 … 1"):
        model.train_on_batch(X[:8], np.full(8, 7.0))
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
