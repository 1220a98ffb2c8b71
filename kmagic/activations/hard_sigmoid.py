from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("probabilities",))
def hard_sigmoid(x: Any) -> Any:
    """Sigmoid made of straight lines.

    Formula: f(x) = min(max(x + 3, 0), 6) / 6

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in (hard_sigmoid(-4.0), hard_sigmoid(0.0))]
    [0.0, 0.5]

    Source: M. Courbariaux, Y. Bengio and J. David, NeurIPS 2015
    """
    return ops.hard_sigmoid(x)
