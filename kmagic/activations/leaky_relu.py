from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def leaky_relu(x: Any, negative_slope: NonNegative = 0.2) -> Any:
    """ReLU that lets a part of negative values through.

    Formula: f(x) = x for x ≥ 0, else negative_slope·x

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> [round(float(v), 2) for v in leaky_relu(np.array([-1.0, 2.0]))]
    [-0.2, 2.0]

    Source: A. Maas, A. Hannun and A. Ng, ICML 2013
    """
    return ops.leaky_relu(x, negative_slope)
