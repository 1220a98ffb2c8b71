"""Native code and memory: what Python runs inside, what lies around buffers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from kmagic import ops
from kmagic.compiler.emit.numpy import binding as memory
from tests.compiler import random_programs
from tests.compiler.programs import run, traced, uncached
from tests.compiler.random_programs import Recipe, recipes
from tests.compiler.test_pipeline import CAPACITY, SIZES, training_step, variables

ZONE = 64


class Zones:
    """Memory with bytes around it that nobody may write."""

    def __init__(self) -> None:
        self.whole: list[np.ndarray] = []

    def aligned(self, size: int, line: int = 64) -> np.ndarray:
        """As the allocator's own, with a zone before and behind."""
        length = max(1, -(-size // line)) * line
        raw = np.full(length + 2 * ZONE + line, 0xA5, np.uint8)
        start = -(raw.ctypes.data + ZONE) % line
        self.whole.append(raw[start : start + length + 2 * ZONE])
        return raw[start + ZONE : start + ZONE + length]

    def check(self) -> None:
        """Nobody wrote."""
        for raw in self.whole:
            assert (raw[:ZONE] == 0xA5).all() and (raw[-ZONE:] == 0xA5).all()


@settings(max_examples=60)
@given(recipe=recipes())
def test_no_kernel_writes_outside_of_its_buffers(recipe: Recipe) -> None:
    zones = Zones()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_aligned", zones.aligned)
        workspace = uncached(training_step(recipe, variables()), "llvm").workspace(CAPACITY)
        for rows in SIZES:
            for place, array in zip(workspace.inputs(rows), random_programs.arrays(rows), strict=True):
                place[...] = array
            with np.errstate(all="ignore"):
                workspace.step(rows)()
            zones.check()
    assert zones.whole


def test_what_has_no_native_form_runs_between(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([[3.0, 1.0, 2.0], [0.5, 0.1, 0.9]])
    graph = traced(lambda x: ops.sort(x * 2.0) + 1.0, [x], batch=True)
    done = run(graph, [x], 2, executor="llvm")
    np.testing.assert_allclose(done.outputs["y0"], np.sort(2 * x) + 1)


def test_an_exception_of_python_comes_out_of_native_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from kmagic.graph.table import row_called

    def broken(*inputs: Any, **attributes: Any) -> Any:
        raise ArithmeticError("broken inside")

    x = np.eye(3)
    graph = traced(lambda x: ops.linalg.inv(x) * 2.0, [x])
    monkeypatch.setattr(row_called("inv"), "numpy", broken)
    with pytest.raises(ArithmeticError, match="broken inside"):
        run(graph, [x], executor="llvm")
