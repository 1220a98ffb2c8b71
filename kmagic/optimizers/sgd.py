from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Fraction
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(name="sgd", tags=("momentum",))
class SGD(Optimizer):
    """Stochastic gradient descent: a step against the gradient, with momentum if asked.

    Formula: w ← w − lr·g; with momentum: m ← μ·m − lr·g, w ← w + m; with nesterov: w ← w + μ·m − lr·g

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, μ: momentum

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> SGD(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.95

    Source: I. Sutskever et al., ICML 2013, equations 1 to 4
    """

    usual_rates = (1e-6, 1.0)

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: Fraction = 0.0,
        nesterov: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = momentum, nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: a momentum for each weight, if there is momentum."""
        super().build(variables)
        self.momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        if not self.momentum:
            variable.assign_sub(learning_rate * gradient)
            return
        m = self.momentums[self._get_variable_index(variable)]
        m.assign(m * self.momentum - gradient * learning_rate)
        variable.assign_add(m * self.momentum - gradient * learning_rate if self.nesterov else m.value)
