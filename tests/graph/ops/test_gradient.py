"""Gradients: of anything traced, at once or compiled, again and again."""

import math

import numpy as np
import pytest

from kmagic.base.errors import ShapeMismatch, Unsupported
from kmagic.graph import eager
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import trace_graph
from kmagic.graph.variable import Variable
from tests.compiler.programs import interpreted, run, traced

X = np.array([0.5, -1.0, 2.0])


def everywhere(function, *arrays):
    """A result at once, node by node and compiled, which must agree."""
    graph = traced(function, arrays)
    found = run(graph, arrays).outputs
    for value, other in zip(found.values(), interpreted(graph, arrays), strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-12, atol=1e-12)
    return list(found.values())


def test_on_arrays_and_on_symbols() -> None:
    derivative = grad(lambda x: ops.sum(x**3))
    np.testing.assert_allclose(derivative(X), 3 * X**2)
    np.testing.assert_allclose(everywhere(derivative, X)[0], 3 * X**2)
    assert float(derivative(2.0)) == 12 and str(derivative(2.0).dtype) == "float32"


def test_derivatives_of_any_order() -> None:
    function = np.sin
    signs = [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x), math.sin]
    for derivative in signs:
        assert float(function(np.float64(0.7)) if function is np.sin else function(0.7)) == pytest.approx(
            derivative(0.7), rel=1e-6
        )
        function = grad(function)


def test_hessian_vector_product() -> None:
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    v, x = np.array([0.3, -0.7]), np.array([1.0, 2.0])

    def energy(x):
        return ops.sum(x * ops.matmul(matrix, x)) / 2

    along = grad(lambda x: ops.sum(grad(energy)(x) * v))
    np.testing.assert_allclose(along(x), matrix @ v)
    np.testing.assert_allclose(everywhere(along, x)[0], matrix @ v)


def test_several_arguments() -> None:
    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    for by_a, by_b in (
        grad(lambda a, b: ops.sum(a * b * b), (0, 1))(a, b),
        everywhere(grad(lambda a, b: ops.sum(a * b * b), (0, 1)), a, b),
    ):
        np.testing.assert_allclose(by_a, b * b)
        np.testing.assert_allclose(by_b, 2 * a * b)
    np.testing.assert_allclose(grad(lambda a, b: ops.sum(a * b * b), 1)(a, b), 2 * a * b)


def test_arguments_are_told_apart_even_if_they_are_the_same_value() -> None:
    found = everywhere(lambda x: grad(lambda a, b: ops.sum(a * b * b), (0, 1))(x, x), X)
    np.testing.assert_allclose(found, [X * X, 2 * X * X])


def test_what_the_function_closes_over_is_held_fixed() -> None:
    (found,) = everywhere(lambda x: grad(lambda a: ops.sum(a * x))(x), X)
    np.testing.assert_allclose(found, X)


def test_a_gradient_depends_on_what_was_held_fixed() -> None:
    (found,) = everywhere(grad(lambda x: ops.sum(grad(lambda a: ops.sum(a * x))(x) * x)), X)
    np.testing.assert_allclose(found, 2 * X)


def test_no_path_gives_zeros() -> None:
    unused = grad(lambda a, b: ops.sum(a), (0, 1))
    np.testing.assert_array_equal(unused(X, X)[1], np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: ops.sum(ops.floor(x)))(X), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: ops.sum(ops.cast(ops.cast(x, "int32"), "float64")))(X), np.zeros(3))


def test_stop_gradient_is_the_value_without_the_slope() -> None:
    value, slope = everywhere(
        lambda x: (ops.stop_gradient(x) * x, grad(lambda x: ops.sum(ops.stop_gradient(x) * x))(x)), X
    )
    np.testing.assert_allclose(value, X * X)
    np.testing.assert_allclose(slope, X)


def test_a_value_used_often_collects_all_its_slopes() -> None:
    np.testing.assert_allclose(
        grad(lambda x: ops.sum(x * x + x * ops.exp(x)) + ops.sum(x))(X), 2 * X + np.exp(X) * (1 + X) + 1
    )


def test_gradients_by_variables_and_of_their_mixture_with_data() -> None:
    w, b = Variable(np.array([[1.0], [2.0], [3.0]])), Variable(np.array([0.5]))
    data, rows = np.arange(6.0).reshape(2, 3), np.array([[1.0], [-1.0]])

    def function(x, y):
        error = ops.matmul(x, w) + b - y
        return gradients(ops.mean(ops.square(error)), [w, b])

    by_w, by_b = everywhere(function, data, rows)
    error = data @ w.numpy() + b.numpy() - rows
    np.testing.assert_allclose(by_w, data.T @ error)
    np.testing.assert_allclose(by_b, error.sum(0))


def test_gradients_take_the_dtype_and_shape_of_their_source() -> None:
    def function(x, y):
        return grad(lambda x, y: ops.sum(ops.cast(x, "float64") * y), (0, 1))(x, y)

    by_x, by_y = everywhere(function, np.ones((1, 3), "float32"), np.ones((4, 1)))
    assert (by_x.dtype, by_x.shape, by_x.tolist()) == (np.float32, (1, 3), [[4, 4, 4]])
    assert (by_y.dtype, by_y.shape, by_y.ravel().tolist()) == (np.float64, (4, 1), [3] * 4)


TIES = {
    "equal values share": (lambda x: ops.maximum(x, x * 1.0), [1, 1, 1]),
    "maximum of a number": (lambda x: ops.maximum(x, 0.0), [0, 0.5, 1]),
    "minimum of a number": (lambda x: ops.minimum(x, 0.0), [1, 0.5, 0]),
    "relu passes none at 0": (lambda x: ops.relu(x), [0, 0, 1]),
    "absolute has none at 0": (lambda x: ops.absolute(x), [-1, 0, 1]),
    "clip passes all at its limits": (lambda x: ops.clip(x, 0.0, 1.0), [0, 1, 1]),
}


@pytest.mark.parametrize("name", TIES)
def test_ties(name: str) -> None:
    function, expected = TIES[name]
    assert grad(lambda x: ops.sum(function(x)))(np.array([-1.0, 0.0, 1.0])).tolist() == expected


def test_extremes_over_an_axis_share_equally() -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    found = grad(lambda x: ops.sum(ops.max(x, axis=1)))(x)
    np.testing.assert_allclose(found, [[0, 0.5, 0.5], [1 / 3] * 3])


def test_in_a_program_a_gradient_at_a_number_is_part_of_it() -> None:
    v = Variable(np.float64(2.0))

    def function(x):
        v.assign(v + 1)
        slope = grad(lambda a: a * a * v * x)(3)
        value, change = ops.jvp(lambda a: a * v * x, (3.0,), (1.0,))
        return slope, value, change

    graph = traced(function, [np.float64(1.0)])
    for held, x in ((3, 1.0), (4, 10.0)):
        found = run(graph, [np.float64(x)]).outputs
        assert [value.item() for value in found.values()] == [6 * held * x, 3 * held * x, held * x]


def test_limits_of_clip_are_told_what_they_did() -> None:
    x = np.array([-1.0, 0.5, 3.0])
    low, high = grad(lambda a, b: ops.sum(ops.clip(x, a, b)), (0, 1))(np.float64(0), np.float64(1))
    assert (float(low), float(high)) == (1, 1)


def test_only_scalars_have_a_gradient() -> None:
    with pytest.raises(ShapeMismatch, match=r"gradient of f64\[3\]\nexpected: a scalar\nfix: kmagic.ops.sum\(loss\)"):
        grad(lambda x: x * 2)(X)


def test_an_operation_without_a_gradient_is_named_with_its_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops.rows["sin"], "gradient", None)

    def function(x):
        with eager.origin(layer="wheel"):
            return ops.sum(np.sin(x))

    with pytest.raises(Unsupported, match="wheel: the gradient of sin"):
        grad(function)(X)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([2.0, 3.0, 4.0], [12, 8, 6]), ([0.0, 3.0, 4.0], [12, 0, 0]), ([0.0, 3.0, 0.0], [0, 0, 0]), ([0.0], [1])],
)
def test_a_product_with_zeros(values: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(grad(lambda x: ops.prod(x))(np.array(values)), expected)


def test_powers_at_zero() -> None:
    base, exponent = np.array([0.0, 0.0, 0.0, -2.0]), np.array([0.0, 1.0, 2.0, 3.0])
    by_base, by_exponent = grad(lambda a, b: ops.sum(ops.power(a, b)), (0, 1))(base, exponent)
    np.testing.assert_allclose(by_base, [0, 1, 0, 12])
    np.testing.assert_allclose(by_exponent, [0, 0, 0, 0])


def test_a_long_chain() -> None:
    """Deeper than Python's stack."""
    v = Variable(np.ones(3))

    def function():
        value = v.value
        for _ in range(1200):
            value = ops.sin(value) + 0.5 * value
        (slope,) = gradients(ops.sum(value), [v])
        v.assign(v - 0.0 * value)
        return {"value": value, "slope": slope}

    found = run(traced(function)).outputs
    value, slope = 1.0, 1.0
    for _ in range(1200):
        value, slope = math.sin(value) + 0.5 * value, slope * (math.cos(value) + 0.5)
    np.testing.assert_allclose(found["value"], [value] * 3, rtol=1e-9)
    np.testing.assert_allclose(found["slope"], [slope] * 3, rtol=1e-9, atol=1e-300)


def test_a_gradient_node_stays_until_it_is_answered() -> None:
    x = input_symbol((3,), "float32", "x")
    graph = trace_graph(lambda x: {"g": grad(ops.sum)(x)}, [x])
    assert [node.name for node in graph.nodes if node.op.kind == "control"] == ["gradient", "item"]
