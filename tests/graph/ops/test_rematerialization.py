"""Values that the backward pass computes again: the same numbers, by less that is kept."""

from typing import Any

import numpy as np
import pytest

from kmagic import Variable, grad, ops, remat
from kmagic.base.errors import BadType
from kmagic.compiler.pipeline import compile
from kmagic.graph.interpret import bound
from tests.compiler.programs import run, traced

RANDOM = np.random.default_rng(0)
X, W = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(3, 3))


def block(x: Any, w: Any) -> Any:
    return ops.tanh(ops.sin(ops.matmul(x, w)) * ops.exp(-x * x))


def plain(f: Any) -> Any:
    return f


def deep(wrap: Any) -> Any:
    once = wrap(block)
    return lambda x, w: ops.sum(ops.square(once(once(once(once(x, w), w), w), w)))


def several(wrap: Any) -> Any:
    """Results in a structure, one of them whole numbers, and a value from outside."""

    def loss(x: Any, w: Any) -> Any:
        found = wrap(lambda y: {"a": (ops.sin(y), ops.exp(y * w[0])), "n": ops.argmax(y, -1), "y": y})(x * 2)
        return ops.sum(found["a"][0] * found["a"][1] * found["y"]) + ops.sum(ops.cast(found["n"], "float64"))

    return loss


def nested(wrap: Any) -> Any:
    inner = wrap(lambda x, w: ops.tanh(block(x, w)))
    return lambda x, w: ops.sum(wrap(lambda y: inner(inner(y, w), w))(x))


def in_a_scan(wrap: Any) -> Any:
    def step(carry: Any, row: Any) -> Any:
        h, c = carry
        new = ops.tanh(ops.matmul(h * row, c) + row)
        return (new, c * 0.9), new

    def loss(x: Any, w: Any) -> Any:
        (h, _), ys = ops.scan(wrap(step), (x[0], w), x)
        return ops.sum(h) + ops.sum(ys * ys)

    return loss


def around_a_scan(wrap: Any) -> Any:
    def walk(x: Any, w: Any) -> Any:
        return ops.scan(lambda h, row: (ops.tanh(ops.matmul(h, w) + row), h), x[0], x)

    return lambda x, w: sum(ops.sum(ops.square(part)) for part in wrap(walk)(x, w))


def in_a_branch(wrap: Any) -> Any:
    def loss(x: Any, w: Any) -> Any:
        return ops.sum(ops.cond(ops.sum(x) > 100, lambda: x * 2, lambda: wrap(block)(x, w)))

    return loss


LOSSES = [deep, several, nested, in_a_scan, around_a_scan, in_a_branch]


@pytest.mark.parametrize("make", LOSSES)
@pytest.mark.parametrize("argument", [0, 1])
def test_gradients_are_the_same(make: Any, argument: int) -> None:
    """At once, and as a program."""
    expected, slope = (grad(make(wrap), argument) for wrap in (plain, remat))
    np.testing.assert_allclose(slope(X, W), expected(X, W), rtol=1e-12, atol=1e-15)
    compiled = run(traced(slope, (X, W)), (X, W)).outputs["y0"]
    np.testing.assert_allclose(compiled, expected(X, W), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("make", [deep, around_a_scan])
def test_gradients_of_gradients_are_the_same(make: Any) -> None:
    def bent(wrap: Any) -> Any:
        return grad(lambda x: ops.sum(ops.sin(grad(make(wrap))(x, W))))

    np.testing.assert_allclose(bent(remat)(X), bent(plain)(X), rtol=1e-11, atol=1e-13)


def bytes_of(make: Any, wrap: Any) -> int:
    """What a program with the gradient keeps at its peak."""
    x, w = RANDOM.normal(size=(64, 32)), RANDOM.normal(size=(32, 32))
    stages = compile(traced(grad(make(wrap)), (x, w)))
    return sum(bound(stages["place"].buffers, {})) + int(stages["emit"].inner_room({}))


def test_less_is_kept() -> None:
    assert bytes_of(deep, remat) < 0.75 * bytes_of(deep, plain)
    assert bytes_of(nested, remat) < 0.75 * bytes_of(nested, plain)


def test_a_function_outside_of_a_program_just_runs() -> None:
    found = remat(lambda x, *, twice: x * (2 if twice else 1))(np.ones(2), twice=True)
    assert isinstance(found, np.ndarray) and found.tolist() == [2.0, 2.0]
    with pytest.raises(BadType, match="f is 3"):
        remat(3)


def test_what_is_assigned_inside_is_assigned_once() -> None:
    count = Variable(np.float64(0))

    def counted(x: Any) -> Any:
        count.assign_add(1.0)
        return ops.sin(x) * count.value

    grad(lambda x: ops.sum(remat(counted)(x)))(X)
    assert float(count.numpy()) == 1.0
