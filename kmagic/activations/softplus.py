from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("positive",))
def softplus(x: Any) -> Any:
    """A smooth ReLU, always positive.

    Formula: f(x) = ln(1 + eˣ)

    Shapes: [*d] -> [*d]

    Example:

    >>> round(float(softplus(0.0)), 4)
    0.6931

    Source: C. Dugas et al., NeurIPS 2000
    """
    return ops.softplus(x)
