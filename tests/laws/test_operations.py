"""Laws of every operation: one meaning on arrays, node by node and compiled; rules that hold; true gradients."""

import doctest
import itertools

import numpy as np
import pytest

from kmagic.base.dtypes import BYTES, is_float
from kmagic.base.errors import BadType
from kmagic.compiler.lower import lower
from kmagic.graph.load import ops
from kmagic.graph.node import Graph
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import TABLE, Operation
from tests.compiler.programs import Array, interpreted, run, traced
from tests.laws.operation_examples import EXAMPLES, Example, examples

# Sources are bound by programs and bodies are chosen by control: tests/graph and tests/compiler try them.
ROWS = [row for row in TABLE.values() if row.kind not in ("source", "control")]
CASES = [
    pytest.param(row, example, id=f"{row.name}-{number}")
    for row in ROWS
    for number, example in enumerate(examples(row))
]
SMOOTH = [case for case in CASES if case.values[0].smooth]
DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0])


def called(row: Operation, arrays: list[Array], example: Example) -> Array:
    return row(*arrays, **example.attributes)


def graph_of(row: Operation, arrays: list[Array], example: Example) -> Graph:
    return traced(lambda *symbols: row(*symbols, **example.attributes), arrays)


def check_every_way(row: Operation, arrays: list[Array], example: Example) -> None:
    """The same value, shape and dtype on arrays, node by node, lowered and compiled."""
    graph = graph_of(row, arrays, example)
    node = graph.outputs["y0"]
    expected = np.asarray(called(row, arrays, example))
    assert (node.shape, node.dtype) == (expected.shape, str(expected.dtype))
    tolerance = 0 if not is_float(node.dtype) else 8 * float(np.finfo(expected.dtype).eps)
    ways = [interpreted(graph, arrays)[0], interpreted(lower(graph), arrays)[0], run(graph, arrays).outputs["y0"]]
    for found in ways:
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.kind != "source"], ids=lambda row: row.name)
def test_rows_with_attributes_have_examples(row: Operation) -> None:
    if row.kind != "control":
        assert not row.defaults or row.name in EXAMPLES, f"add an example of {row.name} to {EXAMPLES.keys()}"


def test_examples_are_of_rows_that_exist() -> None:
    assert set(EXAMPLES) <= set(TABLE)


@pytest.mark.parametrize(("row", "example"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_meaning_everywhere(row: Operation, example: Example, dtype: str) -> None:
    check_every_way(row, example.arrays(row, dtype=dtype), example)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if not row.whole and (row.kind == "pointwise" or row.name in ("relu", "sigmoid"))]
)
def test_infinity_and_nan_mean_the_same_everywhere(row: Operation) -> None:
    first = [True, False] if row.name == "where" else SPECIAL
    pairs = np.array(list(itertools.product(first, *[SPECIAL] * (row.arity - 1))))
    arrays = [np.ascontiguousarray(pairs[:, i]) for i in range(row.arity)]
    attributes = {"dtype": "float32"} if row.name == "convert" else {}
    check_every_way(row, arrays, Example((), attributes))


FREE = [row for row in ROWS if row.arity in (1, 2) and not row.defaults]


@pytest.mark.parametrize("row", FREE, ids=lambda row: row.name)
def test_dtype_rules_are_what_numpy_gives(row: Operation) -> None:
    allowed = [kind for kind in DTYPES if not (row.whole and is_float(kind))]
    for kinds in itertools.product(allowed, repeat=row.arity):
        check_every_way(row, [np.ones((2, 2), kind) for kind in kinds], Example(()))


@pytest.mark.parametrize("row", [row for row in ROWS if row.whole], ids=lambda row: row.name)
def test_rows_of_whole_numbers_refuse_fractions(row: Operation) -> None:
    with pytest.raises(BadType, match="binary digits of float32"):
        row(np.ones(2, "int32"), np.ones(2, "float32"))


@pytest.mark.parametrize("name", ["reduce_sum", "reduce_max", "reduce_min", "reduce_prod"])
@pytest.mark.parametrize("dtype", [name for name in BYTES if name != "bfloat16"])
def test_reductions_of_every_dtype(name: str, dtype: str) -> None:
    values = np.array([[1, 0, 1, 1], [1, 1, 1, 2]]).astype(dtype)
    for axes in ((0,), (1,), (0, 1)):
        check_every_way(TABLE[name], [values], Example((), {"axes": axes, "keepdims": False}))


def projected(row: Operation, example: Example, weights: Array, arrays: list[Array]):
    """A scalar function of the float inputs of a row: Σ weights · row(inputs)."""
    places = [i for i, array in enumerate(arrays) if array.dtype.kind == "f"]

    def function(*floats):
        inputs = list(arrays)
        for place, value in zip(places, floats, strict=True):
            inputs[place] = value
        result = row(*inputs, **example.attributes)
        return ops.sum(result * weights)

    return function, [arrays[place] for place in places]


def slope(function, values: list[Array], directions: list[Array], distance: float) -> float:
    """The derivative along directions, by a central difference."""
    ahead = function(*(value + distance * way for value, way in zip(values, directions, strict=True)))
    behind = function(*(value - distance * way for value, way in zip(values, directions, strict=True)))
    return float(ahead - behind) / (2 * distance)


@pytest.mark.parametrize(("row", "example"), SMOOTH)
def test_gradient_is_the_slope(row: Operation, example: Example) -> None:
    generator = np.random.default_rng(1)
    arrays = example.arrays(row, seed=2)
    exact = row.name != "convert" or example.attributes["dtype"] == "float64"
    weights = generator.uniform(0.5, 1.5, np.shape(called(row, arrays, example)))
    function, values = projected(row, example, weights, arrays)
    directions = [generator.uniform(-1, 1, value.shape) for value in values]
    everywhere = tuple(range(len(values)))

    found = grad(function, everywhere)(*values)
    along = sum(float(np.sum(part * way)) for part, way in zip(found, directions, strict=True))
    distance, tolerance = (1e-6, 1e-7) if exact else (1e-2, 1e-4)
    assert along == pytest.approx(slope(function, values, directions, distance), rel=tolerance, abs=tolerance)

    compiled = run(traced(grad(function, everywhere), values), values)
    for name, part in zip(compiled.outputs, found, strict=True):
        np.testing.assert_allclose(compiled.outputs[name], part, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("row", "example"), [case for case in SMOOTH if case.values[0].name != "convert"])
def test_second_derivative_is_the_slope_of_the_gradient(row: Operation, example: Example) -> None:
    generator = np.random.default_rng(3)
    arrays = example.arrays(row, seed=4)
    weights = generator.uniform(0.5, 1.5, np.shape(called(row, arrays, example)))
    function, values = projected(row, example, weights, arrays)
    directions = [generator.uniform(-1, 1, value.shape) for value in values]
    everywhere = tuple(range(len(values)))

    def along(*inputs):
        parts = grad(function, everywhere)(*inputs)
        return sum(ops.sum(part * way) for part, way in zip(parts, directions, strict=True))

    found = grad(along, everywhere)(*values)
    twice = sum(float(np.sum(part * way)) for part, way in zip(found, directions, strict=True))
    assert twice == pytest.approx(slope(along, values, directions, 1e-5), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.smooth and not row.whole and row.kind == "pointwise"])
def test_steps_have_no_slope(row: Operation) -> None:
    x = np.linspace(0.3, 2.7, 6)
    inputs = [x, *[np.full(6, 1.3)] * (row.arity - 1)]

    def total(*given):
        return ops.sum(ops.cast(row(*given), "float64") + given[0])

    np.testing.assert_array_equal(grad(total)(*inputs), np.ones(6))


@pytest.mark.parametrize("row", [row for row in ROWS if row.commutes])
def test_commuting_rows_commute(row: Operation) -> None:
    x, y = np.random.default_rng(5).uniform(*row.domain, (2, 4))
    np.testing.assert_array_equal(row(x, y), row(y, x))


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_rows_are_documented(row: Operation) -> None:
    sentence = row.__doc__.split("\n\n")[0]
    assert sentence.endswith(".") and len(sentence) <= 240


@pytest.mark.parametrize("name", sorted(ops.functions))
def test_public_functions_are_documented(name: str) -> None:
    function = ops.functions[name]
    assert function.__doc__ and function.__doc__.split("\n\n")[0].rstrip().endswith(".")
    target = function.function if isinstance(function, Operation) else function
    assert doctest.run_docstring_examples(target, {name: function}) is None


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in ops.functions], ids=lambda row: row.name)
def test_public_rows_make_symbols_of_symbols(row: Operation) -> None:
    example = examples(row)[0]
    graph = graph_of(row, example.arrays(row), example)
    assert isinstance(Symbol(graph.outputs["y0"]), Symbol) and graph.outputs["y0"].name == row.name
