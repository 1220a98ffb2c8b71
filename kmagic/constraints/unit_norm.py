from typing import Any

from kmagic.base.config import epsilon
from kmagic.constraints import Constraint, registry
from kmagic.constraints.length import length


@registry.register("unitnorm")
class UnitNorm(Constraint):
    """The norm of each unit's incoming weights becomes 1.

    Formula: w ← w / (ε + ‖w‖)

    Symbols: ‖w‖: Euclidean norm over `axis`

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> UnitNorm()(np.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6], [0.8]]

    Source: T. Salimans and D. Kingma, Weight Normalization, NeurIPS 2016
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (epsilon() + length(w, self.axis))
