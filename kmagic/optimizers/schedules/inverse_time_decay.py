from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


@registry.register(tags=("falling",))
class InverseTimeDecay(LearningRateSchedule):
    """A learning rate divided by a number that grows evenly.

    Formula: lr(t) = lr₀ / (1 + r·t / D); staircase: t / D is rounded down

    Symbols: t: step, lr₀: initial_learning_rate, D: decay_steps, r: decay_rate

    Example:

    >>> schedule = InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)
    >>> [round(float(schedule(step)), 3) for step in (0, 10, 30)]
    [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: NonNegative,
        decay_steps: Positive,
        decay_rate: NonNegative,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        decays = self.as_float(step) / self.decay_steps
        return self.initial_learning_rate / (1 + self.decay_rate * (ops.floor(decays) if self.staircase else decays))
