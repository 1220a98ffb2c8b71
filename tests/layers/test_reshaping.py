"""Flatten and Reshape keep every number, in the order that is said."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.layers import Flatten, Input, Permute, RepeatVector, Reshape
from kmagic.models import Sequential

X = np.arange(24.0).reshape(2, 3, 4)


def test_flatten() -> None:
    np.testing.assert_array_equal(Flatten()(X), X.reshape(2, 12))
    assert Flatten()(np.ones(5)).shape == (5, 1) and Flatten()(np.ones((5, 2))).shape == (5, 2)
    assert Flatten().compute_output_shape((None, 3, 4)) == (None, 12)


def test_flatten_of_channels_first_moves_channels_last() -> None:
    np.testing.assert_array_equal(
        Flatten(data_format="channels_first")(X), np.stack([sample.T.ravel() for sample in X])
    )


@pytest.mark.parametrize("shape", [(12,), (4, 3), (-1, 6), (2, -1, 2)])
def test_reshape(shape: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(Reshape(shape)(X), X.reshape(2, *shape))
    assert Reshape(shape).compute_output_shape((None, 3, 4)) == (None, *X.reshape(2, *shape).shape[1:])


def test_a_size_that_does_not_fit_names_the_layer() -> None:
    with pytest.raises(ShapeMismatch, match=r"pairs: \[2 3 4\] cannot be reshaped to \[2 5 2\]"):
        Reshape((5, 2), name="pairs")(X)
    with pytest.raises(ShapeMismatch, match=r"m/pairs: .* cannot be reshaped"):
        Sequential([Input(shape=(3, 4)), Reshape((5, 2), name="pairs")], name="m")


def test_permute_counts_axes_from_1() -> None:
    np.testing.assert_array_equal(Permute((2, 1))(X), X.transpose(0, 2, 1))
    assert Permute((3, 1, 2)).compute_output_shape((None, 2, None, 4)) == (None, 4, 2, None)
    for wrong in ((0, 1), (1, 1), (1, 3)):
        with pytest.raises(BadValue, match="Permute: dims is"):
            Permute(wrong)
    with pytest.raises(ShapeMismatch, match="turned: input of shape"):
        Permute((1,), name="turned")(X)


def test_repeat_vector_makes_steps() -> None:
    np.testing.assert_array_equal(RepeatVector(3)(X[0]), np.repeat(X[0][:, None], 3, 1))
    assert RepeatVector(3).compute_output_shape((None, 4)) == (None, 3, 4)
    with pytest.raises((BadType, BadValue), match="n is 0"):
        RepeatVector(0)
    with pytest.raises(ShapeMismatch, match="steps: input of shape"):
        RepeatVector(2, name="steps")(X)
