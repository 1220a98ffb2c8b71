"""Adaptive pooling: as many results as are asked for, whatever the size of the input."""

from __future__ import annotations

from typing import Any

from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer


class AdaptivePooling(FormattedLayer):
    """Base of pools that share out each axis among `output_size` results."""

    def __init__(self, output_size: Any, data_format: str | None = None, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.output_size = self.sizes(output_size, "output_size")


class AdaptiveMaxPooling(AdaptivePooling):
    """Base of pools that keep the largest."""

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


class AdaptiveAveragePooling(AdaptivePooling):
    """Base of pools that keep the mean."""

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


@registry.register(shapes="[batch steps channels] -> [batch places channels]")
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """The means of windows that share out a sequence among as many results as are asked for.

    Formula: y[n, t, c] = mean x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = t, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch steps channels] -> [batch places channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveAveragePooling1D(2)(np.arange(5.0).reshape(1, 5, 1)).ravel().tolist()
    [1.0, 3.0]
    """

    rank = 1


@registry.register(shapes="[batch height width channels] -> [batch rows columns channels]")
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """The means of windows that share out an image among as many results as are asked for.

    Formula: y[n, p, q, c] = mean x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = p, q, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveAveragePooling2D((1, 2))(np.arange(6.0).reshape(1, 2, 3, 1)).ravel().tolist()
    [2.0, 3.0]
    """

    rank = 2


@registry.register(shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """The means of windows that share out a volume among as many results as are asked for.

    Formula: y[n, p, q, r, c] = mean x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = p, q, r, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveAveragePooling3D((1, 1, 2))(np.arange(6.0).reshape(1, 1, 2, 3, 1)).ravel().tolist()
    [2.0, 3.0]
    """

    rank = 3


@registry.register(shapes="[batch steps channels] -> [batch places channels]")
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest entries of windows that share out a sequence among as many results as are asked for.

    Formula: y[n, t, c] = max x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = t, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch steps channels] -> [batch places channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveMaxPooling1D(2)(np.arange(5.0).reshape(1, 5, 1)).ravel().tolist()
    [2.0, 4.0]
    """

    rank = 1


@registry.register(shapes="[batch height width channels] -> [batch rows columns channels]")
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest entries of windows that share out an image among as many results as are asked for.

    Formula: y[n, p, q, c] = max x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = p, q, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveMaxPooling2D((1, 2))(np.arange(6.0).reshape(1, 2, 3, 1)).ravel().tolist()
    [4.0, 5.0]
    """

    rank = 2


@registry.register(shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest entries of windows that share out a volume among as many results as are asked for.

    Formula: y[n, p, q, r, c] = max x[n, ⌊i·a/o⌋ … ⌈(i + 1)·a/o⌉ − 1, c], i = p, q, r, on each axis

    Symbols: a: size of an axis, o: its output_size

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> AdaptiveMaxPooling3D((1, 1, 2))(np.arange(6.0).reshape(1, 1, 2, 3, 1)).ravel().tolist()
    [4.0, 5.0]
    """

    rank = 3
