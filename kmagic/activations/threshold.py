from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import Number
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def threshold(x: Any, threshold: Number, default_value: Number) -> Any:
    """Values above a threshold stay, the others become one value.

    Formula: f(x) = x for x > threshold, else default_value

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in threshold([-1.0, 0.5, 2.0], 0.5, 9.0)]
    [9.0, 9.0, 2.0]

    Source: the definition
    """
    return ops.threshold(x, threshold, default_value)
