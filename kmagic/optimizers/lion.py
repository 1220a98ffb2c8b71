from collections.abc import Sequence
from typing import Annotated, Any

from kmagic.base.parameters import Bound, Fraction
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("momentum",))
class Lion(Optimizer):
    """Steps of one size: each weight moves by the learning rate, in the direction of its momentum's sign.

    Formula: w ← w − lr·sign(β₁·m + (1 − β₁)·g), then m ← β₂·m + (1 − β₂)·g

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, β₁: beta_1, β₂: beta_2

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> Lion(learning_rate=0.1).apply([np.array([0.5, -30.0])], [w])
    >>> w.numpy().round(3).tolist()
    [0.9, 2.1]

    Source: X. Chen et al., NeurIPS 2023, algorithm 2
    """

    usual_rates = (1e-8, 0.01)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: Annotated[float, Bound(above=0, at_most=1)] = 0.9,
        beta_2: Fraction = 0.99,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: a momentum for each weight."""
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        m = self._momentums[self._get_variable_index(variable)]
        variable.assign_sub(learning_rate * ops.sign(m * self.beta_1 + gradient * (1 - self.beta_1)))
        m.assign(m * self.beta_2 + gradient * (1 - self.beta_2))
