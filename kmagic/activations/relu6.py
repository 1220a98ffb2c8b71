from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("bounded",))
def relu6(x: Any) -> Any:
    """ReLU that stops at 6.

    Formula: f(x) = min(max(x, 0), 6)

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in relu6([-1.0, 3.0, 8.0])]
    [0.0, 3.0, 6.0]

    Source: A. Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010
    """
    return ops.relu6(x)
