"""Random numbers of the usual distributions, all from one generator's bits; arrays and programs get the same ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import is_float, is_integer, promote, standard
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.graph import eager
from kmagic.graph.load import ops
from kmagic.graph.ops.indexing import order_along, pick
from kmagic.graph.ops.movement import axis_of, listed
from kmagic.graph.ops.random import fraction_from, keep_mask, normal_from, random_binomial, stream_of, words_of
from kmagic.graph.seed import Seed, Source, source_of

Shape = Sequence[Any]

GAMMA_ROUNDS = 8


def _fraction(source: Source, shape: Shape, kind: str, purpose: str) -> Any:
    """Numbers in [0, 1) as one of the float types."""
    count, shape = words_of(kind), listed(shape)
    if count == 1:
        return fraction_from([source.bits(shape, purpose)], kind)
    drawn = source.bits((count, *shape), purpose)
    return fraction_from([drawn[i] for i in range(count)], kind)


def _standard_normal(source: Source, shape: Shape, kind: str, purpose: str) -> Any:
    count, shape = words_of(kind), listed(shape)
    drawn = source.bits((2 * count, *shape), purpose)
    first, second = [drawn[i] for i in range(count)], [drawn[count + i] for i in range(count)]
    return normal_from(fraction_from(first, kind), fraction_from(second, kind))


def _wide(dtype: Any) -> tuple[str, str]:
    """The dtype of a result, and the one of at least 32 bits that it is computed in."""
    kind = standard(dtype)
    if not is_float(kind):
        raise BadValue(f"dtype is {kind}", expected="a floating point `dtype`", fix='dtype="float32"')
    return kind, promote(kind, "float32")


def uniform(shape: Shape, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Numbers spread evenly over [minval, maxval).

    >>> x = uniform((1000,), seed=0)
    >>> bool(0 <= x.min() < x.max() < 1)
    True
    """
    kind, _ = _wide(dtype)
    return ops.cast(_fraction(source_of(seed), shape, kind, "uniform") * (maxval - minval) + minval, kind)


def normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Normally distributed numbers."""
    kind, wide = _wide(dtype)
    return ops.cast(_standard_normal(source_of(seed), shape, wide, "normal") * stddev + mean, kind)


def truncated_normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Normally distributed numbers within two standard deviations of the mean.

    Formula: √2·erf⁻¹(u·erf(√2)), u uniform on (−1, 1)
    """
    kind, _ = _wide(dtype)
    drawn = source_of(seed).bits(shape, "truncated_normal")
    u = (ops.cast(drawn, "float64") + 0.5) * 2.0**-31 - 1
    z = math.sqrt(2) * ops.erfinv(u * math.erf(math.sqrt(2)))
    return ops.cast(z * stddev + mean, kind)


def _long(source: Source, shape: Shape, purpose: str) -> Any:
    """Whole numbers of 64 random bits."""
    drawn = source.bits((2, *shape), purpose)
    return ops.cast(drawn[0], "uint64") * np.uint64(2**32) + ops.cast(drawn[1], "uint64")


def randint(shape: Shape, minval: Any, maxval: Any, dtype: Any = "int32", seed: Seed = None) -> Any:
    """Whole numbers from minval to maxval − 1, each as likely (to one part in 2⁶⁴ / (maxval − minval)).

    >>> x = randint((1000,), 1, 4, seed=0)
    >>> sorted(set(x.tolist()))
    [1, 2, 3]
    """
    kind = standard(dtype)
    if not is_integer(kind):
        raise BadValue(f"dtype is {kind}", where="randint", expected="an integer `dtype`", fix='dtype="int32"')
    if isinstance(minval, int) and isinstance(maxval, int) and minval >= maxval:
        raise BadValue(f"minval is {minval} and maxval {maxval}", where="randint", expected="minval below maxval")
    low = ops.cast(minval, "int64")
    span = ops.cast(ops.cast(maxval, "int64") - low, "uint64")
    drawn = ops.mod(_long(source_of(seed), shape, "randint"), span)
    return ops.cast(ops.cast(drawn, "int64") + low, kind)


def bernoulli(shape: Shape, p: float, seed: Seed = None) -> Any:
    """True with probability p."""
    return ops.logical_not(keep_mask(source_of(seed).bits(shape, "bernoulli"), p))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None) -> Any:
    """For each row of logits, numbers of classes, drawn with the probabilities softmax(logits).

    >>> categorical([[0.0, -1e9], [-1e9, 0.0]], 3, seed=0).tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    logits = ops.convert_to_tensor(logits)
    shape = ops.shape(logits)
    if len(shape) != 2:
        raise ShapeMismatch(
            f"logits {shapes.written(shape)}", where="categorical", expected="a 2-D array [batch classes]"
        )
    total = ops.cumsum(ops.softmax(ops.cast(logits, "float64")), -1)
    u = _fraction(source_of(seed), (shape[0], num_samples), "float64", "categorical")
    reached = ops.expand_dims(u * total[:, -1:], -1) >= ops.expand_dims(total, 1)
    return ops.cast(ops.minimum(ops.sum(ops.cast(reached, "int32"), -1), shape[1] - 1), standard(dtype))


def binomial(shape: Shape, counts: Any, probabilities: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """How many of `counts` trials succeed, each with one of the probabilities; exact, on the host."""
    kind, _ = _wide(dtype)
    source = source_of(seed)
    stream = stream_of(f"{source.path}/binomial")
    n, p = ops.convert_to_tensor(counts), ops.convert_to_tensor(probabilities)
    return ops.cast(random_binomial(source.state, n, p, tuple(shape), stream), kind)


def _log_gamma(source: Source, shape: Shape, alpha: Any, kind: str, purpose: str) -> Any:
    """Logarithms of gamma-distributed numbers: those of tiny alpha are below the smallest float."""
    # the slope of what was accepted is not that of the distribution
    alpha = ops.stop_gradient(ops.cast(ops.convert_to_tensor(alpha), kind))
    small = alpha < 1
    d = ops.where(small, alpha + 1, alpha) - 1 / 3
    c = 1 / ops.sqrt(9 * d)
    log_v: Any = 0.0
    accepted: Any = False
    for number in range(GAMMA_ROUNDS):
        x = _standard_normal(source, shape, kind, f"{purpose} normal {number}")
        u = _fraction(source, shape, kind, f"{purpose} uniform {number}")
        root = 1 + c * x
        held = ops.where(root > 0, root, 1)
        proposed = 3 * ops.log(held)
        likely = ops.log(1 - u) < 0.5 * x * x + d * (1 - held * held * held + proposed)
        fits = ops.logical_and(root > 0, likely)
        log_v = ops.where(accepted, log_v, ops.where(fits, proposed, 0.0))
        accepted = ops.logical_or(accepted, fits)
        if eager.as_node(accepted) is None and np.all(accepted):
            break
    u = _fraction(source, shape, kind, f"{purpose} power")
    # a gamma number of alpha + 1 times u^(1/alpha) is one of alpha
    return ops.log(d) + log_v + ops.where(small, ops.log(1 - u) / alpha, 0)


def gamma(shape: Shape, alpha: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """Gamma-distributed numbers of the given alpha and scale 1.

    There are eight rounds of rejection, each of which accepts at least 95 %. A number that none accepts, at most one in
    2·10¹⁰, becomes the middle of the distribution: alpha − 1/3 for alpha ≥ 1. No gradient reaches alpha.

    Source: G. Marsaglia and W. Tsang, ACM Transactions on Mathematical Software 26 (2000).
    """
    kind, wide = _wide(dtype)
    return ops.cast(ops.exp(_log_gamma(source_of(seed), shape, alpha, wide, "gamma")), kind)


def beta(shape: Shape, alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """Beta-distributed numbers: x / (x + y) of gamma-distributed x and y."""
    kind, wide = _wide(dtype)
    source = source_of(seed)
    x = _log_gamma(source, shape, alpha, wide, "beta first")
    y = _log_gamma(source, shape, beta, wide, "beta second")
    return ops.cast(ops.sigmoid(x - y), kind)


def dropout(inputs: Any, rate: float, noise_shape: Sequence[Any] | None = None, seed: Seed = None) -> Any:
    """Zero with probability `rate`, everything else divided by 1 − rate.

    Formula: y = x·k / (1 − rate), k = 1 with probability 1 − rate, else 0
    """
    if not 0 <= rate <= 1:
        raise BadValue(f"rate is {rate!r}", where="dropout", expected="a number from 0 to 1")
    inputs = ops.convert_to_tensor(inputs)
    if rate == 0:
        return inputs
    if rate == 1:
        return ops.zeros_like(inputs)
    own = ops.shape(inputs)
    shape = own if noise_shape is None else tuple(own[i] if n is None else n for i, n in enumerate(noise_shape))
    keep = keep_mask(source_of(seed).bits(shape, "dropout"), rate)
    return ops.where(keep, inputs * (1 / (1 - rate)), 0)


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Any:
    """The values in random order along an axis; as in Keras on JAX, each line along it gets an order of its own.

    >>> sorted(shuffle([1, 2, 3], seed=0).tolist())
    [1, 2, 3]
    """
    x = ops.convert_to_tensor(x)
    place = axis_of(axis, len(ops.shape(x)))
    keys = _long(source_of(seed), ops.shape(x), "shuffle")
    return pick(x, order_along(keys, place), place)
