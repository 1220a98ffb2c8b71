"""A last axis of 1 may be missing, or be too much, in data and in calls, as in Keras."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.base.errors import BadData, ShapeMismatch
from kmagic.layers import Conv2D, Dense, Flatten
from kmagic.models import Sequential

IMAGES = np.random.default_rng(0).normal(size=(6, 5, 5)).astype("float32")
Y = np.random.default_rng(1).normal(size=(6, 1)).astype("float32")


def stacked() -> Model:
    return Sequential([Input((5, 5, 1)), Conv2D(2, 3), Flatten(), Dense(1)])


def joined() -> Model:
    x = Input((5, 5, 1), name="x")
    return Model(x, Dense(1)(Flatten()(Conv2D(2, 3)(x))))


@pytest.mark.parametrize("make", [stacked, joined])
def test_images_of_one_channel(make: Callable[[], Model]) -> None:
    model = make()
    wanted = model.predict(IMAGES[..., None], verbose=0)
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), wanted)
    np.testing.assert_allclose(model(IMAGES), wanted, rtol=1e-4, atol=1e-6)
    model.compile("sgd", "mse")
    assert model.evaluate(IMAGES, Y, verbose=0) == pytest.approx(np.mean((wanted - Y) ** 2), rel=1e-4)
    history = model.fit(IMAGES, Y, batch_size=3, verbose=0, validation_data=(IMAGES, Y)).history
    assert np.isfinite(history["val_loss"]).all()
    assert np.isfinite(model.train_on_batch(IMAGES, Y)) and np.isfinite(model.test_on_batch(IMAGES, Y))


def test_an_axis_too_much() -> None:
    x = Input((4,))
    for model in (Sequential([Input((4,)), Dense(1)]), Model(x, Dense(1)(x))):
        rows = IMAGES[:, 0, :4]
        wanted = model.predict(rows, verbose=0)
        np.testing.assert_array_equal(model.predict(rows[..., None], verbose=0), wanted)
        np.testing.assert_allclose(model(rows[..., None]), wanted, rtol=1e-5)


def test_each_input_for_itself() -> None:
    a, b = Input((5, 5, 1), name="a"), Input((3,), name="b")
    model = Model([a, b], Dense(1)(Flatten()(a)) + Dense(1)(b))
    rows = IMAGES[:, 0, :3]
    wanted = model.predict([IMAGES[..., None], rows], verbose=0)
    np.testing.assert_array_equal(model.predict({"a": IMAGES, "b": rows[..., None]}, verbose=0), wanted)


@pytest.mark.parametrize("given", [np.ones((6, 5, 4)), np.ones((6, 25)), np.ones((6, 5, 5, 1, 1, 1))])
def test_other_shapes_are_refused(given: Any) -> None:
    for model in (stacked(), joined()):
        with pytest.raises((BadData, ShapeMismatch)):
            model.predict(given, verbose=0)
    with pytest.raises(ShapeMismatch):
        joined()(given)
