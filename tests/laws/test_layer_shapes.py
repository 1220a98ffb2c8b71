"""Laws of layers and shapes: what does not fit is an error that names the layer and what it was called on."""

from typing import Any

import numpy as np
import pytest

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.registry import Entry
from kmagic.base.shapes import written
from kmagic.base.trees import filled, leaves
from kmagic.layers import Layer
from tests.compiler.programs import Array, traced
from tests.laws.part_examples import called_layers, shown, unused

LAYERS = [pytest.param(entry, id=entry.name) for entry in called_layers()]
WRONG = {
    "an axis less": lambda x: x.reshape(-1, *x.shape[2:]),
    "an axis more": lambda x: x[..., None],
    "a longer last axis": lambda x: np.concatenate([x, x[..., :1]], -1),
}


def made(entry: Entry) -> Layer:
    """A layer as its own example makes it."""
    return entry.target(**{name: unused(value) for name, value in shown(entry).arguments.items()})


def weights_for(entry: Entry, inputs: Any) -> list[tuple[int, ...]] | None:
    """The shapes of the weights that a fresh layer makes for these inputs; None where it cannot be called on them."""
    layer = made(entry)
    try:
        layer(inputs)
    except ValueError:
        return None
    return [variable.shape for variable in layer.weights]


def must_refuse(entry: Entry, layer: Layer, inputs: Any) -> bool:
    """Whether a layer that was built for something else cannot take these inputs.

    So it is where its class declares another number of axes, and where its weights would be others.
    """
    patterns, given = shapes.signature(str(entry.shapes)).inputs, [leaf.shape for leaf in leaves(inputs)]
    for pattern, shape in zip(patterns, given, strict=False):
        is_open = any(token.startswith("*") for token in pattern.tokens)
        if not is_open and len(pattern.tokens) != len(shape):
            return True
    return weights_for(entry, inputs) != [variable.shape for variable in layer.weights]


def spoiled(entry: Entry, how: str) -> tuple[Any, list[Array]] | None:
    """The inputs of the example with a first one that has other axes; None where there are too few axes for that."""
    first, *others = leaves(shown(entry).inputs)
    if first.ndim < 2:
        return None
    arrays = [WRONG[how](first), *others]
    return filled(shown(entry).inputs, arrays), arrays


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("entry", LAYERS)
def test_inputs_that_do_not_fit_are_named_with_the_layer(entry: Entry, how: str) -> None:
    wrong = spoiled(entry, how)
    if wrong is None:
        return
    layer = made(entry)
    layer(shown(entry).inputs)
    inputs, arrays = wrong

    def first_output(*given: Any) -> Any:
        return leaves(layer(filled(inputs, given)))[0]

    for call in (first_output, lambda *given: traced(first_output, given)):
        try:
            call(*arrays)
        except ShapeMismatch as error:
            assert layer.name in str(error) and written(arrays[0].shape) in str(error), str(error)
        else:
            assert not must_refuse(entry, layer, inputs)
