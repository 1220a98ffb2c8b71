"""EinsumDense: any axes, unknown sizes, initial spread, and what is refused."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import Dense, EinsumDense, Input
from kmagic.models import Sequential

X = np.random.default_rng(0).normal(size=(2, 3, 4, 5))


def test_it_is_einsum() -> None:
    layer = EinsumDense("abcd,cde->abe", (None, 6), bias_axes="e", activation="tanh", dtype="float64")
    found = layer(X)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(found, np.tanh(np.einsum("abcd,cde->abe", X, kernel) + bias))


def test_axes_left_alone_may_be_any() -> None:
    layer = EinsumDense("...x,xy->...y", 6, dtype="float64")
    found = layer(X)
    np.testing.assert_allclose(found, X @ layer.get_weights()[0])
    behind = EinsumDense("ab...,bc->ac...", 6, bias_axes="c", dtype="float64")
    found = behind(X)
    kernel, bias = behind.get_weights()
    assert bias.shape == (6, 1, 1)
    np.testing.assert_allclose(found, np.einsum("abxy,bc->acxy", X, kernel))


def test_steps_whose_number_is_unknown() -> None:
    model = Sequential([Input((None, 4)), EinsumDense("abc,cd->abd", (None, 2), bias_axes="d")])
    assert model.output_shape == (None, None, 2)
    for steps in (3, 5):
        assert model.predict(np.ones((2, steps, 4)), verbose=0).shape == (2, steps, 2)


def test_spread_of_the_kernel_counts_its_own_inputs_and_outputs() -> None:
    layer = EinsumDense("abc,cde->abde", (3, 20, 50), kernel_initializer="glorot_uniform")
    layer.build((None, 3, 100))
    limit = (6 / (100 + 1000)) ** 0.5
    assert 0.95 * limit < np.abs(layer.get_weights()[0]).max() <= limit


def test_equal_to_dense() -> None:
    dense, other = Dense(6, dtype="float64"), EinsumDense("abcd,de->abce", (3, 4, 6), bias_axes="e", dtype="float64")
    dense(X), other(X)
    other.set_weights(dense.get_weights())
    np.testing.assert_allclose(other(X), dense(X))


def test_config_keeps_the_shape() -> None:
    layer = EinsumDense("ab,bc->ac", 3)
    layer(np.ones((2, 4)))
    again = EinsumDense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and layer.get_config()["output_shape"] == [3]


@pytest.mark.parametrize(
    "equation", ["ab,bc", "ab->ac", "ab,bc->ad", "ab,bd->ac", "...ab,bc->ac", "...a...,ab->...b...", 'ab,b c->a"c']
)
def test_equations_that_mean_nothing_are_refused(equation) -> None:
    with pytest.raises(BadValue, match="EinsumDense: equation is"):
        EinsumDense(equation, 3)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadValue, match="bias_axes is 'z'"):
        EinsumDense("ab,bc->ac", 3, bias_axes="z")
    with pytest.raises(ShapeMismatch, match="d: input of shape"):
        EinsumDense("ab,bc->ac", 3, name="d")(X)
    with pytest.raises(ShapeMismatch, match="b is 4 and 3"):
        EinsumDense("abc,cd->abd", (3, 2))(X[:, 0])
    with pytest.raises(ShapeMismatch, match="known sizes"):
        EinsumDense("ab,bc->ac", 3)(Input((None,)))
