from collections.abc import Sequence
from typing import Annotated, Any

from kmagic.base.parameters import Bound, Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register("schedule_free_adamw", name="schedulefreeadamw", tags=("adaptive steps",))
class ScheduleFreeAdamW(Optimizer):
    """Adam whose weights lean on the mean of all its steps, which does what a falling learning rate would.

    Formula: v ← v + (1 − β₂)·(g² − v), x = (w − (1 − β₁)·z) / β₁, z ← z − α·g / (√(v / (1 − β₂ᵗ)) + ε), x₊ = x + (z −
    x) / t, w ← (1 − β₁)·z + β₁·x₊, α = lr·min(1, t / W)

    Symbols: w: weight, g: gradient, lr: learning_rate, z: slot momentum, from the weight, x: mean of all z, v: slot
    velocity, t: number of the step from 1, β₁: beta_1, β₂: beta_2, ε: epsilon, W: warmup_steps

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> ScheduleFreeAdamW(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.9

    Source: A. Defazio et al., NeurIPS 2024, algorithm 1, with a mean that weighs all steps alike
    """

    usual_rates = (1e-7, 0.5)

    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: Annotated[float, Bound(above=0, at_most=1)] = 0.9,
        beta_2: Rate = 0.999,
        epsilon: Positive = 1e-8,
        warmup_steps: Annotated[int, Bound(at_least=0, whole=True)] = 0,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: the weights of plain Adam and a velocity for each weight."""
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ("momentum", "velocity"))
        for momentum, variable in zip(self._momentums, variables, strict=True):
            momentum.assign(variable.numpy())

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number, t = self._get_variable_index(variable), self.step(variable.dtype)
        z, v = self._momentums[number], self._velocities[number]
        if self.warmup_steps:
            learning_rate = learning_rate * ops.minimum(t / self.warmup_steps, 1.0)
        mean = (variable - (1 - self.beta_1) * z) / self.beta_1
        v.assign_add((ops.square(gradient) - v) * (1 - self.beta_2))
        size = ops.sqrt(v / (1 - ops.power(self.beta_2, t))) + self.epsilon
        z.assign_sub(learning_rate * gradient / size)
        mean = mean * (1 - 1 / t) + z / t
        variable.assign((1 - self.beta_1) * z + self.beta_1 * mean)
