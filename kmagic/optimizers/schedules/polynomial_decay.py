from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


@registry.register(tags=("falling",))
class PolynomialDecay(LearningRateSchedule):
    """A learning rate that falls to an end value along a power of the time that is left, a straight line by default.

    Formula: lr(t) = (lr₀ − lr₁)·(1 − min(t, D) / D)^p + lr₁; cycle: D grows to the next multiple of itself that
    reaches t

    Symbols: t: step, lr₀: initial_learning_rate, lr₁: end_learning_rate, D: decay_steps, p: power

    Example:

    >>> schedule = PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.02)
    >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 15)]
    [0.1, 0.06, 0.02, 0.02]
    """

    def __init__(
        self,
        initial_learning_rate: NonNegative,
        decay_steps: Positive,
        end_learning_rate: NonNegative = 0.0001,
        power: NonNegative = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power, self.cycle, self.name = end_learning_rate, power, cycle, name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        t = self.as_float(step)
        if self.cycle:
            done = t / (self.decay_steps * ops.maximum(ops.ceil(t / self.decay_steps), 1))
        else:
            done = ops.minimum(t, self.decay_steps) / self.decay_steps
        fall = self.initial_learning_rate - self.end_learning_rate
        return fall * ops.power(1 - done, self.power) + self.end_learning_rate
