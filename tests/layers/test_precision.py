"""What layers compute in: policies, casts of inputs and weights, and layers of several dtypes in one model."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import Unsupported
from kmagic.base.policies import DTypePolicy, DTypePolicyMap, serialize, set_dtype_policy
from kmagic.graph.narrow import Bfloat16
from kmagic.layers import BatchNormalization, Dense, Input, LayerNormalization, MultiHeadAttention
from kmagic.layers.layer import Layer
from kmagic.models import Model, Sequential

X = np.random.default_rng(0).normal(size=(4, 6))


@pytest.fixture(autouse=True)
def usual_policy() -> Iterator[None]:
    yield
    set_dtype_policy(None)


def told(layer: Layer) -> tuple[str, str, str, str]:
    return layer.dtype_policy.name, layer.compute_dtype, layer.variable_dtype, layer.dtype


@pytest.mark.parametrize(
    "given",
    [
        "mixed_float16",
        DTypePolicy("mixed_float16"),
        serialize(DTypePolicy("mixed_float16")),
        {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "registered_name": None},
    ],
)
def test_a_policy_comes_in_many_forms(given: Any) -> None:
    layer = Dense(3, dtype=given)
    assert told(layer) == ("mixed_float16", "float16", "float32", "float32") and layer.quantization_mode is None
    assert layer(X).dtype == "float16" and layer.kernel.dtype == "float32"
    assert layer.get_config()["dtype"] == "mixed_float16"


def test_dtypes_are_policies_too() -> None:
    assert told(Dense(3)) == ("float32",) * 4 and told(Dense(3, dtype="float64")) == ("float64",) * 4
    half = Dense(3, dtype="float16")
    assert half(X).dtype == half.kernel.dtype == half.bias.numpy().dtype == "float16"
    brain = Dense(3, dtype="bfloat16")
    assert isinstance(brain(X), Bfloat16) and brain.kernel.dtype == "bfloat16"
    with pytest.raises(Unsupported, match="quantisation"):
        Dense(3, dtype="int8_from_float32")


def test_the_policy_that_is_set_counts_when_a_layer_is_made() -> None:
    before = Dense(3)
    set_dtype_policy("mixed_bfloat16")
    layer, other = Dense(3), Dense(3, dtype="float32")
    set_dtype_policy(None)
    assert [told(each)[0] for each in (before, layer, other)] == ["float32", "mixed_bfloat16", "float32"]
    layer.dtype_policy = "mixed_float16"
    assert layer(X).dtype == "float16"


def test_maps_go_by_the_path_of_a_layer() -> None:
    policies = DTypePolicyMap("float32", {".*narrow": "mixed_float16"})
    model = Sequential([Dense(3, name="narrow", dtype=policies), Dense(2, name="wide", dtype=policies)], name="net")
    model(X)
    assert [layer.compute_dtype for layer in model.layers] == ["float16", "float32"]
    assert Dense.from_config(model.layers[0].get_config()).dtype_policy == policies


def test_only_floats_are_cast() -> None:
    class Seen(Layer):
        def call(self, inputs: Any, other: Any = None, scale: Any = None) -> Any:
            self.seen = [ops.dtype(x) for x in (inputs["a"], inputs["b"], other, scale)]
            return inputs["a"]

    layer = Seen(dtype="mixed_float16")
    inputs = {"a": X, "b": np.arange(4)}
    layer(inputs, X, scale=X[0])
    assert layer.seen == ["float16", "int64", "float16", "float16"]
    apart = Seen(dtype="mixed_float16", autocast=False)
    apart(inputs, X.astype("float32"), scale=True)
    assert apart.seen == ["float64", "int64", "float32", "bool"]


def test_weights_come_in_the_dtype_of_the_computation_unless_they_are_told_not_to() -> None:
    class Weighted(Layer):
        def build(self, input_shape: Any) -> None:
            self.cast = self.add_weight((6,), "ones", name="cast")
            self.kept = self.add_weight((6,), "ones", autocast=False, name="kept")
            self.count = self.add_weight((), "zeros", "int32", False, name="count")

        def call(self, inputs: Any) -> Any:
            self.seen = [self.cast.dtype, self.kept.dtype, self.count.dtype, (inputs * self.cast).dtype]
            self.count.assign_add(1)
            return inputs * self.cast

    layer = Weighted(dtype="mixed_float16")
    assert layer(X).dtype == "float16" and layer.seen == ["float16", "float32", "int32", "float16"]
    assert [v.dtype for v in layer.weights] == ["float32", "float32", "int32"] and int(layer.count) == 1
    assert layer.compute_output_spec(Input((6,))).dtype == "float16"
    assert layer.compute_output_shape((None, 6)) == (None, 6)


def test_statistics_are_those_of_float32() -> None:
    """Numbers far from 0: their squares are infinite in float16, and their spread is lost in bfloat16's sums."""
    far = (1000 + np.arange(8.0)).reshape(8, 1) * np.ones((1, 3))
    for policy in ("mixed_float16", "mixed_bfloat16"):
        found = np.asarray(BatchNormalization(dtype=policy)(far, training=True), "float64")
        low = np.asarray(ops.cast(far, DTypePolicy(policy).compute_dtype), "float64")
        expected = (low - low.mean(0)) / np.sqrt(low.var(0) + 1e-3)
        np.testing.assert_allclose(found, expected, atol=2.0**-6)
    rows = LayerNormalization(dtype="mixed_float16")(np.array([[1000.0, 1001.0, 1002.0]]))
    np.testing.assert_allclose(np.asarray(rows, "float64"), [[-1.2238, 0.0, 1.2238]], atol=2e-3)


def test_layers_of_several_dtypes_in_one_model() -> None:
    x = Input((6,))
    wide = Dense(3, dtype="float32", name="wide")(x)
    narrow = Dense(3, dtype="mixed_bfloat16", name="narrow")(x)
    exact = Dense(3, dtype="float64", name="exact")(x)
    model = Model(x, [wide, narrow, exact])
    assert [symbol.dtype for symbol in model.outputs] == ["float32", "bfloat16", "float64"]
    found = model.predict(X, verbose=0)
    assert [array.dtype for array in found] == ["float32", "float32", "float64"]
    weights = model.get_layer("wide").get_weights()
    for name in ("narrow", "exact"):
        model.get_layer(name).set_weights(weights)
    first, second, third = model.predict(X, verbose=0)
    np.testing.assert_allclose(first, third, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(second, third, rtol=0, atol=2.0**-5)
    assert np.abs(second - third).max() > 1e-4


def test_a_model_hands_its_layers_what_comes_in() -> None:
    """Floats are not rounded to 16 bits before a layer that computes in more sees them."""
    set_dtype_policy("mixed_bfloat16")
    model = Sequential([Dense(1, dtype="float32", kernel_initializer="ones", input_dim=2), Dense(1)])
    assert model.inputs[0].dtype == "float32" and model.compute_dtype == "bfloat16"
    inner = Sequential([model.layers[0]])
    np.testing.assert_allclose(inner(np.array([[1.0001, 2.0]])), [[3.0001]], rtol=1e-6)


def test_layers_inside_share_the_policy() -> None:
    layer = MultiHeadAttention(2, 3, dtype="mixed_float16")
    query = X.reshape(1, 4, 6)
    assert layer(query, query).dtype == "float16"
    assert {inner.dtype_policy.name for inner in layer._layers()} == {"mixed_float16"}
    assert {v.dtype for v in layer.weights} == {"float32"}


def test_integers_stay_as_they_are_stored() -> None:
    bytes_ = np.arange(12, dtype="uint8").reshape(2, 6)
    layer = Dense(1, kernel_initializer="ones", dtype="mixed_float16")
    assert layer(bytes_).dtype == "float16" and np.asarray(layer(bytes_)).tolist() == [[15.0], [51.0]]
