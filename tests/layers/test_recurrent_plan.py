"""What the compiled steps of recurrent layers look like: what runs in the loop, and what before and after it."""

from typing import Any

import pytest

from kmagic.graph.node import Node, topological
from kmagic.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    ConvLSTM2D,
    Dense,
    Flatten,
    GRUCell,
    Input,
    LSTMCell,
    Masking,
    SimpleRNN,
)
from kmagic.models import Sequential

NOISE = {"dropout": 0.1, "recurrent_dropout": 0.1}
LAYERS = {
    "SimpleRNN": lambda **options: SimpleRNN(5, **options),
    "LSTM": lambda **options: LSTM(5, **options),
    "GRU": lambda **options: GRU(5, **options),
    "GRU, another form": lambda **options: GRU(5, reset_after=False, **options),
    "stacked": lambda **options: RNN([LSTMCell(5, **options), GRUCell(4, **options)]),
    "both directions": lambda **options: Bidirectional(LSTM(5, **options)),
}


def scans(*layers: Any) -> list[Node]:
    model = Sequential(layers)
    model.compile("sgd", "mse")
    return [node for node in model.plan("merge").program.stages["merge"].nodes if node.name == "scan"]


def inside(scan: Node) -> list[Node]:
    return topological(scan.attributes["body"].outputs)


def products(scan: Node) -> list[Node]:
    return [node for node in inside(scan) if node.op.kind == "product"]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("noise", [{}, NOISE])
@pytest.mark.parametrize("name", LAYERS)
def test_weights_learn_by_products_after_the_loop(name: str, noise: dict[str, Any], masked: bool) -> None:
    """A gradient of a matrix has no rows of a batch; within the loop every product has."""
    masking = [Masking()] if masked else []
    found = scans(Input((20, 3)), *masking, LAYERS[name](**noise), Dense(1))
    back = [scan for scan in found if scan.origin.phase == "backward"]
    assert back and all(any(not isinstance(axis, int) for axis in p.shape) for scan in back for p in products(scan))
    carried = [node for scan in back for node in scan.inputs[: scan.attributes["carries"]]]
    assert not [node for node in carried if node.shape in ((3, 5), (3, 20), (5, 5), (5, 20), (5, 15), (4, 12), (5, 12))]


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU", "both directions"])
def test_inputs_are_multiplied_before_the_loop(name: str) -> None:
    for scan in scans(Input((20, 3)), LAYERS[name](), Dense(1)):
        assert len(products(scan)) == 1, "that of the state, or back through it"
        depth = products(scan)[0].inputs[0].shape[-1]
        assert depth in (5, 15, 20), "none of the three features"


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU", "both directions"])
@pytest.mark.parametrize("masked", [False, True])
def test_the_way_back_computes_no_step_anew(name: str, masked: bool) -> None:
    """It has one product, that of the gradient of the state, and of functions only tanh of a state."""
    masking = [Masking()] if masked else []
    back = [s for s in scans(Input((20, 3)), *masking, LAYERS[name](), Dense(1)) if s.origin.phase == "backward"]
    for scan in back:
        assert len(products(scan)) == 1 and not [node for node in inside(scan) if node.name == "exp"]
        assert len([node for node in inside(scan) if node.name == "tanh"]) <= 1


def test_windows_of_all_steps_are_not_kept() -> None:
    """A convolution adds up its gradient in the loop: rows of all windows of all steps would take more room."""
    found = scans(Input((20, 6, 6, 3)), ConvLSTM2D(5, 3), Flatten(), Dense(1))
    forward, back = sorted(found, key=lambda scan: scan.origin.phase == "backward")
    assert len(products(forward)) == 1 and products(forward)[0].inputs[0].shape[-1] == 9 * 5
    assert sorted(p.shape[-1] for p in products(back)) == [20, 45], "the sum of a kernel's gradient, and that of h"
    stacked = scan_results(back)
    assert all(node.shape[-2:] != (9 * 5,) and 45 not in node.shape for node in stacked)


def scan_results(scan: Node) -> list[Node]:
    return list(scan.attributes["body"].outputs[scan.attributes["carries"] :])
