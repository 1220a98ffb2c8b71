"""Random programs: steps drawn over a pool of values, that run alike on arrays and on symbols.

What a step takes is decided by the shapes of symbols, so the same recipe fits a batch of any size. Steps that jump
(comparisons, sorting, positions) only look at values that every way of running computes to the same bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kmagic import ops
from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from tests.compiler.programs import BATCH, Array

WIDTH = 4
INPUTS = ((BATCH, WIDTH), (BATCH, WIDTH), (BATCH,))  # the last holds whole numbers below WIDTH
VARIABLES = ((WIDTH, WIDTH), (WIDTH,))


def arrays(rows: int) -> list[Array]:
    """Data for a batch; no two values are equal."""
    generator = np.random.default_rng(rows)
    first, second = generator.permutation(2 * rows * WIDTH).reshape(2, rows, WIDTH) / (rows * WIDTH) - 0.9
    return [first, second, generator.integers(0, WIDTH, rows).astype("int32")]


def weights() -> list[Array]:
    """Start values of the variables."""
    generator = np.random.default_rng(1)
    return [generator.permutation(16).reshape(4, 4) / 16 - 0.4, generator.permutation(4) / 4 - 0.3]


@dataclass(frozen=True)
class Entry:
    """A value of the pool: its symbol while drawing, and whether it is the same to the last bit everywhere."""

    symbol: Symbol
    exact: bool


@dataclass(frozen=True)
class Recipe:
    """Steps: a function and the positions in the pool that it takes; the results join the pool."""

    steps: tuple[tuple[str, Callable[..., Any], tuple[int, ...]], ...]
    outputs: tuple[int, ...]

    def __call__(self, *given: Any) -> list[Any]:
        pool = list(given)
        for _, function, places in self.steps:
            pool.append(function(*(pool[place] for place in places)))
        return [pool[place] for place in self.outputs]

    def __repr__(self) -> str:
        lines = [f"  {i + len(INPUTS + VARIABLES)} = {name}{places}" for i, (name, _, places) in enumerate(self.steps)]
        return "\n".join(["Recipe", *lines, f"  -> {self.outputs}"])


Step = tuple[str, Callable[..., Any]]

SMOOTH: list[Step] = [
    ("tanh", ops.tanh),
    ("sigmoid", ops.sigmoid),
    ("exp", lambda x: ops.exp(-ops.square(x))),
    ("log", lambda x: ops.log(1.5 + ops.square(x))),
    ("softmax", lambda x: ops.softmax(x, axis=-1)),
    ("relu", ops.relu),
    ("half", lambda x: x * 0.5 - 1),
    ("narrow", lambda x: ops.cast(ops.cast(x, "float32"), "float64")),
    ("held", ops.stop_gradient),
]
EXACT: list[Step] = [
    ("negative", lambda x: -x),
    ("absolute", ops.absolute),
    ("double", lambda x: x + x),
]
PAIRS: list[Step] = [
    ("add", ops.add),
    ("subtract", ops.subtract),
    ("multiply", lambda x, y: ops.tanh(x) * y),
    ("divide", lambda x, y: x / (2 + ops.absolute(y))),
    ("maximum", ops.maximum),
]
JUMPS: list[Step] = [
    ("where", lambda x, y: ops.where(x > y, x, 2 * y)),
    ("min", ops.minimum),
    ("hit", lambda x, y: ops.cast(ops.logical_or(x > 0, y > 0), "float64")),
]
SORTS: list[Step] = [
    ("sort", lambda x: ops.sort(x, axis=-1)),
    ("argmax", lambda x: ops.cast(ops.argmax(x, axis=-1, keepdims=True), "float64")),
    ("top", lambda x: ops.top_k(x, min(2, x.shape[-1]))[0]),
]
REDUCTIONS = {"sum": ops.sum, "mean": ops.mean, "max": ops.max, "logsumexp": ops.logsumexp, "var": ops.var}
PRODUCTS: list[Step] = [
    ("times weights", lambda x, w: ops.matmul(x, w)),
    ("times turned weights", lambda x, w: ops.matmul(x, ops.transpose(w))),
]
ROWS: list[Step] = [
    ("take", lambda k, w: ops.take(w, k, axis=0)),
    ("one_hot", lambda k, w: ops.one_hot(k, WIDTH, dtype="float64") @ w),
]
BRANCHES: list[Step] = [
    ("cond", lambda x, b: ops.cond(ops.sum(b) + b[0] * 9 > 0, lambda: ops.tanh(x) + b[1], lambda: x * 0.3)),
]
LOOPS: list[Step] = [
    ("scan", lambda x, b: ops.scan(lambda c, row: (ops.tanh(c + row) * b[0], c - row), x[0] * 0, x)[1]),
    ("scan back", lambda x, b: ops.scan(lambda c, row: (c * 0.5 + row, None), x[0] * b[1], x, reverse=True)[0]),
    ("map", lambda x, b: ops.map(lambda row: ops.sin(row) + ops.sum(b), x)),
    ("for", lambda x, b: ops.fori_loop(0, 3, lambda i, v: ops.tanh(v * b[2]) + ops.cast(i, "float64"), x)),
    (
        "while",
        lambda x, b: ops.while_loop(
            lambda i, v: ops.logical_and(i < 5, b[0] + 0.2 * ops.cast(i, "float64") < 0.5),
            lambda i, v: (i + 1, ops.tanh(v) + b[1]),
            (0, x),
            maximum_iterations=5,
        )[1],
    ),
]
FAMILIES = ("unary", "exact", "pair", "jump", "sort", "reduce", "move", "product", "index", "branch", "loop")
NUMBERS, SQUARE, ROW = 2, 3, 4  # places in the pool: labels, the matrix, the vector


def moves(shape: Sequence[Any]) -> list[Step]:
    """Movements that fit a shape."""
    found: list[Step] = [("turn", ops.transpose), ("wide", lambda x: ops.expand_dims(x, 1))]
    if len(shape) > 1:
        found += [
            ("flat", lambda x: ops.reshape(x, (-1,))),
            ("backwards", lambda x: ops.flip(x, 1)),
            ("joined", lambda x: ops.concatenate([x, x * 0.5], axis=1)),
            ("upside down", lambda x: x[::-1]),
        ]
    if shape and isinstance(shape[-1], int) and shape[-1] > 1:
        found += [("part", lambda x: x[..., 1:]), ("steps", lambda x: x[..., ::-2][..., :1] if shape[-1] > 2 else x)]
    return found


@st.composite
def recipes(draw: st.DrawFn, most: int = 9) -> Recipe:
    """A recipe of up to `most` steps."""
    names = ("x", "y", "k", "w", "b")
    kinds = ("float64", "float64", "int32", "float64", "float64")
    pool = [
        Entry(input_symbol(shape, kind, name), True)
        for shape, kind, name in zip(INPUTS + VARIABLES, kinds, names, strict=True)
    ]
    steps: list[tuple[str, Callable[..., Any], tuple[int, ...]]] = []
    for _ in range(draw(st.integers(1, most))):
        (name, function), places, exact = draw_step(draw, pool)
        result = function(*(pool[place].symbol for place in places))
        steps.append((name, function, places))
        pool.append(Entry(result, exact and all(pool[place].exact for place in places)))
    made = range(len(INPUTS + VARIABLES), len(pool))
    outputs = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3, unique=True))
    return Recipe(tuple(steps), tuple(outputs))


def draw_step(draw: st.DrawFn, pool: Sequence[Entry]) -> tuple[Step, tuple[int, ...], bool]:
    """A step, what it takes, and whether it keeps exact values exact."""
    floats = [i for i, entry in enumerate(pool) if entry.symbol.dtype == "float64"]
    family = draw(
        st.sampled_from(
            ["unary", "exact", "pair", "jump", "sort", "reduce", "move", "product", "index", "branch", "loop"]
        )
    )
    first = draw(st.sampled_from(floats))
    shape = pool[first].symbol.shape
    if family == "unary" and shape:
        return draw(st.sampled_from(SMOOTH)), (first,), False
    if family == "reduce" and shape:
        return draw_reduction(draw, len(shape)), (first,), False
    if family == "move" and shape:
        return draw(st.sampled_from(moves(shape))), (first,), True
    if family == "product" and len(shape) > 1 and shape[-1] == WIDTH:
        return draw(st.sampled_from(PRODUCTS)), (first, SQUARE), False
    if family == "index":
        return draw(st.sampled_from(ROWS)), (NUMBERS, SQUARE), True
    if family == "branch":
        return draw(st.sampled_from(BRANCHES)), (first, ROW), False
    if family == "loop" and shape:
        return draw(st.sampled_from(LOOPS)), (first, ROW), False
    if family == "sort" and pool[first].exact and shape and isinstance(shape[-1], int) and shape[-1] > 1:
        return draw(st.sampled_from(SORTS)), (first,), True
    if family in ("pair", "jump"):
        jumps = family == "jump" and pool[first].exact
        partners = [i for i in floats if fits(pool[i].symbol.shape, shape) and (pool[i].exact or not jumps)]
        return draw(st.sampled_from(JUMPS if jumps else PAIRS)), (first, draw(st.sampled_from(partners))), jumps
    return draw(st.sampled_from(EXACT)), (first,), True


def draw_reduction(draw: st.DrawFn, rank: int) -> Step:
    """A reduction over some axes."""
    name = draw(st.sampled_from(sorted(REDUCTIONS)))
    axes = draw(st.sampled_from([None, 0, -1, tuple(range(rank))]))
    keepdims = draw(st.booleans())
    return f"{name} over {axes} keepdims={keepdims}", lambda x: REDUCTIONS[name](x, axis=axes, keepdims=keepdims)


def fits(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two shapes broadcast together."""
    try:
        shapes.broadcast(tuple(one), tuple(other))
    except ShapeMismatch:
        return False
    return True
