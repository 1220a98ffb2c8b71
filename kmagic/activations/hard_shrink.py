from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def hard_shrink(x: Any, threshold: NonNegative = 0.5) -> Any:
    """Small values become 0, the others stay.

    Formula: f(x) = x for |x| > threshold, else 0

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in hard_shrink([-1.0, 0.3, 2.0])]
    [-1.0, 0.0, 2.0]

    Source: D. Donoho and I. Johnstone, Biometrika 81 (1994)
    """
    return ops.hard_shrink(x, threshold)
