"""Functions of probability and physics: error functions, gamma functions, Bessel's I₀."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.graph.ops.statistics import floats
from kmagic.graph.table import composite, ops, public


@composite(gradient=lambda g, y, x: (g * ops.exp(-x * x) * (-2 / math.sqrt(math.pi)),))
def erfc(x: Any, /) -> Any:
    """1 − erf(x), exact for large x too, where erf is 1."""
    size = ops.maximum(ops.absolute(x), 2.0)
    far = ops.exp(-size * size) * _tail(size)
    return ops.where(ops.absolute(x) < 2, 1 - ops.erf(x), ops.where(x < 0, 2 - far, far))


def _tail(x: Any) -> Any:
    """erfc(x)·eˣ² for x ≥ 2: Laplace's continued fraction, cut off after 50 terms."""
    total = x
    for n in range(50, 0, -1):
        total = x + (n / 2) / total
    return 1 / (total * math.sqrt(math.pi))


# Winitzki's approximation, a few percent off, is where Newton's steps begin.
_WINITZKI = 0.147


@composite(gradient=lambda g, y, x: (g * ops.exp(y * y) * (math.sqrt(math.pi) / 2),), domain=(-0.9, 0.9))
def erfinv(x: Any, /) -> Any:
    """The number whose error function is x."""
    inside = ops.clip(x, -1.0, 1.0)
    rest = ops.log1p(-inside * inside)
    middle = 2 / (math.pi * _WINITZKI) + rest / 2
    guess = ops.sign(inside) * ops.sqrt(ops.sqrt(middle * middle - rest / _WINITZKI) - middle)
    end = ops.equal(ops.absolute(inside), 1)
    y = ops.where(end, 0, guess)
    for _ in range(3):  # Halley's steps triple the number of correct digits
        step = (ops.erf(y) - inside) * ops.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = ops.where(end, y, y - step / (1 + y * step))
    outside = ops.where(ops.absolute(x) <= 1, y, math.nan)
    return ops.where(ops.equal(ops.absolute(x), 1), x * math.inf, outside)


_SHIFT = 8  # Stirling's series has double precision from here on
# B₂ₖ / (2k(2k − 1)), k = 1 …: the coefficients of Stirling's series (Abramowitz and Stegun 6.1.41)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


def _series(x: Any) -> Any:
    """Σ B₂ₖ / (2k(2k − 1) x²ᵏ⁻¹)."""
    inverse = 1 / x
    square = inverse * inverse
    total = _STIRLING[-1]
    for coefficient in reversed(_STIRLING[:-1]):
        total = total * square + coefficient
    return total * inverse


def _series_slope(x: Any) -> Any:
    """The derivative of `_series`."""
    square = 1 / (x * x)
    total = _STIRLING[-1] * (1 - 2 * len(_STIRLING))
    for k in range(len(_STIRLING) - 1, 0, -1):
        total = total * square + _STIRLING[k - 1] * (1 - 2 * k)
    return total * square


@composite(gradient=lambda g, y, x: (g * ops.digamma(x),), domain=(0.1, 6.0))
def gammaln(x: Any, /) -> Any:
    """ln |Γ(x)|; Γ(n) is the product of the whole numbers below n."""
    mirrored = x < 0.5
    right = ops.where(mirrored, 1 - x, x)
    factors = right
    for n in range(1, _SHIFT):
        factors = factors * ops.where(right < _SHIFT, right + n, 1)
    factors = ops.where(right < _SHIFT, factors, 1)
    wide = ops.where(right < _SHIFT, right + _SHIFT, right)
    found = (wide - 0.5) * ops.log(wide) - wide + 0.5 * math.log(2 * math.pi) + _series(wide) - ops.log(factors)
    sine = ops.absolute(ops.sin(math.pi * (x - ops.round(x))))
    return ops.where(ops.isinf(x), math.inf, ops.where(mirrored, math.log(math.pi) - ops.log(sine) - found, found))


@public
def digamma(x: Any) -> Any:
    """The derivative of ln |Γ(x)|.

    >>> round(float(digamma(1.0)), 5)
    -0.57722
    """
    value = floats(x)
    mirrored = value < 0.5
    right = ops.where(mirrored, 1 - value, value)
    near = right < _SHIFT
    wide = ops.where(near, right + _SHIFT, right)
    found = ops.log(wide) - 0.5 / wide + _series_slope(wide)
    for n in range(_SHIFT):
        found = found - ops.where(near, 1 / (right + n), 0)
    apart = value - ops.round(value)
    cotangent = math.pi / ops.tan(math.pi * ops.where(ops.logical_and(mirrored, ops.not_equal(apart, 0)), apart, 0.25))
    pole = ops.logical_and(value <= 0, ops.equal(apart, 0))
    return ops.where(pole, math.nan, ops.where(mirrored, found - cotangent, found))


# midpoints of the quarter circle; the error of the rule is that of I₂₅₆, below 1e-16 of I₀ wherever I₀ is finite
_COSINES = np.cos((np.arange(64) + 0.5) * (math.pi / 128))


@public
def i0(x: Any) -> Any:
    """The modified Bessel function I₀, the mean of e^(x cos θ) around a circle.

    >>> round(float(i0(1.0)), 5)
    1.26607
    """
    value = ops.expand_dims(floats(x), -1)
    return ops.mean(ops.cosh(value * ops.cast(_COSINES, value.dtype)), -1)
