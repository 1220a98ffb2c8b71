"""Steps one by one in the program, and steps in a loop: the same, whatever is asked of a recurrent layer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import grad, ops
from kmagic.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    ConvLSTM1D,
    ConvLSTM2D,
    ConvLSTM3D,
    GRUCell,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
)
from tests.compiler.programs import run, traced

RANDOM = np.random.default_rng(0)
STEPS = 6
FLAT, LINE, IMAGE, VOLUME = (3,), (4, 2), (3, 3, 2), (2, 3, 2, 1)
SAME = {"padding": "same", "dtype": "float64"}
Make = Callable[..., Any]
LAYERS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "SimpleRNN": (lambda **o: SimpleRNN(4, dtype="float64", **o), FLAT),
    "LSTM": (lambda **o: LSTM(4, dtype="float64", **o), FLAT),
    "GRU": (lambda **o: GRU(4, dtype="float64", **o), FLAT),
    "GRU, another form": (lambda **o: GRU(4, reset_after=False, dtype="float64", **o), FLAT),
    "ConvLSTM1D": (lambda **o: ConvLSTM1D(2, 2, **SAME, **o), LINE),
    "ConvLSTM2D": (lambda **o: ConvLSTM2D(2, 2, **SAME, **o), IMAGE),
    "ConvLSTM3D": (lambda **o: ConvLSTM3D(1, 2, **SAME, **o), VOLUME),
}
OPTIONS = [
    {},
    {"go_backwards": True},
    {"return_sequences": True},
    {"return_sequences": True, "return_state": True, "go_backwards": True},
    {"return_sequences": True, "zero_output_for_mask": True},
    {"dropout": 0.3, "recurrent_dropout": 0.4, "seed": 7},
    {"stateful": True, "return_state": True},
]
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 1, 0]], bool)


def outputs(layer: Any, x: Any, mask: Any) -> list[Any]:
    found = layer(x, mask=mask, training=True)
    return list(found) if isinstance(found, list | tuple) else [found]


def figures(layer: Any, x: Any, mask: Any, start: list[Any]) -> list[Any]:
    """Outputs, and the gradients of inputs and weights, of a compiled step."""
    layer(x)
    layer.set_weights(start)
    if layer.stateful:
        layer.reset_state()
    if hasattr(layer.cell, "seed_generator"):
        layer.cell.seed_generator.state.assign(np.array([7, 0], layer.cell.seed_generator.state.dtype))

    def loss(x: Any) -> Any:
        return sum(ops.sum(ops.sin(part)) for part in outputs(layer, x, mask))

    def step(x: Any) -> Any:
        both = grad(loss)(x), *grad(lambda: loss(x), variables=layer.trainable_weights)()
        return (*outputs(layer, x, mask), *both)

    return list(run(traced(step, [x]), [x]).outputs.values())


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options) or "plain")
@pytest.mark.parametrize("name", LAYERS)
def test_steps_one_by_one_are_those_of_the_loop(name: str, options: dict[str, Any], masked: bool) -> None:
    make, shape = LAYERS[name]
    x = RANDOM.normal(size=(3, STEPS, *shape))
    mask = MASK if masked else None
    layer = make(**options)
    layer(x)
    start = [RANDOM.normal(size=array.shape) / 2 for array in layer.get_weights()]
    loop, one_by_one = (figures(make(unroll=unroll, **options), x, mask, start) for unroll in (False, True))
    for one, other in zip(loop, one_by_one, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


def of_cells(**options: Any) -> Any:
    cells = [LSTMCell(3, dtype="float64"), SimpleRNNCell(4, dtype="float64"), GRUCell(2, dtype="float64")]
    return RNN(cells, dtype="float64", **options)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("options", [{}, {"go_backwards": True, "return_sequences": True}])
def test_cells_on_top_of_each_other(options: dict[str, Any], masked: bool) -> None:
    x = RANDOM.normal(size=(3, STEPS, 3))
    layer = of_cells(**options)
    layer(x)
    start = [RANDOM.normal(size=array.shape) / 2 for array in layer.get_weights()]
    mask = MASK if masked else None
    loop, one_by_one = (figures(of_cells(unroll=unroll, **options), x, mask, start) for unroll in (False, True))
    for one, other in zip(loop, one_by_one, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])
def test_both_directions(kind: Any) -> None:
    x = RANDOM.normal(size=(3, STEPS, 3))
    found = []
    for unroll in (False, True):
        layer = Bidirectional(kind(4, unroll=unroll, return_sequences=True, dtype="float64"), dtype="float64")
        layer(x)
        stream = np.random.default_rng(3)
        layer.set_weights([stream.normal(size=array.shape) / 2 for array in layer.get_weights()])

        def loss(x: Any, layer: Any = layer) -> Any:
            return ops.sum(ops.sin(layer(x, mask=MASK)))

        found.append((np.asarray(layer(x, mask=MASK)), grad(loss)(x)))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)
