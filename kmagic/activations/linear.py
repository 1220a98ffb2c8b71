from typing import Any

from kmagic.activations import registry


@registry.register("identity", tags=("unbounded",))
def linear(x: Any) -> Any:
    """The input itself: no activation.

    Formula: f(x) = x

    Shapes: [*d] -> [*d]

    Example:

    >>> linear(2.0)
    2.0

    Source: the identity
    """
    return x
