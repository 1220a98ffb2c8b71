from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("positive",))
def exponential(x: Any) -> Any:
    """The exponential function.

    Formula: f(x) = eˣ

    Shapes: [*d] -> [*d]

    Example:

    >>> float(exponential(0.0))
    1.0

    Source: the exponential function
    """
    return ops.exp(x)
