from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate

# how fast the momentum comes up to its full strength: the paper's value for its schedule
DECAY = 0.96


@registry.register(tags=("adaptive steps",))
class Nadam(Optimizer):
    """Adam with Nesterov's momentum: a step already looks where the next one will go.

    Formula: m ← m + (1 − β₁)·(g − m), v ← v + (1 − β₂)·(g² − v), w ← w − lr·n / (√(v / (1 − β₂ᵗ)) + ε), n = u₊·m / (1
    − P·u₊) + (1 − u)·g / (1 − P), u = β₁·(1 − 0.96ᵗ / 2), u₊ the same for t + 1, P: product of all u so far

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, v: slot velocity, t: number of the step from
    1, β₁: beta_1, β₂: beta_2, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Nadam(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.894

    Source: T. Dozat, ICLR workshop 2016, algorithm 2
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
        """Make the state: momentum and velocity for each weight, and one product for all."""
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ("momentum", "velocity"))
        # the only one that Keras makes by hand, and so without a name
        self._u_product = Variable(1.0, dtype=variables[0].dtype, trainable=False)

    def before_step(self) -> None:
        """The product takes in the momentum of this step."""
        product = self._u_product
        product.assign(product * self._strength(self.step(product.dtype)))

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number, t = self._get_variable_index(variable), self.step(variable.dtype)
        m, v = self._momentums[number], self._velocities[number]
        now, following = self._strength(t), self._strength(t + 1)
        product = ops.cast(self._u_product.value, variable.dtype)
        m.assign_add((gradient - m) * (1 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1 - self.beta_2))
        ahead = m * following / (1 - product * following) + gradient * (1 - now) / (1 - product)
        size = ops.sqrt(v / (1 - ops.power(self.beta_2, t))) + self.epsilon
        variable.assign_sub(ahead * learning_rate / size)

    def _strength(self, t: Any) -> Any:
        """The momentum at a step."""
        return self.beta_1 * (1 - 0.5 * ops.power(DECAY, t))
