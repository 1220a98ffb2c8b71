import math
from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule

# ever shorter periods come to an end; from there on the last one stays over
TINY = 1e-30


@registry.register()
class CosineDecayRestarts(LearningRateSchedule):
    """A learning rate that falls along half a wave again and again, each time over more steps and from another peak.

    Formula: lr(t) = lr₀·((1 − α)·mⁱ·(1 + cos(π·p)) / 2 + α), i: number of restarts so far, p: part of the present
    period that is over; periods last D, D·k, D·k² … steps

    Symbols: t: step, lr₀: initial_learning_rate, D: first_decay_steps, k: t_mul, m: m_mul, α: alpha

    Example:

    >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=10)
    >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 20, 30)]
    [0.1, 0.05, 0.1, 0.05, 0.1]

    Source: I. Loshchilov and F. Hutter, ICLR 2017, equation 5 and section 3
    """

    def __init__(
        self,
        initial_learning_rate: NonNegative,
        first_decay_steps: Positive,
        t_mul: Positive = 2.0,
        m_mul: NonNegative = 1.0,
        alpha: NonNegative = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        periods = self.as_float(step) / self.first_decay_steps
        if self.t_mul == 1:
            restarts = ops.floor(periods)
            over = periods - restarts
        else:
            left = 1 - periods * (1 - self.t_mul)
            restarts = self._restarts(left)
            over = self._over(left, restarts)
        wave = 0.5 * ops.power(self.m_mul, restarts) * (1 + ops.cos(math.pi * over))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)

    def _restarts(self, left: Any) -> Any:
        """How many periods are over, where each is t_mul times as long as the one before."""
        guess = ops.floor(ops.log(ops.maximum(left, TINY)) / math.log(self.t_mul))
        # a logarithm rounded down would miss the restart by one step and give the lowest rate instead of the highest
        return ops.where(ops.greater_equal(self._over(left, guess), 1), guess + 1, guess)

    def _over(self, left: Any, restarts: Any) -> Any:
        """The part of the period after so many restarts that is over."""
        return ops.minimum((1 - left / ops.power(self.t_mul, restarts)) / (1 - self.t_mul), 1)
