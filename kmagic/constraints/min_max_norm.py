from typing import Any

from kmagic.base.config import epsilon
from kmagic.base.parameters import Fraction, NonNegative
from kmagic.constraints import Constraint, registry
from kmagic.constraints.length import length
from kmagic.graph.load import ops


@registry.register("minmaxnorm")
class MinMaxNorm(Constraint):
    """The norm of each unit's incoming weights moves between two limits, at once or a share of the way.

    Formula: w ← w·(r·clip(‖w‖, min_value, max_value) + (1 − r)·‖w‖) / (ε + ‖w‖)

    Symbols: ‖w‖: Euclidean norm over `axis`, r: rate, share of the way that each update goes, ε:
    kmagic.config.epsilon()

    Shapes: [*d] -> [*d]

    Example:

    >>> import numpy as np
    >>> MinMaxNorm(10.0, 20.0)(np.array([[3.0], [4.0]])).round(3).tolist()
    [[6.0], [8.0]]

    Source: N. Srivastava et al., JMLR 15 (2014), section 5.1, with a lower limit
    """

    def __init__(
        self, min_value: NonNegative = 0.0, max_value: NonNegative = 1.0, rate: Fraction = 1.0, axis: Any = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norm = length(w, self.axis)
        wanted = self.rate * ops.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return w * (wanted / (epsilon() + norm))
