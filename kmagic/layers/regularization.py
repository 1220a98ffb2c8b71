"""Layers that make training harder, so that models generalise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import NonNegative, Rate
from kmagic.graph.draw import dropout
from kmagic.graph.seed import SeedGenerator
from kmagic.layers import registry
from kmagic.layers.layer import Layer
from kmagic.layers.randomness import RandomLayer
from kmagic.layers.spatial import SpatialLayer
from kmagic.regularizers.l1_l2 import L1L2


@registry.register(shapes="[batch *d] -> [batch *d]")
class Dropout(RandomLayer):
    """While training, each value becomes 0 with probability `rate`; the others grow, so that the mean stays.

    Formula: y = x·k / (1 − rate), k = 1 with probability 1 − rate, else 0; y = x when not training

    Symbols: k: drawn for each value, or along `noise_shape` (None: as the input)

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> sorted(set(Dropout(0.5, seed=1)(np.ones((8, 8)), training=True).ravel().tolist()))
    [0.0, 2.0]

    Source: N. Srivastava et al., JMLR 15 (2014)
    """

    stream = "dropout"

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
        return dropout(inputs, self.rate, self.noise_shape, self.seed_generator)


class SpatialDropout(RandomLayer, SpatialLayer):
    """Base of dropout of whole channels."""

    stream = "spatial_dropout"

    def __init__(self, rate: Rate, seed: int | SeedGenerator | None = None, **options: Any) -> None:
        super().__init__(seed, **options)
        self.rate = rate

    def is_idle(self) -> bool:
        return self.rate == 0

    def disturbed(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        shape = [1 if axis in self.spatial_axes else None for axis in range(self.rank + 2)]
        return dropout(inputs, self.rate, shape, self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; Keras's has no `trainable`, which changes nothing here."""
        return {name: value for name, value in super().get_config().items() if name != "trainable"}


@registry.register(shapes="[batch steps channels] -> [batch steps channels]")
class SpatialDropout1D(SpatialDropout):
    """While training, each channel of a sequence becomes 0 as a whole with probability `rate`; the others grow.

    Formula: y[n, t, c] = x[n, t, c]·k[n, c] / (1 − rate), k = 1 with probability 1 − rate, else 0

    Shapes: [batch steps channels] -> [batch steps channels]

    Example:

    >>> import numpy as np
    >>> y = SpatialDropout1D(0.5, seed=1)(np.ones((4, 3, 8)), training=True)
    >>> bool((y == y[:, :1]).all()), sorted(set(y.ravel().tolist()))
    (True, [0.0, 2.0])

    Source: J. Tompson et al., CVPR 2015
    """

    rank = 1

    def __init__(
        self,
        rate: Rate,
        seed: int | SeedGenerator | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)


@registry.register(shapes="[batch height width channels] -> [batch height width channels]")
class SpatialDropout2D(SpatialDropout):
    """While training, each channel of an image becomes 0 as a whole with probability `rate`; the others grow.

    Formula: y[n, p, q, c] = x[n, p, q, c]·k[n, c] / (1 − rate), k = 1 with probability 1 − rate, else 0

    Shapes: [batch height width channels] -> [batch height width channels]

    Example:

    >>> import numpy as np
    >>> y = SpatialDropout2D(0.5, seed=1)(np.ones((4, 3, 3, 8)), training=True)
    >>> bool((y == y[:, :1, :1]).all()), sorted(set(y.ravel().tolist()))
    (True, [0.0, 2.0])

    Source: J. Tompson et al., CVPR 2015
    """

    rank = 2

    def __init__(
        self,
        rate: Rate,
        data_format: str | None = None,
        seed: int | SeedGenerator | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)
        self.data_format = self.format_of(data_format)


@registry.register(shapes="[batch depth height width channels] -> [batch depth height width channels]")
class SpatialDropout3D(SpatialDropout):
    """While training, each channel of a volume becomes 0 as a whole with probability `rate`; the others grow.

    Formula: y[n, p, q, r, c] = x[n, p, q, r, c]·k[n, c] / (1 − rate), k = 1 with probability 1 − rate, else 0

    Shapes: [batch depth height width channels] -> [batch depth height width channels]

    Example:

    >>> import numpy as np
    >>> y = SpatialDropout3D(0.5, seed=1)(np.ones((4, 2, 3, 3, 8)), training=True)
    >>> bool((y == y[:, :1, :1, :1]).all()), sorted(set(y.ravel().tolist()))
    (True, [0.0, 2.0])

    Source: J. Tompson et al., CVPR 2015
    """

    rank = 3

    def __init__(
        self,
        rate: Rate,
        data_format: str | None = None,
        seed: int | SeedGenerator | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)
        self.data_format = self.format_of(data_format)


@registry.register(shapes="[batch *d] -> [batch *d]")
class ActivityRegularization(Layer):
    """The input as it is, with a penalty on its size that is added to the loss.

    Formula: y = x; loss += (l1·Σ|x| + l2·Σx²) / batch

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> ActivityRegularization(l1=0.1)(np.array([[1.0, -2.0]])).tolist()
    [[1.0, -2.0]]
    """

    supports_masking = True

    def __init__(self, l1: NonNegative = 0.0, l2: NonNegative = 0.0, **options: Any) -> None:
        super().__init__(**{**options, "activity_regularizer": L1L2(l1, l2)})
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        return inputs
