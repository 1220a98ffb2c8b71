"""Lambda: a function of the user's between other layers."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadType, UnknownName
from kmagic.graph.masks import mask_of, with_mask
from kmagic.layers import Dense, Input, Lambda
from kmagic.models import Model, Sequential

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def test_between_layers_it_is_trained_through() -> None:
    model = Sequential([Input((3,)), Dense(3), Lambda(lambda x: np.tanh(x) * 2), Dense(1)])
    model.compile("adam", "mse")
    losses = model.fit(X, X[:, :1], epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(Lambda(lambda x: x**2)(X), X**2)


def test_several_inputs_and_further_arguments() -> None:
    a, b = Input((3,)), Input((3,))
    model = Model([a, b], Lambda(lambda pair, by: pair[0] - by * pair[1], arguments={"by": 2.0})([a, b]))
    np.testing.assert_allclose(model.predict([X, X], verbose=0), -X, rtol=1e-6)


def test_a_function_may_ask_for_mode_and_mask() -> None:
    layer = Lambda(lambda x, training: x * 0 if training else x)
    np.testing.assert_array_equal(layer(X), X)
    np.testing.assert_array_equal(layer(X, training=True), 0 * X)
    mask = np.array([[True, False, True]] * 4)
    seen = Lambda(lambda x, mask: ops.where(mask, x, 0))(with_mask(X, mask))
    np.testing.assert_array_equal(seen, np.where(mask, X, 0))


def test_masks_of_the_output() -> None:
    mask = np.array([[True, False, True]] * 4)
    kept = Lambda(lambda x: x, mask=lambda x, previous: previous)(with_mask(X, mask))
    np.testing.assert_array_equal(mask_of(kept), mask)
    np.testing.assert_array_equal(mask_of(Lambda(lambda x: x, mask=mask)(X)), mask)


def test_configurations_name_operations_and_keep_other_functions() -> None:
    def double(x):
        return 2 * x

    assert Lambda(ops.square).get_config()["function"] == "square"
    again = Lambda.from_config(Lambda(double).get_config())
    np.testing.assert_allclose(again(X), 2 * X)
    named = Lambda.from_config({"function": "double"}, custom_objects={"double": double})
    np.testing.assert_allclose(named(X), 2 * X)
    with pytest.raises(UnknownName, match="unknown function 'doubles'"):
        Lambda.from_config({"function": "doubles"}, custom_objects={"double": double})


def test_only_functions_are_taken() -> None:
    with pytest.raises(BadType, match="Lambda: function is 3"):
        Lambda(3)
