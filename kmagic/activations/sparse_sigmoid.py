from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("probabilities",))
def sparse_sigmoid(x: Any) -> Any:
    """A sigmoid that reaches 0 and 1.

    Formula: f(x) = min(max((x + 1) / 2, 0), 1)

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in sparse_sigmoid([-2.0, 0.0, 3.0])]
    [0.0, 0.5, 1.0]

    Source: sparsemax of x and −x, A. Martins and R. Astudillo, ICML 2016
    """
    return ops.sparse_sigmoid(x)
