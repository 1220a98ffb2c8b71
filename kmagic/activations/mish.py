from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def mish(x: Any) -> Any:
    """A smooth function that dips below 0.

    Formula: f(x) = x·tanh(ln(1 + eˣ))

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(mish(1.0)), 4)
    0.8651

    Source: D. Misra, BMVC 2020
    """
    return x * ops.tanh(ops.softplus(x))
