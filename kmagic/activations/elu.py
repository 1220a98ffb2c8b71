from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import Positive
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def elu(x: Any, alpha: Positive = 1.0) -> Any:
    """Exponential linear unit: smooth towards −alpha below 0.

    Formula: f(x) = x for x > 0, else alpha·(eˣ − 1)

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(float(elu(np.array(-1.0))), 4)
    -0.6321

    Source: D. Clevert, T. Unterthiner and S. Hochreiter, ICLR 2016
    """
    return ops.elu(x, alpha)
