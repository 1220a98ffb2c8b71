from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("adaptive steps",))
class Adadelta(Optimizer):
    """Steps as large as recent steps were, divided by the size of recent gradients: units cancel.

    Formula: a ← ρ·a + (1 − ρ)·g², δ = g·√(d + ε) / √(a + ε), d ← ρ·d + (1 − ρ)·δ², w ← w − lr·δ

    Symbols: w: weight, g: gradient, lr: learning_rate (1 in the paper), a: slot accumulated_grad, d: slot
    accumulated_delta_var, ρ: rho, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Adadelta(learning_rate=100.0).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.859

    Source: M. Zeiler, arXiv:1212.5701 (2012), algorithm 1
    """

    usual_rates = (1e-6, 10.0)

    def __init__(
        self, learning_rate: LearningRate = 0.001, rho: Rate = 0.95, epsilon: Positive = 1e-7, **options: Any
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: mean squares of gradients and of steps for each weight."""
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ("accumulated_grad", "accumulated_delta_var")
        )

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number = self._get_variable_index(variable)
        a, d = self._accumulated_grads[number], self._accumulated_delta_vars[number]
        a.assign(self.rho * a + (1 - self.rho) * ops.square(gradient))
        delta = ops.sqrt(d + self.epsilon) * gradient / ops.sqrt(a + self.epsilon)
        d.assign(self.rho * d + (1 - self.rho) * ops.square(delta))
        variable.assign_sub(learning_rate * delta)
