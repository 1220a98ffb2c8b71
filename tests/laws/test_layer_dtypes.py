"""Laws of layers and dtypes: any policy runs, gives what it says, and means the same line by line and compiled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic.base.dtypes import is_float
from kmagic.base.registry import Entry
from kmagic.base.trees import filled, leaves
from kmagic.graph.load import ops
from kmagic.graph.ops.gradient import gradients
from kmagic.layers import Layer, scope
from kmagic.models.eager import EagerSteps
from kmagic.utils import set_random_seed
from tests.compiler.programs import Array, run, traced
from tests.laws.part_examples import called_layers, shown, unused

LAYERS = [pytest.param(entry, id=entry.name) for entry in called_layers()]
# what is computed in -> how far two ways of computing may be apart, of the largest number of a tensor
LAST_PLACE = {"float32": 2.0**-21, "float64": 2.0**-50, "float16": 2.0**-8, "bfloat16": 2.0**-5}
POLICIES = ("float32", "float64", "mixed_float16", "mixed_bfloat16")


def made(entry: Entry, policy: str) -> tuple[Layer, list[Array]]:
    """A layer of a policy, as its own example makes it, and what that calls it with, floats as data often come."""
    # float16 cannot tell the sum of two weights from 0 where a draw makes them all but opposite
    set_random_seed(2)
    example = shown(entry)
    arguments = {name: unused(value, dtype=policy) for name, value in example.arguments.items()}
    layer = entry.target(**{**arguments, "dtype": policy})
    generator = np.random.default_rng(2)
    arrays = [
        generator.uniform(-1, 1, array.shape) if array.dtype.kind == "f" else array for array in leaves(example.inputs)
    ]
    layer(filled(example.inputs, arrays))
    return layer, arrays


def called(entry: Entry, layer: Layer, training: bool = False) -> Callable[..., Any]:
    """The layer as a function of its inputs; a recurrent cell gives its states too."""
    inputs = shown(entry).inputs

    def call(*given: Any) -> Any:
        with scope.training_as(training):
            return leaves(layer(filled(inputs, given)))[0]

    return call


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("entry", LAYERS)
def test_outputs_and_weights_have_the_dtypes_of_the_policy(entry: Entry, policy: str) -> None:
    layer, arrays = made(entry, policy)
    (given, computed) = leaves(layer(filled(shown(entry).inputs, arrays)))[0], layer.compute_dtype
    assert ops.dtype(given) == computed or not is_float(ops.dtype(given))
    assert np.isfinite(np.asarray(given)).all()
    graph = traced(called(entry, layer), arrays)
    assert graph.outputs["y0"].dtype == ops.dtype(given)
    assert {v.dtype for v in layer.weights if is_float(v.dtype)} <= {layer.variable_dtype}
    assert (
        layer.dtype
        == layer.variable_dtype
        == policy.replace("mixed_float16", "float32").replace("mixed_bfloat16", "float32")
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("entry", LAYERS)
def test_configurations_keep_the_policy(entry: Entry, policy: str) -> None:
    layer, _ = made(entry, policy)
    again = type(layer).from_config(layer.get_config())
    assert again.dtype_policy == layer.dtype_policy and again.dtype_policy.name == policy
    inside = [inner.dtype_policy.name for inner in layer._layers()]
    again(filled(shown(entry).inputs, leaves(shown(entry).inputs)))
    assert [inner.dtype_policy.name for inner in again._layers()] == inside == [policy] * len(inside)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("entry", LAYERS)
def test_gradients_are_finite_and_of_the_dtype_of_what_they_are_for(entry: Entry, policy: str) -> None:
    layer, arrays = made(entry, policy)
    call = called(entry, layer, training=True)
    floats = [place for place, array in enumerate(arrays) if array.dtype.kind == "f"]
    weights = layer.trainable_weights

    def slopes(*given: Any) -> Any:
        total = ops.sum(ops.square(ops.cast(call(*given), "float64")))
        return tuple(gradients(total, [*weights, *(given[place] for place in floats)]))

    if not weights and not floats:
        return
    graph = traced(slopes, arrays)
    assert [node.dtype for node in graph.outputs.values()] == [v.dtype for v in weights] + ["float64"] * len(floats)
    done = run(graph, arrays)
    assert done.status == 0
    for value in done.outputs.values():
        assert np.isfinite(np.asarray(value)).all()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("entry", LAYERS)
def test_line_by_line_means_the_same_as_compiled(entry: Entry, policy: str, training: bool) -> None:
    layer, arrays = made(entry, policy)
    call = called(entry, layer, training)
    before = [(variable, variable.numpy()) for variable in layer.variables]
    specs = [(array.shape[1:], str(array.dtype)) for array in arrays]
    rows = len(arrays[0])
    eager = EagerSteps(lambda *given: {"y0": call(*given)}, specs, [f"x{i}" for i in range(len(arrays))])
    for place, array in zip(eager.inputs(rows), arrays, strict=True):
        place[...] = array
    assert eager.step(rows)() == 0
    expected = [eager.outputs(rows)["y0"], *(variable.numpy() for variable, _ in before)]
    for variable, value in before:
        variable.assign(value)
    done = run(traced(call, arrays), arrays)
    found = [done.outputs["y0"], *(variable.numpy() for variable, _ in before)]
    for ours, theirs in zip(found, expected, strict=True):
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        allowed = LAST_PLACE[layer.compute_dtype] * max(1.0, float(np.abs(theirs.astype("float64")).max(initial=0)))
        np.testing.assert_allclose(ours.astype("float64"), theirs.astype("float64"), rtol=0, atol=allowed)
