from typing import Any

from kmagic.constraints import Constraint, registry
from kmagic.graph.load import ops


@registry.register("nonneg")
class NonNeg(Constraint):
    """Negative weights become 0.

    Formula: w ← w for w ≥ 0, else 0

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> NonNeg()(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]

    Source: D. Lee and H. Seung, Nature 401 (1999)
    """

    def __call__(self, w: Any) -> Any:
        return ops.where(w >= 0, w, 0)
