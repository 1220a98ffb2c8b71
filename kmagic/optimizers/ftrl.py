from collections.abc import Sequence
from typing import Annotated, Any

from kmagic.base.parameters import Bound, NonNegative
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register(tags=("sparse weights",))
class Ftrl(Optimizer):
    """Follow the regularised leader: weights that would be small are exactly zero, for large sparse linear models.

    Formula: n₊ = n + g², z ← z + g + 2·s·w − (n₊^(−p) − n^(−p))·w / lr, w ← (clip(z, −l₁, l₁) − z) / (n₊^(−p) / lr +
    2·(l₂ + β / (2·lr))), n ← n₊

    Symbols: w: weight, g: gradient, lr: learning_rate, n: slot accumulator, from initial_accumulator_value, z: slot
    linear, p: learning_rate_power, l₁: l1_regularization_strength, l₂: l2_regularization_strength, s:
    l2_shrinkage_regularization_strength, β: beta

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> Ftrl(learning_rate=0.1).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.381

    Source: B. McMahan et al., KDD 2013, algorithm 1; shrinkage as in TensorFlow
    """

    usual_rates = (1e-6, 5.0)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: Annotated[float, Bound(at_most=0)] = -0.5,
        initial_accumulator_value: NonNegative = 0.1,
        l1_regularization_strength: NonNegative = 0.0,
        l2_regularization_strength: NonNegative = 0.0,
        l2_shrinkage_regularization_strength: NonNegative = 0.0,
        beta: NonNegative = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.learning_rate_power, self.initial_accumulator_value = learning_rate_power, initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: an accumulator and the linear term for each weight."""
        super().build(variables)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ("accumulator", "linear"), (self.initial_accumulator_value, "zeros")
        )

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number = self._get_variable_index(variable)
        n, z = self._accumulators[number], self._linears[number]
        larger = n + ops.square(gradient)
        strength = ops.power(larger, -self.learning_rate_power)
        growth = (strength - ops.power(n.value, -self.learning_rate_power)) / learning_rate
        z.assign_add(gradient + 2 * self.l2_shrinkage_regularization_strength * variable - growth * variable)
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength + self.beta / (2 * learning_rate)
        variable.assign((ops.clip(z.value, -l1, l1) - z) / (strength / learning_rate + 2 * l2))
        n.assign(larger)
