from typing import Any

from kmagic.base.parameters import NonNegative, Positive, Rate
from kmagic.graph.variable import Variable  # noqa: F401 - for the example
from kmagic.optimizers import registry
from kmagic.optimizers.adam import Adam
from kmagic.optimizers.rate import LearningRate


@registry.register(name="adamw", tags=("adaptive steps",))
class AdamW(Adam):
    """Adam, and weights that shrink a little before each step, whatever their gradients.

    Formula: w ← w − lr·λ·w, then as Adam

    Symbols: w: weight, lr: learning_rate, λ: weight_decay

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> AdamW(learning_rate=0.1, weight_decay=0.5).apply([np.array([0.5])], [w])
    >>> round(float(w.numpy()[0]), 3)
    0.85

    Source: I. Loshchilov and F. Hutter, ICLR 2019, algorithm 2
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: NonNegative = 0.004,
        beta_1: Rate = 0.9,
        beta_2: Rate = 0.999,
        epsilon: Positive = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)
