from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("adaptive steps",))
class Lamb(Optimizer):
    """Adam's direction with steps in proportion to the size of each layer's weights, for very large batches.

    Formula: m ← m + (1 − β₁)·(g − m), v ← v + (1 − β₂)·(g² − v), u = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε), w ← w −
    lr·u·‖w‖ / ‖u‖, the ratio being 1 where a norm is 0

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, v: slot velocity, t: number of the step from
    1, β₁: beta_1, β₂: beta_2, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([3.0, 4.0]))
    >>> Lamb(learning_rate=0.1).apply([np.array([0.5, 0.0])], [w])
    >>> w.numpy().round(3).tolist()
    [2.5, 4.0]

    Source: Y. You et al., ICLR 2020, algorithm 2
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
        """Make the state: momentum and velocity for each weight."""
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ("momentum", "velocity"))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number, t = self._get_variable_index(variable), self.step(variable.dtype)
        m, v = self._momentums[number], self._velocities[number]
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1 - self.beta_2))
        size = ops.sqrt(v / (1 - ops.power(self.beta_2, t))) + self.epsilon
        direction = m / (1 - ops.power(self.beta_1, t)) / size
        weight_norm, norm = ops.norm(variable.value), ops.norm(direction)
        known = ops.logical_and(ops.greater(weight_norm, 0), ops.greater(norm, 0))
        ratio = ops.where(known, weight_norm / ops.where(known, norm, 1.0), 1.0)
        variable.assign_sub(ratio * learning_rate * direction)
