from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(
    tags=(
        "probabilities",
        "binary",
    )
)
def sigmoid(x: Any) -> Any:
    """Logistic function: any number to one between 0 and 1, a probability.

    Formula: f(x) = 1 / (1 + e⁻ˣ)

    Shapes: [*d] -> [*d]

    Example:

    >>> float(sigmoid(0.0))
    0.5

    Source: P. Verhulst, 1845
    """
    return ops.sigmoid(x)
