from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(
    tags=(
        "probabilities",
        "classes",
    )
)
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Any numbers to probabilities that sum to 1 along an axis, many of them exactly 0.

    Formula: f(x)ᵢ = max(xᵢ − τ, 0), τ such that Σ f(x) = 1

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in sparsemax([2.0, 0.0, 1.5])]
    [0.75, 0.0, 0.25]

    Source: A. Martins and R. Astudillo, ICML 2016
    """
    return ops.sparsemax(x, axis)
