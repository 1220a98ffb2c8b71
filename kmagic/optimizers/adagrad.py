from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("adaptive steps",))
class Adagrad(Optimizer):
    """Steps divided by the size of all gradients so far: weights that seldom get one move further.

    Formula: a ← a + g², w ← w − lr·g / √(a + ε)

    Symbols: w: weight, g: gradient, lr: learning_rate, a: slot accumulator, from initial_accumulator_value, ε: epsilon

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Adagrad(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.915

    Source: J. Duchi, E. Hazan and Y. Singer, JMLR 12 (2011)
    """

    usual_rates = (1e-6, 1.0)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: NonNegative = 0.1,
        epsilon: Positive = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: an accumulator for each weight."""
        super().build(variables)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", self.initial_accumulator_value)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        a = self._accumulators[self._get_variable_index(variable)]
        a.assign_add(ops.square(gradient))
        variable.assign_sub(learning_rate * gradient / ops.sqrt(a + self.epsilon))
