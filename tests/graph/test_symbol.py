"""Symbols: arrays whose values come later. NumPy's functions work on them; what needs a number says where."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import TraceError, Unsupported
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from tests.compiler.programs import BATCH, run, traced

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def symbol() -> Symbol:
    return input_symbol((BATCH, 3), "float32", "x")


def truth(x: Symbol) -> Any:
    if x > 0:
        return x


def both(x: Symbol) -> Any:
    return (x > 0) and (x < 1)


NEEDS_A_NUMBER = {
    "if": (truth, "if x > 0:"),
    "and": (both, "return (x > 0) and (x < 1)"),
    "float": (lambda x: float(x), "lambda x: float(x)"),
    "int": (lambda x: int(x), "lambda x: int(x)"),
    "index": (lambda x: [1, 2][x], "[1, 2][x]"),
    "asarray": (lambda x: np.asarray(x), "np.asarray(x)"),
    "len": (lambda x: len(x), "len(x)"),
    "for": (lambda x: list(x), "list(x)"),
    "item": (lambda x: x.item(), "x.item()"),
    "tolist": (lambda x: x.tolist(), "x.tolist()"),
}


@pytest.mark.parametrize("name", NEEDS_A_NUMBER)
def test_what_needs_a_number_now_says_the_user_s_line(name: str) -> None:
    function, line = NEEDS_A_NUMBER[name]
    with pytest.raises(TraceError, match="of a value that is computed later") as caught:
        function(symbol())
    assert isinstance(caught.value, TypeError)
    where = str(caught.value.where)
    assert where.startswith("test_symbol.py:") and line in where
    assert str(caught.value.expected).startswith("use ")


def test_a_truth_value_points_to_where_and_cond() -> None:
    with pytest.raises(TraceError, match="kmagic.ops.where.*kmagic.ops.cond"):
        bool(symbol())


def test_a_cell_is_named_as_one() -> None:
    source = compile("def f(x):\n    return float(x)\n", "<ipython-input-3-abc>", "exec")
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(source, scope)
    with pytest.raises(TraceError, match="^cell:2: "):
        scope["f"](symbol())


def test_a_symbol_says_what_it_is() -> None:
    x = symbol()
    assert (x.shape, x.dtype, x.ndim) == ((BATCH, 3), "float32", 2)
    assert repr(x) == "<symbol placeholder f32[batch 3]>"
    assert len(x.T) == 3 and [row.shape for row in x.T] == [(BATCH,)] * 3
    assert len({x, x}) == 1


NUMPY: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "abs": np.abs,
    "mean": lambda x: np.mean(x, axis=1, keepdims=True),
    "sum": lambda x: np.sum(x, axis=0),
    "max": lambda x: np.max(x, 1),
    "std": lambda x: np.std(x, axis=-1),
    "where": lambda x: np.where(x > 0, x, 0.1 * x),
    "clip": lambda x: np.clip(x, -0.5, 0.5),
    "maximum": lambda x: np.maximum(x, 0.0),
    "remainder": lambda x: np.remainder(x, 2.0),
    "true_divide": lambda x: np.true_divide(x, 4.0),
    "round": lambda x: np.rint(x),
    "power": lambda x: np.power(np.abs(x), 1.5),
    "concatenate": lambda x: np.concatenate([x, 2 * x]),
    "concatenate along": lambda x: np.concatenate([x, 2 * x], axis=1),
    "stack": lambda x: np.stack([x, x], axis=-1),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "transpose": lambda x: np.transpose(x),
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "argmax": lambda x: np.argmax(x, axis=1).astype("int32"),
    "sort": lambda x: np.sort(x, axis=1),
    "matmul": lambda x: np.matmul(x, np.ones((3, 2))),
    "norm": lambda x: np.linalg.norm(x, axis=1),
    "take": lambda x: np.take(x, [0, 2], axis=1),
    "ones_like": lambda x: np.ones_like(x),
    "array first": lambda x: np.arange(3.0) - x,
    "array divided": lambda x: np.ones(3) / x,
    "array times matrix": lambda x: np.ones((2, 2)) @ x,
    "dtype by position": lambda x: np.mean(x, 0, "float32"),
    "everything by name": lambda x: np.sum(a=x, axis=1, dtype="float64", out=None, keepdims=True),
    "spread of a sample": lambda x: np.var(x, axis=0, ddof=1) + np.std(x, 0, None, None, 1),
    "spread without holes": lambda x: np.nanvar(x, axis=1, ddof=1),
    "one limit": lambda x: np.clip(x, None, 0.5) + np.clip(x, 0.0, None) + np.clip(x, min=-0.25, max=None),
    "take around": lambda x: np.take(x, [4, -1], mode="wrap", axis=1) + np.take(x, [9, 0], 1, mode="clip"),
    "count by row": lambda x: np.count_nonzero(x > 0, axis=1, keepdims=True).astype("int32"),
    "angle": lambda x: np.angle(x, deg=True),
    "array_equal": lambda x: np.array_equal(x, x) & np.logical_not(np.array_equal(x, -x)),
    "array_equal of NaN": lambda x: np.array_equal(x * np.nan, x * np.nan, equal_nan=True),
    "at least": lambda x: np.atleast_2d(x[0]) + np.atleast_1d(x.sum()),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0])[1],
    "column_stack": lambda x: np.column_stack([x, x[:, 0]]),
    "convolve": lambda x: np.convolve(x[0], x[1][:2], "same"),
    "edges of bins": lambda x: np.digitize(x, np.array([0.25, 0.5]), right=True).astype("int32"),
    "copysign": lambda x: np.copysign(x, -x) + np.positive(x),
    "vecdot": lambda x: np.vecdot(x, x),
    "divmod": lambda x: np.divmod(x, 0.3)[1] + divmod(x, 0.3)[0],
    "ufunc into another dtype": lambda x: np.add(x, 1, dtype="float32"),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, x, optimize=True),
    "concatenate into another dtype": lambda x: np.concatenate((x, x), dtype="float32"),
    "list of arrays": lambda x: np.vstack([x, np.ones(3)]) * np.hstack((x[:1], x[1:])).sum(),
    "pad": lambda x: np.pad(x, 1, constant_values=2.0),
    "another default": lambda x: np.take_along_axis(x, np.argsort(x)),
    "quantile": lambda x: np.quantile(x, 0.25, axis=1, method="lower"),
    "average": lambda x: np.average(x, axis=1, weights=np.arange(3.0)),
    "median": lambda x: np.median(x, axis=0, overwrite_input=True),
    "cumsum": lambda x: np.cumsum(x, 1, "float32"),
    "full_like": lambda x: np.full_like(x, 2.0) + np.zeros_like(x, dtype="float64"),
    "split": lambda x: np.split(x, [1], axis=1)[1],
    "rows": lambda x: np.max(x, axis=1, initial=0.0) + np.min(x, 1, keepdims=False),
    "reducing methods": lambda x: (
        x.sum()
        + x.mean(0)
        + x.max(axis=0)
        - x.min(0) * x.prod(axis=0)
        + x.std(0) * x.var(axis=0, ddof=1)
        + x.clip(0, 1)
    ),
    "more methods": lambda x: x.cumsum(1).dot(np.eye(3)) + x.flatten()[0] + x.ravel()[-1] + x.round(1) + x.copy(),
    "moving methods": lambda x: x.transpose(1, 0).swapaxes(0, 1).take([0, 2], 1).repeat(2, axis=1) - x.T[0, 0],
    "asking methods": lambda x: (x > 0).any(axis=1) & (x > -9).all(),
    "placing methods": lambda x: (x.argmax(1) + x.argmin(axis=1) + x.argsort(1)[:, 0]).astype("int32"),
    "diagonal methods": lambda x: x.trace() + x.diagonal()[0] + x.real + x.conj()[0, 0] + x.imag,
    "shifts": lambda x: ((x > 0).astype("int32") << 3 >> 1 & 6 | 1) ^ 5,
    "inverted": lambda x: ~(x * 4).astype("int32"),
    "size": lambda x: x / x.size,
    "methods": lambda x: x.T.reshape(6).astype("float32"),
    "reshape method": lambda x: x.reshape(-1, 2),
    "operators": lambda x: -((+x) ** 2) + 3 // x - 2 % x + abs(x) * 1.5 / 2 - x,
    "comparisons": lambda x: ((x > 0) & (x <= 1)) | ~(x != 2) ^ (x == 0.5) | (x >= 3) | (x < -3),
    "swapped": lambda x: 1 - (2 / (1 + x * x)) ** 2,
    "number to a power": lambda x: 2**x,
}


@pytest.mark.parametrize("name", NUMPY)
def test_numpy_s_functions_mean_the_same_on_symbols(name: str) -> None:
    function = NUMPY[name]
    found, expected = run(traced(function, [X]), [X]).outputs["y0"], np.asarray(function(X))
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: np.spacing(x), "spacing"),
        (lambda x: np.linalg.eigvals(x), "eigvals"),
        (lambda x: np.add.reduce(x), r"add\.reduce"),
        (lambda x: np.exp(x, out=np.ones(3)), r"exp\(out=…\)"),
        (lambda x: np.exp(x, where=np.ones(3, bool)), r"exp\(where=…\)"),
        (lambda x: np.mean(x, out=np.ones(3)), r"mean\(out=…\)"),
        (lambda x: x.sum(where=np.ones(3, bool)), r"sum\(where=…\)"),
        (lambda x: np.clip(x, 0, 1, np.ones(3)), r"clip\(out=…\)"),
        (lambda x: np.ravel(x, order="F"), r"ravel\(order=…\)"),
        (lambda x: np.histogram(x, density=True), r"histogram\(density=…\)"),
        (lambda x: np.linalg.trace(x), "trace"),
    ],
)
def test_other_functions_of_numpy_are_named_with_the_line(call: Callable[[Any], Any], name: str) -> None:
    with pytest.raises(Unsupported, match=rf"test_symbol.py:\d+: .*np.{name} on a symbol"):
        call(symbol())


def test_adding_a_symbol_to_an_array_in_place_gives_the_name_a_symbol() -> None:
    before = np.ones(3)

    def step(x: Symbol) -> Symbol:
        total = before
        total += 2 * x
        total *= x
        return total

    found = run(traced(step, (X,)), (X,)).outputs
    np.testing.assert_allclose(next(iter(found.values())), (1 + 2 * X) * X)
    assert before.tolist() == [1, 1, 1], "the array itself stays"
