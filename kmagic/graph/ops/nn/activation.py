"""Activations: the formulas behind `kmagic.activations`, with Keras's arguments.

Slopes at corners are those of Keras on JAX: where a formula is a choice (`where`), the branch that holds at the corner
has the slope; where it is a minimum or maximum, each side has half of it. relu, sigmoid, softplus and softmax are rows
of `pointwise` and `reduce`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Shape
from kmagic.graph.names import also_called
from kmagic.graph.ops.movement import axis_of, shape_of
from kmagic.graph.table import composite, ops, public

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


def _as_values(x: Any) -> Any:
    return ops.convert_to_tensor(x)


@public
def relu6(x: Any) -> Any:
    """min(max(x, 0), 6); the slope is 0 at both corners."""
    return ops.where(ops.greater_equal(x, 6), 6, ops.relu(x))


@public
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """x for x ≥ 0, else negative_slope·x."""
    x = _as_values(x)
    return ops.where(x >= 0, x, negative_slope * x)


@public
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x for x > 0, else alpha·(eˣ − 1)."""
    x = _as_values(x)
    # the exponent is held at 0 where the other branch is taken: its overflow would spoil the gradient
    return ops.where(x > 0, x, alpha * ops.expm1(ops.where(x > 0, 0, x)))


@public
def selu(x: Any) -> Any:
    """s·elu(x, a), with the s = 1.05070098 and a = 1.67326324 that keep mean 0 and variance 1."""
    return SELU_SCALE * elu(x, SELU_ALPHA)


@public
def celu(x: Any, alpha: float = 1.0) -> Any:
    """max(x, 0) + alpha·(e^(min(x, 0)/alpha) − 1): an ELU whose slope is continuous for every alpha."""
    return ops.maximum(x, 0) + alpha * ops.expm1(ops.minimum(x, 0) / alpha)


@public
def gelu(x: Any, approximate: bool = True) -> Any:
    """x·Φ(x), Φ the normal distribution; approximate: x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))."""
    x = _as_values(x)
    if approximate:
        return 0.5 * x * (1 + ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))
    return 0.5 * x * (1 + ops.erf(x * math.sqrt(0.5)))


@public
def silu(x: Any) -> Any:
    """x·sigmoid(x), also called swish."""
    x = _as_values(x)
    return x * ops.sigmoid(x)


@public
def log_sigmoid(x: Any) -> Any:
    """ln sigmoid(x), without overflow."""
    return -ops.softplus(ops.negative(x))


@public
def hard_sigmoid(x: Any) -> Any:
    """min(max(x + 3, 0), 6) / 6: a sigmoid made of straight lines."""
    return relu6(ops.add(x, 3)) / 6


@public
def hard_silu(x: Any) -> Any:
    """x·hard_sigmoid(x), also called hard swish."""
    return ops.multiply(x, hard_sigmoid(x))


@public
def hard_tanh(x: Any) -> Any:
    """x held between −1 and 1; the slope is 1 at both corners."""
    x = _as_values(x)
    return ops.where(x > 1, 1, ops.where(x < -1, -1, x))


@public
def tanh_shrink(x: Any) -> Any:
    """x − tanh(x)."""
    return ops.subtract(x, ops.tanh(x))


@public
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x moved towards 0 by the threshold, and 0 within it."""
    x = _as_values(x)
    return ops.where(x > threshold, x - threshold, ops.where(x < -threshold, x + threshold, 0))


@public
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x where |x| is above the threshold, else 0."""
    return ops.where(ops.absolute(x) > threshold, x, 0)


@public
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x where it is above the threshold, else the default value."""
    return ops.where(ops.greater(x, threshold), x, default_value)


@public
def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    return ops.divide(x, 1 + ops.absolute(x))


@public
def squareplus(x: Any, b: float = 4) -> Any:
    """(x + √(x² + b)) / 2: a smooth ReLU without exponentials."""
    return ops.add(x, ops.sqrt(ops.square(x) + b)) / 2


@public
def sparse_plus(x: Any) -> Any:
    """0 for x ≤ −1, x for x ≥ 1, and (x + 1)² / 4 between."""
    x = _as_values(x)
    return ops.where(x <= -1, 0, ops.where(x >= 1, x, ops.square(x + 1) / 4))


@public
def sparse_sigmoid(x: Any) -> Any:
    """min(max(x + 1, 0), 2) / 2, the slope of sparse_plus; its own is half of the usual at both corners."""
    return ops.minimum(ops.maximum(ops.add(x, 1), 0), 2) / 2


@public
def glu(x: Any, axis: int = -1) -> Any:
    """a·sigmoid(b), a and b the first and second half of x along an axis."""
    shape = shape_of(x)
    place = axis_of(axis, len(shape))
    half = shapes.exact_quotient(shape[place], 2)
    if half is None:
        raise ShapeMismatch(
            f"axis {axis} of {shapes.written(shape)}", where="glu", expected="an axis of even size, two halves"
        )
    before = (slice(None),) * place
    first = ops.getitem(x, (*before, slice(0, half)))
    return first * ops.sigmoid(ops.getitem(x, (*before, slice(half, shape[place]))))


def _sparsemax_gradient(g: Any, y: Any, x: Any, axis: int) -> tuple[Any]:
    """Within the support, the gradient without its mean; nothing outside."""
    support = ops.cast(y > 0, g.dtype)
    mean = ops.sum(support * g, axis, keepdims=True) / ops.sum(support, axis, keepdims=True)
    return (support * (g - mean),)


def _same(x: Shape, **attributes: Any) -> Shape:
    return x


@composite(gradient=_sparsemax_gradient, shape=_same)
def sparsemax(x: Any, /, axis: int = -1) -> Any:
    """max(x − τ, 0), τ such that the sum along an axis is 1: probabilities, many of them exactly 0.

    Source: A. Martins and R. Astudillo, ICML 2016, algorithm 1.
    """
    rank = len(x.shape)
    place = axis_of(axis, rank)
    size = x.shape[place]
    along = [size if i == place else 1 for i in range(rank)]
    # moved by the largest value, which changes nothing, sums keep their digits
    shifted = x - ops.stop_gradient(ops.max(x, place, keepdims=True))
    falling = ops.flip(ops.sort(shifted, place), place)
    sums = ops.cumsum(falling, place)
    rank_of = np.reshape(np.arange(1, size + 1), along)
    inside = 1 + ops.cast(rank_of, x.dtype) * falling > sums
    count = ops.sum(ops.cast(inside, x.dtype), place, keepdims=True)
    total = ops.sum(ops.where(inside, falling, 0), place, keepdims=True)
    return ops.maximum(shifted - (total - 1) / count, 0)


also_called(swish="silu", hard_swish="hard_silu")
