from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import Positive
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def celu(x: Any, alpha: Positive = 1.0) -> Any:
    """ELU whose slope has no step at 0, whatever alpha is.

    Formula: f(x) = max(x, 0) + alpha·(e^(min(x, 0)/alpha) − 1)

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(celu(-1.0, alpha=2.0)), 4)
    -0.7869

    Source: J. Barron, Continuously Differentiable Exponential Linear Units, arXiv 1704.07483
    """
    return ops.celu(x, alpha)
