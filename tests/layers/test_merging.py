"""Layers of several inputs: what broadcasts, what masks hide, what is refused, and their functions."""

import numpy as np
import pytest

from kmagic import layers
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.graph.masks import mask_of, with_mask
from kmagic.layers import Add, Average, Concatenate, Dense, Dot, Input, Maximum, Minimum, Multiply, Subtract
from kmagic.models import Model

A, B = np.random.default_rng(0).normal(size=(2, 2, 3, 4)).astype("float32")
LEFT, RIGHT = np.array([[True, True, False]] * 2), np.array([[True, False, False]] * 2)


def test_inputs_with_fewer_axes_get_more_behind_the_batch() -> None:
    row = B[:, 0]
    np.testing.assert_array_equal(Add()([A, row]), A + row[:, None])
    np.testing.assert_array_equal(Subtract()([A, B[:, :1]]), A - B[:, :1])
    assert Add().compute_output_shape([(None, 3, 4), (None, 4)]) == (None, 3, 4)
    assert Concatenate().compute_output_shape([(None, None, 4), (None, None, 2)]) == (None, None, 6)


@pytest.mark.parametrize(
    ("layer", "first", "second", "third"),
    [
        # both count, the first alone, neither
        (Add, lambda a, b: a + b, lambda a, b: a + b, lambda a, b: a + b),
        (Multiply, lambda a, b: a * b, lambda a, b: a, lambda a, b: 0 * a),
        (Maximum, np.maximum, lambda a, b: a, lambda a, b: a),
        (Minimum, np.minimum, lambda a, b: a, lambda a, b: a),
    ],
)
def test_masks_of_two_inputs(layer, first, second, third) -> None:
    found = layer()([with_mask(A, LEFT), with_mask(B, RIGHT)])
    for step, expected in enumerate((first, second, third)):
        np.testing.assert_allclose(found[:, step], expected(A, B)[:, step], rtol=1e-6)
    np.testing.assert_array_equal(mask_of(found), LEFT | RIGHT)


def test_an_input_without_a_mask_leaves_none() -> None:
    found = Maximum()([with_mask(A, LEFT), B])
    assert mask_of(found) is None
    np.testing.assert_array_equal(found[:, 2], B[:, 2])


def test_masks_of_concatenated_inputs() -> None:
    steps = Concatenate(axis=1)([with_mask(A, LEFT), B])
    np.testing.assert_array_equal(mask_of(steps)[0], [True, True, False, True, True, True])
    columns = Concatenate()([with_mask(A, LEFT), with_mask(B, RIGHT)])
    np.testing.assert_array_equal(mask_of(columns), LEFT | RIGHT)


def test_functions_are_layers_called() -> None:
    np.testing.assert_array_equal(layers.add([A, B]), A + B)
    np.testing.assert_array_equal(layers.subtract([A, B]), A - B)
    np.testing.assert_array_equal(layers.multiply([A, B]), A * B)
    np.testing.assert_allclose(layers.average([A, B]), (A + B) / 2)
    np.testing.assert_array_equal(layers.maximum([A, B]), np.maximum(A, B))
    np.testing.assert_array_equal(layers.minimum([A, B]), np.minimum(A, B))
    np.testing.assert_array_equal(layers.concatenate([A, B], axis=1), np.concatenate([A, B], 1))
    np.testing.assert_allclose(layers.dot([A, B], axes=2), np.einsum("bik,bjk->bij", A, B), rtol=1e-5)
    assert layers.add([Input((3,)), Input((3,))]).shape[1:] == (3,)


def test_a_residual_model_trains() -> None:
    x = Input((4,))
    deep = Dense(4, activation="relu")(x)
    model = Model(x, Dense(1)(Average()([Add()([x, deep]), deep])))
    model.compile("adam", "mse")
    data = np.random.default_rng(1).normal(size=(64, 4))
    history = model.fit(data, 2 * data[:, :1], epochs=10, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadType, match="sum: one input"):
        Add(name="sum")(A)
    with pytest.raises(BadValue, match="expected: 2 inputs"):
        Subtract()([A, B, A])
    with pytest.raises(ShapeMismatch, match=r"sum: inputs of shapes \[2 3 4\] and \[2 3 3\]"):
        Add(name="sum")([A, B[..., :3]])
    with pytest.raises(ShapeMismatch, match="expected: equal batches"):
        Model([a := Input((3,), batch_size=2), b := Input((3,), batch_size=3)], Add()([a, b]))
    with pytest.raises(ShapeMismatch, match="except for axis 1"):
        Concatenate(axis=1)([A, B[..., :3]])
    with pytest.raises(ShapeMismatch, match="expected: an axis 5"):
        Concatenate(axis=5)([A, B])
    with pytest.raises(ShapeMismatch, match="equal axes"):
        Dot(axes=(1, 2))([A, B])
    with pytest.raises(ShapeMismatch, match="none of them the batch"):
        Dot(axes=0)([A, B])
    for axes in ((1, 2, 3), "1", (1.0, 2)):
        with pytest.raises(BadValue, match="axes is"):
            Dot(axes)
