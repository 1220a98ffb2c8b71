from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def selu(x: Any) -> Any:
    """Scaled ELU, which keeps mean 0 and variance 1 from layer to layer.

    Formula: f(x) = s·x for x > 0, else s·a·(eˣ − 1), s = 1.05070098, a = 1.67326324

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(float(selu(np.array(1.0))), 4)
    1.0507

    Source: G. Klambauer et al., Self-Normalizing Neural Networks, NeurIPS 2017, equation 2
    """
    return ops.selu(x)
