from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("bounded",))
def tanh(x: Any) -> Any:
    """Hyperbolic tangent: any number to one between −1 and 1.

    Formula: f(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)

    Shapes: [*d] -> [*d]

    Example:

    >>> float(tanh(0.0))
    0.0

    Source: Y. LeCun et al., Efficient BackProp, 1998
    """
    return ops.tanh(x)
