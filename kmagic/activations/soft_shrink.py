from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def soft_shrink(x: Any, threshold: NonNegative = 0.5) -> Any:
    """Values move towards 0 by a threshold, small ones onto it.

    Formula: f(x) = x − threshold for x > threshold, x + threshold for x < −threshold, else 0

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in soft_shrink([-1.0, 0.3, 2.0])]
    [-0.5, 0.0, 1.5]

    Source: D. Donoho, IEEE Trans. Inf. Theory 41 (1995)
    """
    return ops.soft_shrink(x, threshold)
