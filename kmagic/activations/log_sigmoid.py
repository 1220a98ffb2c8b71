from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def log_sigmoid(x: Any) -> Any:
    """Logarithm of sigmoid, always negative.

    Formula: f(x) = −ln(1 + e⁻ˣ)

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(log_sigmoid(0.0)), 4)
    -0.6931

    Source: the definition
    """
    return ops.log_sigmoid(x)
