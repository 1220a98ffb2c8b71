from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops


@registry.register(tags=("positive",))
def squareplus(x: Any, b: NonNegative = 4) -> Any:
    """A smooth ReLU without exponentials.

    Formula: f(x) = (x + √(x² + b)) / 2

    Shapes: [*d] -> [*d]

    Example:

    >>> float(squareplus(0.0))
    1.0

    Source: J. Barron, Squareplus, arXiv 2112.11687
    """
    return ops.squareplus(x, b)
