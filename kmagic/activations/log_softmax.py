from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def log_softmax(x: Any, axis: int = -1) -> Any:
    """Logarithm of softmax.

    Formula: f(x)ᵢ = xᵢ − ln Σⱼ e^xⱼ

    Shapes: [*d] -> [*d]

    Example:

    >>> [round(float(v), 4) for v in log_softmax([0.0, 0.0])]
    [-0.6931, -0.6931]

    Source: J. Bridle, 1990
    """
    return ops.log_softmax(x, axis)
