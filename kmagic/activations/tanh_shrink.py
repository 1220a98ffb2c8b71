from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def tanh_shrink(x: Any) -> Any:
    """What is left of x without its hyperbolic tangent: flat near 0.

    Formula: f(x) = x − tanh(x)

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(tanh_shrink(1.0)), 4)
    0.2384

    Source: the definition
    """
    return ops.tanh_shrink(x)
