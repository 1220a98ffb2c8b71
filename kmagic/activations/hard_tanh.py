from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("bounded",))
def hard_tanh(x: Any) -> Any:
    """Hyperbolic tangent made of straight lines.

    Formula: f(x) = min(max(x, −1), 1)

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in hard_tanh([-2.0, 0.5, 3.0])]
    [-1.0, 0.5, 1.0]

    Source: R. Collobert, Large Scale Machine Learning, 2004
    """
    return ops.hard_tanh(x)
