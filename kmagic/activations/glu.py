from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",), shapes="[*d n] -> [*d half]")
def glu(x: Any, axis: int = -1) -> Any:
    """Gated linear unit: one half of the input, let through by the sigmoid of the other half.

    Formula: f(a, b) = a / (1 + e⁻ᵇ)

    Symbols: a, b: first and second half of x along the axis, whose size is even

    Shapes: [*d n] -> [*d half]

    Example:

    >>> [float(v) for v in glu([2.0, 0.0])]
    [1.0]

    Source: Y. Dauphin et al., ICML 2017
    """
    return ops.glu(x, axis)
