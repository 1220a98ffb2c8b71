from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register("swish", tags=("unbounded",))
def silu(x: Any) -> Any:
    """Sigmoid linear unit, also called swish.

    Formula: f(x) = x / (1 + e⁻ˣ)

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(silu(1.0)), 4)
    0.7311

    Source: S. Elfwing, E. Uchibe and K. Doya, Neural Networks 107 (2018)
    """
    return ops.silu(x)
