import re
from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Count, Fraction, NonNegative, Positive, Rate
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate

# keeps the first division of the iteration from one by zero
TINY = 1e-7


@registry.register(tags=("momentum",))
class Muon(Optimizer):
    """Momentum made orthogonal, so that a matrix moves as much in every direction; AdamW for all other weights.

    Formula: matrices: m ← μ·m + g, w ← w − lr·ρ·√max(rows, columns)·O(g + μ·m) (without nesterov O(m)); O(x): x / ‖x‖,
    then several times A = x·xᵀ, x ← a·x + (b·A + c·A·A)·x; others as Adam, with lr·adam_lr_ratio

    Symbols: w: weight, g: gradient, lr: learning_rate, m: slot momentum, μ: momentum, ρ: rms_rate (None: the root is
    left out too), a, b, c: muon_a, muon_b, muon_c, times: ns_steps; weight_decay is for matrices, adam_weight_decay for
    others: exclude_embeddings, paths that match one of exclude_layers, and whatever has not two axes

    Example:

    >>> import numpy as np
    >>> w = Variable(np.zeros((2, 2)))
    >>> Muon(learning_rate=0.1, rms_rate=None).apply([np.diag([3.0, -3.0])], [w])
    >>> w.numpy().round(1).tolist()
    [[-0.1, 0.0], [0.0, 0.1]]

    Source: K. Jordan et al., https://kellerjordan.github.io/posts/muon (2024); J. Liu et al., arXiv:2502.16982 (ρ)
    """

    usual_rates = (1e-6, 0.2)

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: Rate = 0.9,
        adam_beta_2: Rate = 0.999,
        adam_weight_decay: NonNegative | None = 0.004,
        epsilon: Positive = 1e-7,
        weight_decay: NonNegative | None = 0.004,
        clipnorm: Positive | None = None,
        clipvalue: Positive | None = None,
        global_clipnorm: Positive | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: Positive | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: NonNegative = 1,
        momentum: Fraction = 0.95,
        ns_steps: Count = 5,
        nesterov: bool = True,
        rms_rate: Positive | None = 0.2,
        **options: Any,
    ) -> None:
        limits = (weight_decay, clipnorm, clipvalue, global_clipnorm)
        averages = (use_ema, ema_momentum, ema_overwrite_frequency)
        further = (loss_scale_factor, gradient_accumulation_steps, name)
        super().__init__(learning_rate, *limits, *averages, *further, **options)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam_beta_1, adam_beta_2, epsilon
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c, self.ns_steps = muon_a, muon_b, muon_c, ns_steps
        self.momentum, self.nesterov, self.rms_rate = momentum, nesterov, rms_rate

    def _should_use_adamw(self, variable: Variable) -> bool:
        """Whether a weight is not one for orthogonal steps."""
        if variable.ndim != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: a momentum for each weight, and a velocity where Adam moves it."""
        super().build(variables)
        self.momentums: list[Variable] = []
        self.adam_velocities: list[Variable | None] = []
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(variable, "momentum"))
            by_adam = self._should_use_adamw(variable)
            self.adam_velocities.append(self.add_variable_from_reference(variable, "velocity") if by_adam else None)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """One step of the formula."""
        number = self._get_variable_index(variable)
        m, v = self.momentums[number], self.adam_velocities[number]
        if v is not None:
            self._adam_step(gradient, variable, learning_rate * self.adam_lr_ratio, m, v)
            return
        m.assign_add(gradient + m * (self.momentum - 1))
        step = learning_rate * self._orthogonal(gradient + self.momentum * m if self.nesterov else m.value)
        scale = 1.0 if self.rms_rate is None else max(variable.shape) ** 0.5 * self.rms_rate
        variable.assign_sub(step * scale)

    def _adam_step(self, gradient: Any, variable: Variable, learning_rate: Any, m: Variable, v: Variable) -> None:
        t = self.step(variable.dtype)
        pace = learning_rate * ops.sqrt(1 - ops.power(self.adam_beta_2, t)) / (1 - ops.power(self.adam_beta_1, t))
        m.assign_add((gradient - m) * (1 - self.adam_beta_1))
        v.assign_add((ops.square(gradient) - v) * (1 - self.adam_beta_2))
        variable.assign_sub(m * pace / (ops.sqrt(v.value) + self.epsilon))

    def _orthogonal(self, x: Any) -> Any:
        """About the orthogonal matrix nearest to x, by the Newton-Schulz iteration."""
        is_tall = x.shape[0] > x.shape[1]
        x = ops.transpose(x) if is_tall else x
        x = x / (ops.norm(x) + TINY)
        for _ in range(self.ns_steps):
            square = ops.matmul(x, ops.transpose(x))
            x = self.muon_a * x + ops.matmul(self.muon_b * square + self.muon_c * ops.matmul(square, square), x)
        return ops.transpose(x) if is_tall else x

    def _apply_weight_decay(self, variables: Sequence[Variable]) -> None:
        for variable in variables:
            if self._use_weight_decay(variable):
                strength = self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay
                self._decay(variable, strength)
