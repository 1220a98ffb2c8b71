from typing import Any

from kmagic.base.config import epsilon
from kmagic.base.parameters import Positive
from kmagic.constraints import Constraint, registry
from kmagic.constraints.length import length
from kmagic.graph.load import ops


@registry.register("maxnorm")
class MaxNorm(Constraint):
    """The norm of each unit's incoming weights stays below a limit.

    Formula: w ← w·clip(‖w‖, 0, max_value) / (ε + ‖w‖)

    Symbols: ‖w‖: Euclidean norm over `axis`

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> MaxNorm(1.0)(np.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6], [0.8]]

    Source: N. Srivastava et al., JMLR 15 (2014), section 5.1
    """

    def __init__(self, max_value: Positive = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norm = length(w, self.axis)
        return w * (ops.clip(norm, 0, self.max_value) / (epsilon() + norm))
