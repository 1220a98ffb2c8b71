"""Operations of control: loops and branches of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..operations import values_and_slopes_of


@dataclass(frozen=True)
class ControlCase:
    """A function of the library's operations and of tensors; the gradient is taken by the first `slopes` of them."""

    name: str
    call: Callable[..., Any]
    arrays: Sequence[np.ndarray]
    slopes: int = 1


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("control", name, shape=shape)


XS, START, W = _normal("xs", 5, 3), _normal("start", 3), _normal("w", 3, 3)
LONG = _normal("long", 3, 9)
NUMBER = np.array(1.25)


def network(**options: Any) -> Callable[..., Any]:
    """A recurrent network; returns the last state and all outputs."""

    def call(ops: Any, xs: Any, start: Any, w: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            state = ops.tanh(ops.matmul(state, w) + x)
            return state, ops.sum(state * x)

        return ops.scan(step, start, xs, **options)

    return call


def nested(ops: Any, xs: Any, start: Any) -> Any:
    """A scan over a dictionary, with a tuple of carries."""

    def step(carry: Any, x: Any) -> Any:
        first, second = carry
        return (second * x["a"], first + x["b"]), {"p": first * 2, "q": second}

    (first, second), ys = ops.scan(step, (start, start * 2), {"a": xs, "b": xs * xs})
    return first, second, ys["p"], ys["q"]


def affine(reverse: bool) -> Callable[..., Any]:
    """Running products of affine maps."""

    def call(ops: Any, a: Any, b: Any) -> Any:
        return ops.associative_scan(lambda p, q: (p[0] * q[0], q[0] * p[1] + q[1]), (a, b), reverse=reverse, axis=1)

    return call


def switched(index: int) -> Callable[..., Any]:
    """One of three functions."""
    return lambda ops, x, y: ops.switch(index, [lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x / y], x, y)


CASES = (
    ControlCase("scan", network(), (XS, START, W), 3),
    ControlCase("scan(reverse=True)", network(reverse=True), (XS, START, W), 3),
    ControlCase("scan(unroll=2)", network(unroll=2), (XS, START, W), 3),
    ControlCase("scan(unroll=True)", network(unroll=True), (XS, START, W), 3),
    ControlCase("scan(length=5)", network(length=5), (XS, START, W), 3),
    ControlCase("scan of structures", nested, (XS, START), 2),
    ControlCase("scan without xs", lambda ops, x: ops.scan(lambda c, _: (c * 1.5, c + 1), x, length=4), (START,)),
    ControlCase(
        "while_loop of one value", lambda ops, x: ops.while_loop(lambda x: x < 40.0, lambda x: x * 2, x), (NUMBER,), 0
    ),
    ControlCase(
        "while_loop of several values",
        lambda ops, x: ops.while_loop(lambda i, x: i < 4, lambda i, x: (i + 1, x * x * 0.5), (ops.cast(0, "int32"), x)),
        (START,),
        0,
    ),
    ControlCase(
        "while_loop(maximum_iterations=3)",
        lambda ops, x, y: ops.while_loop(
            lambda x, y: ops.sum(x) < 1e9, lambda x, y: [x + y * y, y * 2], [x, y], maximum_iterations=3
        ),
        (START, XS[0]),
        0,
    ),
    ControlCase(
        "fori_loop", lambda ops, x: ops.fori_loop(2, 6, lambda i, v: v * ops.cast(i, "float64") + x, x), (START,)
    ),
    ControlCase(
        "fori_loop of a pair",
        lambda ops, x, y: ops.fori_loop(0, 3, lambda i, v: (v[1], v[0] * v[1] + v[0]), (x, y)),
        (START, XS[0]),
        2,
    ),
    ControlCase("map", lambda ops, xs: ops.map(lambda x: ops.sum(x * x), xs), (XS,)),
    ControlCase(
        "map of structures",
        lambda ops, xs: list(
            ops.map(lambda x: {"a": x["u"] * x["v"], "b": ops.sum(x["u"])}, {"u": xs, "v": xs}).values()
        ),
        (XS,),
    ),
    ControlCase("vectorized_map", lambda ops, xs, w: ops.vectorized_map(lambda x: ops.matmul(w, x), xs), (XS, W), 2),
    ControlCase(
        "vectorized_map of several arrays",
        lambda ops, xs, ys: ops.vectorized_map(lambda p: ops.sum(p[0] * p[1]), [xs, ys]),
        (XS, XS + 1),
        2,
    ),
    *(ControlCase(f"switch({index})", switched(index), (START, XS[0]), 2) for index in (-1, 0, 1, 2, 5)),
    ControlCase("cond", lambda ops, x: ops.cond(ops.sum(x) > 0, lambda: (x * 2, x), lambda: (-x, x * x)), (START,)),
    ControlCase("associative_scan", lambda ops, x: ops.associative_scan(lambda a, b: a * b, x), (XS,)),
    ControlCase("associative_scan(reverse=True)", lambda ops, x: ops.associative_scan(ops.add, x, True), (XS,)),
    ControlCase("associative_scan(axis=1)", affine(reverse=False), (LONG, LONG * 0.5 + 1), 2),
    ControlCase("associative_scan(axis=1, reverse=True)", affine(reverse=True), (LONG, LONG * 0.5 + 1), 2),
    ControlCase("associative_scan(axis=-1)", lambda ops, x: ops.associative_scan(ops.maximum, x, axis=-1), (LONG,)),
)


def run(library: Library, case: ControlCase) -> Results:
    """Values and slopes of a case."""
    return values_and_slopes_of(
        library, lambda *tensors: case.call(library.ops, *tensors), case.arrays, case.slopes, case.name
    )


AREAS = (Area("operations of control", CASES, run),)
