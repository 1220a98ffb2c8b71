"""The error function in NumPy, to double precision.

NumPy has none. For x ≥ 0, erfc(x)·eˣ² is smooth in t = 2 / (2 + x) on (0, 1], so a Chebyshev series in t with 28 terms
reaches 1e-15. The series is fitted on first use to the C library's erfc at Chebyshev nodes (Press et al., Numerical
Recipes, 3rd edition, section 6.2.2 uses the same variable).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

_TERMS = 28
_LARGEST = 6.0  # erf(6) is 1 to double precision


@cache
def _series() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Chebyshev coefficients of erfc(x)·eˣ² over t from t(6) to 1."""
    low = 2 / (2 + _LARGEST)
    nodes = np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    t = low + (1 - low) * (nodes + 1) / 2
    values = [math.erfc(x) * math.exp(x * x) for x in 2 / t - 2]
    return np.asarray(np.polynomial.chebyshev.chebfit(nodes, values, _TERMS - 1), np.float64)


def error_function(x: Any, out: Any = None) -> Any:
    """erf of an array; `out` receives it where given."""
    size = np.minimum(np.abs(x, dtype=np.float64), _LARGEST)
    low = 2 / (2 + _LARGEST)
    t = 2 / (2 + size)
    scaled = 2 * (t - low) / (1 - low) - 1
    erf = 1 - np.polynomial.chebyshev.chebval(scaled, _series()) * np.exp(-size * size)
    # near 0 the difference above cancels; the Taylor series does not
    near = 2 / math.sqrt(math.pi) * size * _taylor(size * size)
    result = np.copysign(np.where(size < 0.5, near, erf), x)
    if out is None:
        return result.astype(np.asarray(x).dtype)
    np.copyto(out, result, casting="same_kind")
    return out


def _taylor(square: Any) -> Any:
    """Σ (−x²)ⁿ / (n! (2n+1)), enough terms for x < 1/2."""
    total = np.zeros_like(square)
    for n in reversed(range(14)):
        total = total * -square + 1 / (math.factorial(n) * (2 * n + 1))
    return total
