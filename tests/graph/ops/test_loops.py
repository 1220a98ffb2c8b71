"""Gradients of loops, against those of the same steps written out, and against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic.base.errors import Unsupported
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import both_ways, step, traced, uncached

GENERATOR = np.random.default_rng(2)
XS, W, B = GENERATOR.normal(size=(5, 3)), GENERATOR.normal(size=(3, 3)), GENERATOR.normal(size=3)


def network(xs, w, b, unroll=1, reverse=False, integers=False):
    """A recurrent network that returns its states, with a count beside them."""

    def body(carry, x):
        state, count = carry
        state = ops.tanh(state @ w + x + b)
        return (state, count + 1), (state * ops.cast(count, "float64"), count)

    (last, count), (states, counts) = ops.scan(body, (b, 0), xs, unroll=unroll, reverse=reverse)
    total = ops.sum(last**2) + ops.sum(ops.sin(states))
    return total + ops.sum(counts) * 0.1 * ops.sum(w) if integers else total


def close(found, expected):
    for value, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_gradient_of_a_scan_is_that_of_its_steps(reverse: bool) -> None:
    def gradient(unroll):
        return grad(lambda *given: network(*given, unroll=unroll, reverse=reverse, integers=True), (0, 1, 2))

    expected = gradient(True)(XS, W, B)
    close(gradient(1)(XS, W, B), expected)
    close(both_ways(gradient(1), XS, W, B), expected)


def test_the_gradient_of_a_scan_is_the_slope() -> None:
    found = grad(network, 1)(XS, W, B)
    for i, j in ((0, 0), (1, 2)):
        way = np.zeros((3, 3))
        way[i, j] = 1e-6
        slope = (network(XS, W + way, B) - network(XS, W - way, B)) / 2e-6
        np.testing.assert_allclose(found[i, j], slope, rtol=1e-7)


def test_gradients_of_gradients() -> None:
    def twice(unroll):
        first = grad(lambda *given: network(*given, unroll=unroll), (0, 1, 2))
        return grad(lambda *given: sum(ops.sum(g * g) for g in first(*given)), (0, 1, 2))

    expected = twice(True)(XS, W, B)
    close(twice(1)(XS, W, B), expected)
    close(both_ways(twice(1), XS, W, B), expected)


def test_third_derivatives() -> None:
    def cube(unroll):
        def total(x):
            return ops.scan(lambda c, x: (c * x, None), x * 0 + 1, length=None, xs=ops.stack([x, x, x]), unroll=unroll)[
                0
            ]

        return grad(grad(grad(total)))

    assert cube(1)(2.0) == pytest.approx(6.0)
    assert both_ways(cube(1), np.array(2.0))[0] == pytest.approx(6.0)


def test_a_gradient_asked_for_inside_a_step() -> None:
    def function(xs):
        last, _ = ops.scan(lambda c, x: (c - 0.1 * grad(lambda c: ops.sum((c * x) ** 2))(c), None), xs[0], xs)
        return ops.sum(last**2)

    c = XS[0]
    for x in XS:
        c = c - 0.2 * c * x**2
    np.testing.assert_allclose(both_ways(function, XS)[0], np.sum(c**2))
    slope = both_ways(grad(function), XS)[0]
    way = np.zeros_like(XS)
    way[2, 1] = 1e-6
    np.testing.assert_allclose(slope[2, 1], (function(XS + way) - function(XS - way)) / 2e-6, rtol=1e-6)


def test_gradients_along_an_axis_of_unknown_length() -> None:
    gradient = grad(network, (0, 1, 2))
    program = uncached(traced(lambda xs: gradient(xs, W, B), [XS], batch=True))
    workspace = program.workspace(5)
    for rows in (5, 1, 3):
        expected = grad(lambda *given: network(*given, unroll=True), (0, 1, 2))(XS[:rows], W, B)
        close(step(workspace, [XS[:rows]], rows).outputs.values(), expected)


def newton(x, limit=None):
    """The square root of x by Newton's method until it stays."""

    def body(old, new):
        return new, 0.5 * (new + x / new)

    return ops.while_loop(lambda old, new: ops.abs(old - new) > 1e-12, body, (x * 0, x), limit)[1]


def test_the_gradient_of_a_while_loop_needs_a_limit() -> None:
    x = np.array(2.0)
    np.testing.assert_allclose(both_ways(newton, x)[0], np.sqrt(2))
    limited = grad(lambda x: newton(x, 12))
    for found in (limited(x), both_ways(limited, x)[0]):
        np.testing.assert_allclose(found, 0.5 / np.sqrt(2), rtol=1e-12)
    np.testing.assert_allclose(grad(limited)(x), -0.25 * 2**-1.5, rtol=1e-10)
    with pytest.raises(Unsupported, match="gradient of a while_loop") as caught:
        grad(newton)(x)
    assert "maximum_iterations" in caught.value.expected and "fori_loop" in caught.value.expected


def test_a_value_that_comes_into_a_while_loop_twice() -> None:
    def function(x):
        first, second = ops.while_loop(lambda a, b: a < 50, lambda a, b: (a * b, b), (x, x), 9)
        return first + second

    # 3 → 9 → 27 → 81 = x⁴
    assert both_ways(grad(function), np.array(3.0))[0] == pytest.approx(4 * 27 + 1)


def test_the_gradient_of_a_fori_loop() -> None:
    def function(x):
        return ops.fori_loop(0, 5, lambda i, v: v * x + ops.cast(i, "float64"), x)

    # ((((x·x + 0)·x + 1)·x + 2)·x + 3)·x + 4
    slope = 6 * 2.0**5 + 3 * 2.0**2 + 2 * 2 * 2.0 + 3
    assert both_ways(grad(function), np.array(2.0))[0] == pytest.approx(slope)


def test_a_scan_in_a_branch_in_a_scan() -> None:
    def function(unroll):
        def inner(c, x):
            return ops.scan(lambda d, y: (ops.tanh(d * y + x), d), c, x, unroll=unroll)

        def body(c, x):
            hit = ops.sum(x) > 0
            return ops.cond(hit, lambda: inner(c, x), lambda: (c * 0.5, ops.stack([x, x, c])))

        def total(xs, c):
            last, ys = ops.scan(body, c, xs, unroll=unroll)
            return ops.sum(last * ops.sum(ys, axis=(0, 1)))

        return grad(total, (0, 1))

    expected = function(True)(XS, B)
    assert any(row.sum() > 0 for row in XS) and any(row.sum() <= 0 for row in XS)
    close(function(1)(XS, B), expected)
    close(both_ways(function(1), XS, B), expected)


STEPS = {
    "tanh": lambda a, b, x, w: (ops.tanh(a + x), b),
    "swap": lambda a, b, x, w: (b, a),
    "times w": lambda a, b, x, w: (ops.tanh(a @ w), b + a),
    "turned": lambda a, b, x, w: (a[::-1] * 0.5, ops.sin(b)),
    "gate": lambda a, b, x, w: (ops.where(x > 0, a, b), b * ops.sigmoid(x)),
    "branch": lambda a, b, x, w: ops.cond(ops.sum(x) > 0, lambda: (a * x, b), lambda: (a, b - w[0])),
    "reset": lambda a, b, x, w: (x, b),
    "loop": lambda a, b, x, w: (ops.fori_loop(0, 2, lambda i, v: ops.sin(v + x), a), b),
    "index": lambda a, b, x, w: (a + ops.take(w, ops.argmax(x), axis=0), b),
}
RESULTS = {
    "first": lambda a, b, x: a,
    "both": lambda a, b, x: a * b,
    "x": lambda a, b, x: x,
    "number": lambda a, b, x: ops.sum(b),
    "constant": lambda a, b, x: np.float64(2.0),
}


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=4),
    st.sampled_from(sorted(RESULTS)),
    st.booleans(),
    st.integers(0, 4),
)
def test_a_random_scan_is_its_steps(steps: list[str], result: str, reverse: bool, length: int) -> None:
    def body(carry, x, w):
        a, b = carry
        for name in steps:
            a, b = STEPS[name](a, b, x, w)
        return (a, b), RESULTS[result](a, b, x)

    def by_scan(xs, w, start):
        return ops.scan(lambda carry, x: body(carry, x, w), (start, start * 2), xs, reverse=reverse)

    def by_hand(xs, w, start):
        carry, ys = (start, start * 2), []
        for t in reversed(range(length)) if reverse else range(length):
            carry, y = body(carry, xs[t], w)
            ys.append(y)
        return carry, ops.stack([ops.convert_to_tensor(y) for y in (ys[::-1] if reverse else ys)]) if ys else 0.0

    def loss(way):
        def total(xs, w, start):
            (a, b), ys = way(xs, w, start)
            return ops.sum(a * a) + ops.sum(b) + ops.sum(ops.sin(ys))

        return total

    xs = XS[:length]
    close([loss(by_scan)(xs, W, B)], [loss(by_hand)(xs, W, B)])
    expected = [loss(by_hand)(xs, W, B), *grad(loss(by_hand), (0, 1, 2))(xs, W, B)]
    close(
        both_ways(lambda *given: [loss(by_scan)(*given), *grad(loss(by_scan), (0, 1, 2))(*given)], xs, W, B), expected
    )
