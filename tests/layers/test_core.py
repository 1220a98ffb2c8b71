"""Dense: values by hand, and errors that name layer and shape."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue, ShapeMismatch, UnknownName
from kmagic.layers import Dense
from kmagic.models import Sequential


def test_dense_by_hand() -> None:
    layer = Dense(2, activation="relu")
    layer.build((None, 3))
    layer.set_weights([np.array([[1, -1], [2, 0], [0, 1]], "float32"), np.array([0.5, -4], "float32")])
    # [1 2 3]: 1+4+0.5 = 5.5 and -1+0+3-4 = -2, cut off at 0; [0 0 5]: 0.5 and 5-4 = 1
    np.testing.assert_array_equal(layer(np.array([[1.0, 2, 3], [0, 0, 5]])), [[5.5, 0], [0.5, 1]])
    assert layer.count_params() == 8 and [w.path.rpartition("/")[2] for w in layer.weights] == ["kernel", "bias"]


def test_dense_works_on_the_last_axis() -> None:
    layer = Dense(2, use_bias=False)
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    result = layer(x)
    assert result.shape == (3, 4, 2) and len(layer.weights) == 1
    np.testing.assert_allclose(result, x @ layer.get_weights()[0], rtol=1e-5)


def test_constraints_hold_after_a_step_and_regularizers_are_named() -> None:
    model = Sequential([Dense(1, input_dim=2, kernel_constraint="non_neg", kernel_regularizer="l1")])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), -np.full((4, 1), 100.0), epochs=3, verbose=0)
    assert (model.get_weights()[0] >= 0).all()
    assert model.layers[0].get_config()["kernel_regularizer"]["class_name"] == "L1"


def test_a_wrong_shape_names_layer_and_shapes() -> None:
    layer = Dense(2, name="hidden")
    layer(np.ones((1, 3)))
    with pytest.raises(ShapeMismatch, match=r"hidden: input of shape \[1 4\]\n.*\[batch \*d 3\]"):
        layer(np.ones((1, 4)))
    with pytest.raises(ShapeMismatch, match=r"hidden: input of shape \[3\]") as caught:
        layer(np.ones(3))
    assert caught.value.fix == "x[None, :] for a single sample"
    with pytest.raises(ShapeMismatch, match="unknown: input of shape") as caught:
        Dense(2, name="unknown").build((None, None))
    assert caught.value.fix == "Dense(2, input_dim=...) or an Input before it"


@pytest.mark.parametrize("units", [0, -1, 1.5, "4", True, None])
def test_units_are_counted(units: object) -> None:
    with pytest.raises((BadValue, BadType), match="Dense: units is"):
        Dense(units)


@pytest.mark.parametrize(
    ("option", "fix"),
    [
        ({"activation": "rleu"}, "relu"),
        ({"kernel_initializer": "glorot"}, "glorot"),
        ({"kernel_regularizer": "l1_l3"}, "l1_l2"),
    ],
)
def test_unknown_names_get_a_suggestion(option: dict[str, str], fix: str) -> None:
    with pytest.raises(UnknownName) as caught:
        Dense(2, **option)
    assert fix in str(caught.value.fix)
