from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("non-negative",))
def sparse_plus(x: Any) -> Any:
    """A softplus that reaches 0 and the straight line.

    Formula: f(x) = 0 for x ≤ −1, x for x ≥ 1, else (x + 1)² / 4

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in sparse_plus([-2.0, 0.0, 3.0])]
    [0.0, 0.25, 3.0]

    Source: the integral of sparse_sigmoid, as in Keras
    """
    return ops.sparse_plus(x)
