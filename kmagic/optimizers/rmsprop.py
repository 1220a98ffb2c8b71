from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Fraction, Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(name="rmsprop", tags=("adaptive steps",))
class RMSprop(Optimizer):
    """Steps divided by a running average of the size of gradients, so that each weight has its own pace.

    Formula: v ← ρ·v + (1 − ρ)·g², w ← w − lr·g / √(v + ε); centered: v − a² + ε with a ← ρ·a + (1 − ρ)·g; with
    momentum: m ← μ·m + lr·g / √(v + ε), w ← w − m

    Symbols: w: weight, g: gradient, lr: learning_rate, v: slot velocity, a: slot average_gradient, m: slot momentum,
    ρ: rho, μ: momentum, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> RMSprop(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.684

    Source: T. Tieleman and G. Hinton, Coursera lecture 6.5, 2012; ε stands inside the root, as in Keras
    """

    usual_rates = (1e-7, 0.1)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: Rate = 0.9,
        momentum: Fraction = 0.0,
        epsilon: Positive = 1e-7,
        centered: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: a velocity for each weight, and momentum and average gradient where asked."""
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum > 0 else []
        self._average_gradients = self.add_optimizer_variables(variables, "average_gradient") if self.centered else []

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number = self._get_variable_index(variable)
        v = self._velocities[number]
        v.assign(self.rho * v + (1 - self.rho) * ops.square(gradient))
        spread = v + self.epsilon
        if self.centered:
            a = self._average_gradients[number]
            a.assign(self.rho * a + (1 - self.rho) * gradient)
            spread = v - ops.square(a) + self.epsilon
        increment = learning_rate * gradient / ops.sqrt(spread)
        if self.momentum > 0:
            m = self._momentums[number]
            m.assign(self.momentum * m + increment)
            increment = m.value
        variable.assign_sub(increment)
