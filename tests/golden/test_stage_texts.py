"""The text of stages and programs for a few graphs, to be read in every change.

`python -m pytest tests/golden --update-golden` writes them anew; the difference is what a change does to programs.
"""

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmagic import ops, random
from kmagic.compiler.place import BLOCK
from kmagic.compiler.show import stage_text
from kmagic.graph import eager, trace
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable
from tests.compiler.programs import traced, uncached

TEXTS = Path(__file__).parent / "texts"
X, Y = np.zeros((2, 3), "float32"), np.zeros((2, 1), "float32")


def variable(*shape: int, name: str) -> Variable:
    return Variable(np.zeros(shape, "float32"), name=name)


def dense_step() -> tuple[Callable[..., Any], list[Any]]:
    """A training step of one dense layer with momentum."""
    kernel, bias = variable(3, 1, name="dense/kernel"), variable(1, name="dense/bias")
    speeds = [variable(3, 1, name="sgd/kernel"), variable(1, name="sgd/bias")]

    def function(x: Any, y: Any) -> dict[str, Any]:
        with eager.origin(layer="dense"):
            found = ops.sigmoid(x @ kernel.value + bias)
        with eager.origin(layer="loss"):
            loss = ops.mean(ops.square(found - y))
        current = trace.current()
        assert current is not None
        current.check(loss)
        for weight, speed, gradient in zip((kernel, bias), speeds, gradients(loss, [kernel, bias]), strict=True):
            current.check(gradient)
            speed.assign(0.9 * speed - 0.1 * gradient)
            weight.assign(weight + speed)
        return {"loss": loss}

    return function, [X, Y]


def long_update() -> tuple[Callable[..., Any], list[Any]]:
    """An update of a vector that is worked through in blocks."""
    weight = variable(3 * BLOCK, name="weight")
    return lambda: weight.assign(weight - 0.1 * weight / (ops.abs(weight.value) + 1)), []


def dropped_branch() -> tuple[Callable[..., Any], list[Any]]:
    """Dropout, a branch and a softmax."""
    generator = random.SeedGenerator(1, name="dropout")

    def function(x: Any) -> Any:
        kept = random.dropout(x, 0.5, seed=generator)
        return ops.softmax(ops.cond(ops.sum(kept) > 0, lambda: kept * 2, lambda: -kept))

    return function, [X]


def recurrent_gradient() -> tuple[Callable[..., Any], list[Any]]:
    """The gradient of a small recurrent network: a scan there and a scan back."""
    kernel = variable(3, 3, name="rnn/kernel")

    def function(x: Any) -> dict[str, Any]:
        with eager.origin(layer="rnn"):
            last, _ = ops.scan(lambda h, row: (ops.tanh(h @ kernel.value + row), h), x[:, 0] * 0, ops.swapaxes(x, 0, 1))
        loss = ops.sum(ops.square(last))
        return {"loss": loss, "slope": gradients(loss, [kernel])[0]}

    return function, [np.ones((2, 5, 3), "float32")]


GOLDEN = [
    (dense_step, "differentiate"),
    (dense_step, "merge"),
    (dense_step, "place"),
    (dense_step, "emit"),
    (long_update, "emit"),
    (dropped_branch, "emit"),
    (recurrent_gradient, "merge"),
    (recurrent_gradient, "emit"),
]


@pytest.mark.parametrize(("make", "stage"), GOLDEN, ids=[f"{make.__name__}-{stage}" for make, stage in GOLDEN])
def test_text(
    make: Callable[[], tuple[Callable[..., Any], list[Any]]], stage: str, request: pytest.FixtureRequest
) -> None:
    function, arrays = make()
    found = stage_text(uncached(traced(function, arrays, batch=True)), stage, rows=32).rstrip() + "\n"
    path = TEXTS / f"{make.__name__}.{stage}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    lines = difflib.unified_diff(kept.splitlines(), found.splitlines(), "kept", "found", lineterm="")
    assert found == kept, "\n".join(["see the difference, then --update-golden", *lines])


def test_every_text_has_its_test() -> None:
    assert {path.name for path in TEXTS.iterdir()} == {f"{make.__name__}.{stage}.txt" for make, stage in GOLDEN}
