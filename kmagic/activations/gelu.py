from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register(tags=("unbounded",))
def gelu(x: Any, approximate: bool = False) -> Any:
    """Gaussian error linear unit: x weighted by the share of a normal distribution below it.

    Formula: f(x) = x·Φ(x) = x/2·(1 + erf(x/√2)); approximate: x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> round(float(gelu(np.array(1.0))), 4)
    0.8413

    Source: D. Hendrycks and K. Gimpel, arXiv 1606.08415
    """
    return ops.gelu(x, approximate)
