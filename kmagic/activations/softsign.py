from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("bounded",))
def softsign(x: Any) -> Any:
    """Like tanh, with slower tails.

    Formula: f(x) = x / (1 + |x|)

    Shapes: [*d] -> [*d]

    Example:

    >>> softsign(1.0).item()
    0.5

    Source: X. Glorot and Y. Bengio, AISTATS 2010
    """
    return ops.softsign(x)
