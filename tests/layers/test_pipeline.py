"""A pipeline: its layers one after the other, in training and in inference, and itself again from its configuration."""

import numpy as np

import kmagic
from kmagic.layers import Input, Pipeline, RandomBrightness, RandomFlip, Rescaling

X = np.random.default_rng(0).uniform(0, 1, (4, 3, 3, 1)).astype("float32")


def test_layers_one_after_the_other() -> None:
    pipeline = Pipeline([RandomBrightness((0.5, 0.5), value_range=(0, 2)), Rescaling(2.0)])
    np.testing.assert_allclose(pipeline(X), 2 * X + 2, rtol=1e-6)
    np.testing.assert_allclose(pipeline(X, training=False), 2 * X, rtol=1e-6)
    model = kmagic.Sequential([Input((3, 3, 1)), pipeline])
    np.testing.assert_allclose(model.predict(X, verbose=0), 2 * X, rtol=1e-6)


def test_its_configuration_makes_it_again() -> None:
    pipeline = Pipeline([RandomFlip("vertical", seed=3), Rescaling(2.0)], name="changes")
    again = Pipeline.from_config(pipeline.get_config())
    assert again.get_config() == pipeline.get_config()
    np.testing.assert_array_equal(again(X), pipeline(X))


def test_dictionaries_pass_through_layers_that_take_them() -> None:
    found = Pipeline([RandomFlip(seed=1), RandomBrightness(0.1, seed=2)])({"images": X, "labels": np.arange(4)})
    assert found["labels"].tolist() == [0, 1, 2, 3] and found["images"].shape == X.shape
