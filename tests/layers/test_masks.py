"""Masks of layers: who makes them, who gets them, and what losses and metrics do with them.

Expected numbers are those of NumPy; Keras 3.15.1 on JAX gives the same, but for weights of samples (see there).
"""

import warnings
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.graph.masks import mask_of
from kmagic.layers import Dense, Dropout, Flatten, Input, Layer
from kmagic.losses import MeanSquaredError
from kmagic.metrics import MeanAbsoluteError
from kmagic.models import Model, Sequential

X = np.array([[[1, 2], [0, 0], [3, 1]], [[0, 0], [0, 0], [2, 2]]], "float32")
Y = np.arange(6, dtype="float32").reshape(2, 3, 1) / 4
MASK = X.any(-1)


class Marking(Layer):
    """Positions that are all 0 do not count."""

    def call(self, inputs: Any) -> Any:
        return inputs * 1 + 1

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.any(ops.not_equal(inputs, 0), axis=-1)


class Taking(Layer):
    """What does not count becomes 0; `seen` has whether a mask came in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True
        self.seen: list[bool] = []

    def call(self, inputs: Any, mask: Any = None) -> Any:
        self.seen.append(mask is not None)
        return inputs if mask is None else inputs * ops.expand_dims(ops.cast(mask, inputs.dtype), -1)


class Plain(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 1


def ones() -> Dense:
    return Dense(1, kernel_initializer="ones")


def in_a_row(*layers: Layer) -> Model:
    return Sequential([Input((3, 2)), *layers])


def built_with_data(*layers: Layer) -> Model:
    return Sequential(layers)


def functional(*layers: Layer) -> Model:
    start = x = Input((3, 2))
    for layer in layers:
        x = layer(x)
    return Model(start, x)


def nested(*layers: Layer) -> Model:
    """Two models inside of one, cut after the first layer."""
    start, middle = Input((3, 2)), Input((3, 2))
    x = middle
    for layer in layers[1:]:
        x = layer(x)
    first = Input((3, 2))
    return Model(start, Model(middle, x)(Model(first, layers[0](first))(start)))


class Subclassed(Model):
    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        self.parts = list(layers)

    def call(self, inputs: Any) -> Any:
        for layer in self.parts:
            inputs = layer(inputs)
        return inputs


KINDS = [in_a_row, built_with_data, functional, nested, Subclassed]
TAKEN = ((X + 1) * MASK[..., None]).sum(-1, keepdims=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_goes_from_the_layer_that_makes_it_to_all_that_use_it(kind: Any) -> None:
    taking = Taking()
    model = kind(Marking(), Dropout(0.5), taking, ones())
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    errors = (TAKEN - Y)[MASK]
    assert found["loss"] == pytest.approx((errors**2).mean(), rel=1e-6)
    assert found["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-6)
    assert found["mse"] == pytest.approx((errors**2).mean(), rel=1e-6)
    np.testing.assert_allclose(model.predict(X, verbose=0), TAKEN)
    np.testing.assert_allclose(model(X), TAKEN, err_msg="called on arrays")
    if kind is not nested:  # the second model alone is connected without a mask
        assert all(taking.seen), "also where a layer is connected and no value is known"
    model.compile("sgd", "mse", run_eagerly=True)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx((errors**2).mean(), rel=1e-6)


def test_weights_of_samples_count_for_all_their_positions() -> None:
    """Keras lays them along the positions where there are as many of these as samples, and else refuses."""
    model = in_a_row(Marking(), Taking(), ones())
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    weights = np.array([1.0, 3.0], "float32")
    found = model.evaluate(X, Y, sample_weight=weights, verbose=0, return_dict=True)
    counted = MASK * weights[:, None]
    errors = np.abs(TAKEN - Y)[..., 0]
    assert found["loss"] == pytest.approx((counted * errors**2).sum() / MASK.sum(), rel=1e-6)
    assert found["mae"] == pytest.approx((counted * errors).sum() / counted.sum(), rel=1e-6)


def test_arrays_carry_masks_to_losses_and_metrics() -> None:
    prediction = ones()(Marking()(X))
    errors = ((X + 1).sum(-1, keepdims=True) - Y)[MASK]
    assert float(MeanSquaredError()(Y, prediction)) == pytest.approx((errors**2).mean(), rel=1e-6)
    metric = MeanAbsoluteError()
    metric.update_state(Y, prediction)
    assert float(metric.result()) == pytest.approx(np.abs(errors).mean(), rel=1e-6)
    assert mask_of(Marking()(X)).tolist() == MASK.tolist() and mask_of(X) is None


def test_the_input_of_a_layer_that_marks_it_stays_without_a_mask() -> None:
    class Marker(Marking):
        def call(self, inputs: Any) -> Any:
            return inputs

    taking = Taking()
    start = Input((3, 2))
    marked = Marker()(start)
    model = Model(start, taking(start) + 0 * marked)
    taking.seen.clear()
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    assert taking.seen == [False]


@pytest.mark.parametrize("layer", [Plain, Flatten])
def test_a_layer_that_does_not_support_masks_ends_them_and_says_so(layer: type[Layer]) -> None:
    with pytest.warns(UserWarning, match=rf"\({layer.__name__}\) does not support masking"):
        result = layer()(Marking()(X))
    assert mask_of(result) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer()(X)


def test_layers_of_several_inputs_get_as_many_masks() -> None:
    seen: list[Any] = []

    class Sum(Layer):
        supports_masking = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            seen.append(mask)
            return inputs[0] + inputs[1]

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return mask[0]

    result = Sum()([Marking()(X), X])
    assert seen[0][0].tolist() == MASK.tolist() and seen[0][1] is None
    assert mask_of(result).tolist() == MASK.tolist()


def test_masks_that_are_given_come_before_those_that_values_carry() -> None:
    layer = Taking()
    other = ~MASK
    np.testing.assert_array_equal(layer(Marking()(X), mask=other), (X + 1) * other[..., None])
    np.testing.assert_array_equal(layer(Marking()(X), other), (X + 1) * other[..., None], err_msg="by position")
    assert mask_of(layer(Marking()(X), mask=other)).tolist() == other.tolist()


def test_a_cast_keeps_the_mask() -> None:
    layer = Taking(dtype="float64")
    found = layer(Marking()(X))
    assert str(found.dtype) == "float64"
    np.testing.assert_array_equal(found, (X + 1) * MASK[..., None])
