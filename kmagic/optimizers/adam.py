from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("adaptive steps",))
class Adam(Optimizer):
    """Momentum, and steps divided by the size of gradients, both corrected for starting at 0.

    Formula: m ← m + (1 − β₁)·(g − m), v ← v + (1 − β₂)·(g² − v), w ← w − α·m / (√v + ε), α = lr·√(1 − β₂ᵗ) / (1 −
    β₁ᵗ); amsgrad: max of all v in place of v

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, v: slot velocity, t: number of the step from
    1, β₁: beta_1, β₂: beta_2, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Adam(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.9

    Source: D. Kingma and J. Ba, ICLR 2015, the form before section 2.1; S. Reddi et al., ICLR 2018 (amsgrad)
    """

    usual_rates = (1e-7, 0.1)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: Rate = 0.9,
        beta_2: Rate = 0.999,
        epsilon: Positive = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: momentum and velocity for each weight."""
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ("momentum", "velocity"))
        self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat") if self.amsgrad else []

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number, t = self._get_variable_index(variable), self.step(variable.dtype)
        m, v = self._momentums[number], self._velocities[number]
        rate = learning_rate * ops.sqrt(1 - ops.power(self.beta_2, t)) / (1 - ops.power(self.beta_1, t))
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1 - self.beta_2))
        size = v.value
        if self.amsgrad:
            largest = self._velocity_hats[number]
            largest.assign(ops.maximum(largest, v))
            size = largest.value
        variable.assign_sub(m * rate / (ops.sqrt(size) + self.epsilon))
