"""Float32 in place of 16 bits: what is rounded, and where."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Variable, ops
from kmagic.base.dtypes import NARROW
from kmagic.compiler.lower import lower
from kmagic.compiler.widen import widen
from kmagic.graph.narrow import to_bfloat16, to_float16
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.iteration import scan
from tests.compiler.programs import Array, interpreted, run, traced

X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
W = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
ROUND = {"float16": to_float16, "bfloat16": to_bfloat16}


def names(function: Callable[..., Any], *arrays: Array) -> list[str]:
    """The operations of a function in float32, in order."""
    return [node.name for node in widen(lower(traced(function, arrays))).nodes]


def narrow(function: Callable[..., Any], dtype: str) -> Callable[..., Any]:
    """A function of 16 bits of arrays in float32."""
    return lambda *given: function(*(ops.cast(x, dtype) for x in given))


def test_float32_is_left_alone() -> None:
    graph = lower(traced(lambda x: ops.softmax(x), [X]))
    assert widen(graph) is graph


@pytest.mark.parametrize("dtype", NARROW)
def test_nothing_of_16_bits_is_left_but_at_the_ends(dtype: str) -> None:
    def everything(x: Any) -> Any:
        value = ops.cast(x, dtype)
        total, each = scan(lambda c, row: (c + row, c * 2), value[0], value)
        chosen = ops.cond(ops.sum(value) > 0, lambda: value * 2, lambda: value)
        return ops.cast(total, "float32"), ops.cast(each, "float32"), chosen, ops.cast(ops.argmax(value), "int32")

    graph = widen(lower(traced(everything, [X])))
    assert {node.dtype for node in graph.nodes if node.op.kind != "source" and node.name != "convert"} <= {
        "float32",
        "bool",
        "int32",
    }
    assert graph.outputs["y2"].dtype == ("float16" if dtype == "float16" else "float32")


@pytest.mark.parametrize("dtype", NARROW)
def test_a_chain_is_rounded_at_its_end(dtype: str) -> None:
    def chain(x: Any) -> Any:
        return ops.exp(x * 1.7 + 0.3) - 1

    found = names(narrow(chain, dtype), X)
    # the input, and the end
    assert found.count(f"to_{dtype}") == 2 and found.index("exp") < len(found) - 1 - found[::-1].index(f"to_{dtype}")
    rounded = ROUND[dtype]
    low, factor, offset = rounded(X), rounded(np.float32(1.7)), rounded(np.float32(0.3))
    expected = rounded(np.exp(low * factor + offset) - np.float32(1))
    (output,) = run(traced(narrow(chain, dtype), [X]), [X]).outputs.values()
    np.testing.assert_array_equal(np.asarray(output, "float32"), expected)


@pytest.mark.parametrize("dtype", NARROW)
def test_what_is_exact_is_not_rounded_again(dtype: str) -> None:
    moved = names(narrow(lambda x: ops.max(ops.maximum(ops.transpose(x), 0), axis=0), dtype), X)
    assert moved.count(f"to_{dtype}") == 1
    product = names(narrow(lambda x, w: ops.relu(ops.matmul(x, w) + 1), dtype), X, W)
    assert product.count(f"to_{dtype}") == 3


@pytest.mark.parametrize("dtype", NARROW)
def test_casts_round_always(dtype: str) -> None:
    """What a program casts is what it says it is: infinity, where 16 bits hold no more."""
    function = narrow(lambda x: ops.isfinite(ops.cast(x * 1e4 * 1e4, "float32")), dtype)
    (output,) = run(traced(function, [X]), [X]).outputs.values()
    assert output.all() == (dtype == "bfloat16") and not np.isinf(X).any()


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: ops.softmax(ops.matmul(x, w)),
        lambda x, w: ops.sum(ops.tanh(ops.matmul(x, w)), axis=0),
        lambda x, w: grad(lambda v: ops.sum(ops.square(ops.matmul(x, v))))(w),
        lambda x, w: scan(lambda c, row: (ops.tanh(c + row), c), ops.zeros_like(x[0]), x)[1],
        lambda x, w: ops.concatenate([x, x * 2], axis=1)[:, 1:4],
        lambda x, w: ops.take(w, np.array([2, 0]), axis=0),
        lambda x, w: ops.cond(ops.sum(x) > 0, lambda: x, lambda: x * 3),
        lambda x, w: ops.mean(x) + ops.var(x),
    ],
)
def test_programs_and_arrays_agree_up_to_rounding(dtype: str, function: Callable[..., Any]) -> None:
    at_once = np.asarray(function(*(ops.cast(x, dtype) for x in (X, W))), "float64")
    graph = traced(narrow(function, dtype), [X, W])
    (compiled,) = run(graph, [X, W]).outputs.values()
    by_node = interpreted(graph, [X, W])[0]
    last = 2.0**-7 if dtype == "bfloat16" else 2.0**-10
    for found in (compiled, by_node):
        np.testing.assert_allclose(np.asarray(found, "float64"), at_once, rtol=4 * last, atol=4 * last)


@pytest.mark.parametrize("dtype", NARROW)
def test_variables_of_16_bits_are_read_and_written(dtype: str) -> None:
    weights = [Variable(W[:, i], dtype=dtype, name=f"w{i}") for i in range(3)]

    def step(x: Any) -> None:
        for weight in weights:
            weight.assign(weight - ops.cast(0.1, dtype) * weight)

    run(traced(step, [X]), [X])
    for i, weight in enumerate(weights):
        low = ROUND[dtype](W[:, i])
        expected = ROUND[dtype](low - ROUND[dtype](np.float32(0.1)) * low)
        np.testing.assert_array_equal(np.asarray(weight.numpy(), "float32"), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", NARROW)
def test_nan_and_infinity_are_not_lost(dtype: str, value: float) -> None:
    x = np.where(np.arange(6) == 2, np.float32(value), np.float32(1))
    (output,) = run(traced(narrow(lambda x: x * 2, dtype), [x]), [x]).outputs.values()
    np.testing.assert_array_equal(np.asarray(output, "float32")[1:4], [2, value, 2])
