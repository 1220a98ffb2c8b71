"""Layers that add noise while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Fraction, Rate
from kmagic.graph.draw import bernoulli, normal
from kmagic.graph.load import ops
from kmagic.graph.seed import SeedGenerator
from kmagic.layers import registry
from kmagic.layers.randomness import RandomLayer

# of SELU, whose outputs AlphaDropout keeps at mean 0 and variance 1
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805
_LOWEST = -_ALPHA * _SCALE


@registry.register(shapes="[batch *d] -> [batch *d]")
class GaussianNoise(RandomLayer):
    """While training, a normal number is added to each value.

    Formula: y = x + e, e ~ N(0, stddev²); y = x when not training

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> bool(abs(GaussianNoise(0.1, seed=1)(np.zeros((2, 50)), training=True)).max() < 1)
    True

    Source: C. Bishop, Neural Computation 7 (1995)
    """

    stream = "gaussian_noise"

    def __init__(self, stddev: Fraction, seed: int | SeedGenerator | None = None, **options: Any) -> None:
        super().__init__(seed, **options)
        self.stddev = stddev

    def is_idle(self) -> bool:
        return self.stddev == 0

    def disturbed(self, inputs: Any) -> Any:
        return inputs + normal(ops.shape(inputs), 0.0, self.stddev, self.compute_dtype, self.seed_generator)


@registry.register(shapes="[batch *d] -> [batch *d]")
class GaussianDropout(RandomLayer):
    """While training, each value is multiplied by a normal number of mean 1.

    Formula: y = x·e, e ~ N(1, rate / (1 − rate)); y = x when not training

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> GaussianDropout(0.5, seed=1)(np.zeros((1, 2)), training=True).tolist()
    [[0.0, 0.0]]

    Source: N. Srivastava et al., JMLR 15 (2014), section 10
    """

    stream = "gaussian_dropout"

    def __init__(self, rate: Rate, seed: int | SeedGenerator | None = None, **options: Any) -> None:
        super().__init__(seed, **options)
        self.rate = rate

    def is_idle(self) -> bool:
        return self.rate == 0

    def disturbed(self, inputs: Any) -> Any:
        spread = (self.rate / (1 - self.rate)) ** 0.5
        return inputs * normal(ops.shape(inputs), 1.0, spread, self.compute_dtype, self.seed_generator)


@registry.register(shapes="[batch *d] -> [batch *d]")
class AlphaDropout(RandomLayer):
    """While training, each value becomes SELU's lowest with probability `rate`; mean 0 and variance 1 stay.

    Formula: y = a·(x·k + l·(1 − k)) + b, k = 1 with probability 1 − rate, else 0; y = x when not training

    Symbols: l: −1.7581, the limit of SELU towards −∞, a = ((1 − rate)·(1 + rate·l²))^−½, b = −a·l·rate, k: drawn for
    each value, or along `noise_shape` (None: as the input)

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> y = AlphaDropout(0.5, seed=1)(np.zeros((8, 8)), training=True)
    >>> [round(value, 4) for value in sorted(set(y.ravel().tolist()))]
    [-0.7792, 0.7792]

    Source: G. Klambauer et al., NeurIPS 2017
    """

    stream = "alpha_dropout"

    def __init__(
        self,
        rate: Rate,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | SeedGenerator | None = None,
        **options: Any,
    ) -> None:
        super().__init__(seed, **options)
        self.rate, self.noise_shape = rate, noise_shape

    def is_idle(self) -> bool:
        return self.rate == 0

    def disturbed(self, inputs: Any) -> Any:
        own = ops.shape(inputs)
        given = self.noise_shape or own
        shape = tuple(size if wanted is None else wanted for wanted, size in zip(given, own, strict=True))
        kept = bernoulli(shape, 1 - self.rate, self.seed_generator)
        scale = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        return scale * ops.where(kept, inputs, _LOWEST) - scale * _LOWEST * self.rate
