from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kmagic.base.config import floatx
from kmagic.base.errors import BadValue
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


@registry.register(tags=("falling",))
class PiecewiseConstantDecay(LearningRateSchedule):
    """A learning rate that jumps from one value to the next after given steps.

    Formula: lr(t) = v₀ where t ≤ b₀, vᵢ where bᵢ₋₁ < t ≤ bᵢ, the last v after the last b

    Symbols: t: step, b: boundaries, v: values

    Example:

    >>> schedule = PiecewiseConstantDecay(boundaries=[10, 20], values=[0.1, 0.01, 0.001])
    >>> [round(float(schedule(step)), 3) for step in (10, 11, 20, 21)]
    [0.1, 0.01, 0.01, 0.001]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        self.boundaries, self.values, self.name = list(boundaries), list(values), name
        if len(self.boundaries) != len(self.values) - 1:
            raise BadValue(
                f"The length of boundaries is {len(self.boundaries)}, that of values {len(self.values)}",
                where=type(self).__name__,
                expected="one value more than boundaries",
            )
        if any(later < earlier for earlier, later in pairwise(self.boundaries)):
            raise BadValue(f"boundaries are {self.boundaries}", where=type(self).__name__, expected="rising numbers")

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        rate: Any = ops.cast(self.values[-1], floatx())
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = ops.where(ops.less_equal(step, boundary), value, rate)
        return rate
