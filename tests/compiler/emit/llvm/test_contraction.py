"""Convolutions and their gradients without copies of windows."""

from typing import Any

import numpy as np
import pytest

from kmagic import Variable, ops
from kmagic.compiler.emit.llvm.tile import tile
from kmagic.compiler.pipeline import compile
from kmagic.graph.ops.gradient import gradients
from tests.compiler.programs import traced

from .native_programs import agree, normal

CASES: list[dict[str, Any]] = [
    {"size": 9, "channels": 3, "filters": 5, "kernel": 3},
    {"size": 9, "channels": 1, "filters": 33, "kernel": 3, "padding": "same"},
    {"size": 9, "channels": 4, "filters": 6, "kernel": 3, "strides": 2, "padding": "same"},
    {"size": 11, "channels": 2, "filters": 40, "kernel": 2, "dilation_rate": 2},
    {"size": 6, "channels": 16, "filters": 7, "kernel": 1},
    {"size": 8, "channels": 5, "filters": 4, "kernel": 2, "strides": 3},
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rank", [1, 2])
def test_values_and_gradients(case: dict[str, Any], rank: int) -> None:
    options = {key: case[key] for key in ("strides", "padding", "dilation_rate") if key in case}
    kernel = Variable(normal(*(case["kernel"],) * rank, case["channels"], case["filters"]), name="kernel")

    def function(x: Any) -> list[Any]:
        y = ops.conv(x, kernel.value, **options)
        return [y, *gradients(ops.sum(ops.tanh(y)), [x, kernel])]

    agree(function, normal(3, *(case["size"],) * rank, case["channels"], seed=2), rtol=1e-10, atol=1e-12)


def test_no_copy_of_windows_is_made() -> None:
    kernel = Variable(normal(3, 3, 4, 8), name="kernel")

    def function(x: Any) -> list[Any]:
        y = ops.conv(x, kernel.value)
        return [y, *gradients(ops.sum(y * y), [x, kernel])]

    graph = tile(compile(traced(function, [normal(2, 7, 7, 4)], batch=True))["merge"])
    names = [node.name for node in graph.nodes]
    assert names.count("contract") == 2 and names.count("spread") == 1
    largest = max(int(np.prod([n if isinstance(n, int) else 2 for n in node.shape])) for node in graph.nodes)
    assert largest == 2 * 25 * 4 * 9  # the view of all windows, which has no memory
    copies = [node for node in graph.nodes if node.name == "reshape" and node.inputs[0].name == "windows"]
    assert copies == []


def test_a_product_that_is_no_convolution_stays() -> None:
    graph = compile(traced(lambda x: ops.matmul(x, ops.transpose(x)), [normal(3, 4)]))["merge"]
    assert tile(graph) is graph
