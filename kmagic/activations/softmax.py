from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(
    tags=(
        "probabilities",
        "classes",
    )
)
def softmax(x: Any, axis: int = -1) -> Any:
    """Any numbers to probabilities that sum to 1 along an axis.

    Formula: f(x)ᵢ = e^xᵢ / Σⱼ e^xⱼ

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in softmax([0.0, 0.0])]
    [0.5, 0.5]

    Source: J. Bridle, 1990
    """
    return ops.softmax(x, axis)
