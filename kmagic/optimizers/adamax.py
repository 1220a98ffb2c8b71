from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("adaptive steps",))
class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of its mean square.

    Formula: m ← m + (1 − β₁)·(g − m), u ← max(β₂·u, |g|), w ← w − lr·m / ((1 − β₁ᵗ)·(u + ε))

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, u: slot norm, t: number of the step from 1,
    β₁: beta_1, β₂: beta_2, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Adamax(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.9

    Source: D. Kingma and J. Ba, ICLR 2015, algorithm 2
    """

    usual_rates = (1e-7, 0.1)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: Rate = 0.9,
        beta_2: Rate = 0.999,
        epsilon: Positive = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: momentum and norm for each weight."""
        super().build(variables)
        self._m, self._u = self.add_optimizer_variables(variables, ("momentum", "norm"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number, t = self._get_variable_index(variable), self.step(variable.dtype)
        m, u = self._m[number], self._u[number]
        m.assign_add((gradient - m) * (1 - self.beta_1))
        u.assign(ops.maximum(self.beta_2 * u, ops.absolute(gradient)))
        variable.assign_sub(learning_rate * m / ((1 - ops.power(self.beta_1, t)) * (u + self.epsilon)))
