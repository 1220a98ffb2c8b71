from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from kmagic.base.parameters import Bound, Positive
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate

# where a row and a column have no gradient, the product of their means is too small for float32: 0 / 0 without this
TINY = 1e-37


@registry.register(tags=("adaptive steps",))
class Adafactor(Optimizer):
    """Steps divided by the size of gradients, of which matrices only need the means of rows and of columns.

    Formula: β = 1 − tᵏ, s = g² + ε₁, r ← β·r + (1 − β)·mean s over the last axis, c ← β·c + (1 − β)·mean s over the
    axis before, v ← r·c / mean r (vectors: v ← β·v + (1 − β)·s), u = g / √v, w ← w − α·u / max(1, rms(u) / d), α =
    max(ε₂, rms(w))·min(lr, 1 / √t)

    Symbols: w: weight, g: gradient, lr: learning_rate, r and c: slots named as the weight, v: slot velocity, t: number
    of the step from 1, k: beta_2_decay, ε₁: epsilon_1, ε₂: epsilon_2, d: clip_threshold; relative_step changes
    nothing, in Keras neither: min(lr, 1 / √t) is taken with and without it

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([[1.0, 1.0]]))
    >>> Adafactor(learning_rate=0.1).apply([np.array([[0.5, -2.0]])], [w])
    >>> w.numpy().round(3).tolist()
    [[0.9, 1.1]]

    Source: N. Shazeer and M. Stern, ICML 2018, algorithms 4 and 5
    """

    usual_rates = (1e-7, 1.0)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: Annotated[float, Bound(at_most=0)] = -0.8,
        epsilon_1: Positive = 1e-30,
        epsilon_2: Positive = 1e-3,
        clip_threshold: Positive = 1.0,
        relative_step: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: means of rows and columns and a velocity for each weight."""
        super().build(variables)
        self._r: list[Variable] = []
        self._c: list[Variable] = []
        self._v: list[Variable] = []
        for variable in variables:
            self._r.append(self._mean_of(variable, variable.shape[:-1]))
            self._c.append(self._mean_of(variable, variable.shape[:-2] + variable.shape[-1:]))
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def _mean_of(self, variable: Variable, shape: tuple[int, ...]) -> Variable:
        """State for one mean; vectors have a place in files instead, as in Keras."""
        if variable.ndim >= 2:
            return self.add_variable(shape, dtype=variable.dtype, name=variable.name)
        place = Variable(np.int32(0), trainable=False, name=variable.name)
        self._track_variable(place)
        return place

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        t = self.step(variable.dtype)
        pace = ops.maximum(_rms(variable.value), self.epsilon_2) * ops.minimum(learning_rate, 1 / ops.sqrt(t))
        v = self._v[self._get_variable_index(variable)]
        v.assign(self._spread(ops.square(gradient) + self.epsilon_1, variable, 1 - ops.power(t, self.beta_2_decay)))
        direction = gradient / ops.sqrt(ops.maximum(v.value, TINY))
        variable.assign_sub(pace * direction / ops.maximum(_rms(direction) / self.clip_threshold, 1.0))

    def _spread(self, square: Any, variable: Variable, beta: Any) -> Any:
        """The running mean of squared gradients, put together from rows and columns where there are any."""
        number = self._get_variable_index(variable)
        if variable.ndim < 2:
            return beta * self._v[number] + (1 - beta) * square
        r, c = self._r[number], self._c[number]
        r.assign(beta * r + (1 - beta) * ops.mean(square, axis=-1))
        c.assign(beta * c + (1 - beta) * ops.mean(square, axis=-2))
        rows = r / ops.mean(r.value, axis=-1, keepdims=True)
        return ops.expand_dims(rows, -1) * ops.expand_dims(c.value, -2)


def _rms(x: Any) -> Any:
    return ops.sqrt(ops.mean(ops.square(x)))
