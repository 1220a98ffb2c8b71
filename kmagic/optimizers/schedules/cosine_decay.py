import math
from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


@registry.register()
class CosineDecay(LearningRateSchedule):
    """A learning rate that falls along half a wave, after a rise along a straight line if asked.

    Formula: lr(t) = lr₀·((1 − α)·(1 + cos(π·min(t, D) / D)) / 2 + α); with a target: lr₀ + (lr₁ − lr₀)·t / W for t < W,
    then as before from lr₁ with t − W

    Symbols: t: step, lr₀: initial_learning_rate, lr₁: warmup_target, D: decay_steps, W: warmup_steps, α: alpha

    Example:

    >>> schedule = CosineDecay(0.0, decay_steps=20, warmup_target=0.1, warmup_steps=10)
    >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 20, 30)]
    [0.0, 0.05, 0.1, 0.05, 0.0]

    Source: I. Loshchilov and F. Hutter, ICLR 2017, equation 5
    """

    def __init__(
        self,
        initial_learning_rate: NonNegative,
        decay_steps: Positive,
        alpha: NonNegative = 0.0,
        name: str = "CosineDecay",
        warmup_target: NonNegative | None = None,
        warmup_steps: NonNegative = 0,
    ) -> None:
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.alpha, self.name, self.warmup_target, self.warmup_steps = alpha, name, warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        t = self.as_float(step)
        if self.warmup_target is None:
            return self._decayed(t, self.initial_learning_rate)
        decayed = self._decayed(t - self.warmup_steps, self.warmup_target)
        if not self.warmup_steps:
            return decayed
        rise = (self.warmup_target - self.initial_learning_rate) * (t / self.warmup_steps)
        return ops.where(ops.less(t, self.warmup_steps), rise + self.initial_learning_rate, decayed)

    def _decayed(self, t: Any, start: float) -> Any:
        """The fall from `start`, of which t steps are over."""
        wave = 0.5 * (1 + ops.cos(math.pi * (ops.minimum(t, self.decay_steps) / self.decay_steps)))
        return start * ((1 - self.alpha) * wave + self.alpha)
