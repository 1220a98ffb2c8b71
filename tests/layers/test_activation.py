"""Activations as layers: values by hand, masks, learnt slopes, and what is refused."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import ELU, Activation, Dense, Layer, LeakyReLU, PReLU, ReLU, Softmax
from kmagic.models import Sequential

X = np.array([[-2.0, -0.5, 0.5, 3.0]])


def test_activation_takes_names_and_functions() -> None:
    x = np.array([[-1.0, 2.0]])
    np.testing.assert_array_equal(Activation("relu")(x), [[0, 2]])
    np.testing.assert_array_equal(Activation(lambda v: v * 3)(x), [[-3, 6]])


def test_values_by_hand() -> None:
    np.testing.assert_allclose(ReLU()(X), [[0, 0, 0.5, 3]])
    np.testing.assert_allclose(ReLU(max_value=2.0, negative_slope=0.5, threshold=1.0)(X), [[-1.5, -0.75, -0.25, 2]])
    np.testing.assert_allclose(LeakyReLU()(X), [[-0.6, -0.15, 0.5, 3]], rtol=1e-6)
    np.testing.assert_allclose(ELU(alpha=2.0)(X), np.where(X > 0, X, 2 * np.expm1(X)), rtol=1e-6)
    np.testing.assert_allclose(Softmax()(X), np.exp(X) / np.exp(X).sum(), rtol=1e-6)


def test_names_are_those_of_keras() -> None:
    assert [make().name.rstrip("_0123456789") for make in (ReLU, LeakyReLU, PReLU, ELU, Softmax)] == [
        "re_lu",
        "leaky_re_lu",
        "p_re_lu",
        "elu",
        "softmax",
    ]


def test_the_older_name_of_the_slope() -> None:
    layer = LeakyReLU(alpha=0.25)
    assert layer.negative_slope == 0.25 and "alpha" not in layer.get_config()
    assert LeakyReLU.from_config(layer.get_config()).negative_slope == 0.25


@pytest.mark.parametrize("arguments", [{"max_value": -1.0}, {"negative_slope": -0.1}, {"threshold": -2.0}])
def test_bounds(arguments: dict[str, float]) -> None:
    with pytest.raises(BadValue, match="ReLU: .* is -"):
        ReLU(**arguments)


def test_slopes_are_learnt() -> None:
    model = Sequential([PReLU(input_shape=(2,))])
    model.compile("sgd", "mse")
    # targets are a quarter of the negative input: alpha moves from 0 towards 0.25 where the input is negative
    x = np.array([[-1.0, 1.0]] * 8)
    model.fit(x, x * np.array([0.25, 1.0]), epochs=400, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], [0.25, 0], atol=0.01)


def test_slopes_are_shared_along_axes() -> None:
    layer = PReLU("ones", shared_axes=[1, 2])
    assert layer(np.ones((2, 3, 4, 5))).shape == (2, 3, 4, 5) and layer.alpha.shape == (1, 1, 5)
    assert layer.alpha.path.endswith("/alpha") and layer.get_config()["shared_axes"] == [1, 2]
    assert PReLU(shared_axes=1).shared_axes == [1]
    with pytest.raises(ShapeMismatch, match=r"input of shape \[2 3 4 6\]"):
        layer(np.ones((2, 3, 4, 6)))
    with pytest.raises(ShapeMismatch, match=r"expected: \[batch \? \? 5\]"):
        layer(np.ones((2, 5)))
    with pytest.raises(ShapeMismatch) as caught:
        PReLU().build((None, None, 5))
    assert caught.value.fix == "PReLU(shared_axes=[1])"


def test_masked_positions_get_nothing() -> None:
    mask = np.array([[True, False, True, False]])
    kept = np.where(mask, np.exp(X), 0)
    np.testing.assert_allclose(Softmax()(X, mask=mask), kept / kept.sum(), rtol=1e-6)
    np.testing.assert_allclose(Softmax()(X, mask=mask.astype("float32")), kept / kept.sum(), rtol=1e-6)
    np.testing.assert_array_equal(Softmax()(X, mask=np.zeros((1, 4), bool)), 0)
    with pytest.raises(ShapeMismatch, match="mask of shape"):
        Softmax()(X, mask=np.ones((1, 3), bool))


@pytest.mark.parametrize("axis", [1, (1,), (1, 2), [0, 1, 2]])
def test_axes_of_softmax(axis: object) -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    places = axis if isinstance(axis, int) else tuple(axis)
    expected = np.exp(x) / np.exp(x).sum(places, keepdims=True)
    np.testing.assert_allclose(Softmax(axis)(x), expected, rtol=1e-5)


@pytest.mark.parametrize("made", [lambda: ReLU(2.0), lambda: LeakyReLU(0.1), PReLU, lambda: Softmax(axis=1)])
def test_a_layer_may_be_an_activation(made: Callable[[], Layer]) -> None:
    layer = Dense(4, activation=made())
    x = np.random.default_rng(2).normal(size=(3, 2))
    before = layer(x)
    assert len(layer.weights) == 2 + isinstance(layer.activation, PReLU)
    again = Dense.from_config(json.loads(json.dumps(layer.get_config())))
    again.build((None, 2))
    again(x)
    again.set_weights(layer.get_weights())
    assert type(again.activation) is type(layer.activation)
    np.testing.assert_array_equal(again(x), before)


def test_softmax_after_logits_is_seen() -> None:
    model = Sequential([Dense(3, input_dim=2), Softmax()])
    assert model.layers[-1].activation.__name__ == "softmax"
