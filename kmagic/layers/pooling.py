"""Pooling: one value for each window of the input, channel by channel."""

from __future__ import annotations

from typing import Any

from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer


class Pooling(FormattedLayer):
    """Base of pools over windows of `pool_size`, `strides` apart (None: side by side)."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_format, name=name, **options)
        self.pool_size = self.sizes(pool_size, "pool_size")
        self.strides = self.pool_size if strides is None else self.sizes(strides, "strides")
        self.padding = self.words(padding, "padding", "valid", "same")

    def pooled(self, inputs: Any) -> Any:
        """One value for each window."""
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return self.pooled(inputs)


class MaxPooling(Pooling):
    """Base of pools that keep the largest."""

    def pooled(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class AveragePooling(Pooling):
    """Base of pools that keep the mean."""

    def pooled(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@registry.register("MaxPool1D", shapes="[batch steps channels] -> [batch places channels]")
class MaxPooling1D(MaxPooling):
    """The largest of each window of a sequence; the gradient goes to the first of several that are equal.

    Formula: y[n, t, c] = maxᵢ x[n, s·t + i, c]

    Symbols: i: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch steps channels] -> [batch places channels]

    Example:

    >>> import numpy as np
    >>> MaxPooling1D(2)(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel().tolist()
    [3.0, 2.0]
    """

    rank = 1

    def __init__(self, pool_size: Any = 2, **options: Any) -> None:
        super().__init__(pool_size, **options)


@registry.register("MaxPool2D", shapes="[batch height width channels] -> [batch rows columns channels]")
class MaxPooling2D(MaxPooling):
    """The largest of each window of an image; the gradient goes to the first of several that are equal.

    Formula: y[n, p, q, c] = maxᵢⱼ x[n, s·p + i, s·q + j, c]

    Symbols: i, j: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> MaxPooling2D(2)(np.arange(8.0).reshape(1, 2, 4, 1)).ravel().tolist()
    [5.0, 7.0]
    """

    rank = 2

    def __init__(self, pool_size: Any = (2, 2), **options: Any) -> None:
        super().__init__(pool_size, **options)


@registry.register("MaxPool3D", shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class MaxPooling3D(MaxPooling):
    """The largest of each window of a volume; the gradient goes to the first of several that are equal.

    Formula: y[n, p, q, r, c] = maxᵢⱼₖ x[n, s·p + i, s·q + j, s·r + k, c]

    Symbols: i, j, k: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> MaxPooling3D(2)(np.arange(16.0).reshape(1, 2, 2, 4, 1)).ravel().tolist()
    [13.0, 15.0]
    """

    rank = 3

    def __init__(self, pool_size: Any = (2, 2, 2), **options: Any) -> None:
        super().__init__(pool_size, **options)


@registry.register("AvgPool1D", shapes="[batch steps channels] -> [batch places channels]")
class AveragePooling1D(AveragePooling):
    """The mean of each window of a sequence; zeros that padding adds do not count.

    Formula: y[n, t, c] = meanᵢ x[n, s·t + i, c]

    Symbols: i: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch steps channels] -> [batch places channels]

    Example:

    >>> import numpy as np
    >>> AveragePooling1D(2)(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel().tolist()
    [2.0, 1.0]
    """

    rank = 1

    def __init__(self, pool_size: Any, **options: Any) -> None:
        super().__init__(pool_size, **options)


@registry.register("AvgPool2D", shapes="[batch height width channels] -> [batch rows columns channels]")
class AveragePooling2D(AveragePooling):
    """The mean of each window of an image; zeros that padding adds do not count.

    Formula: y[n, p, q, c] = meanᵢⱼ x[n, s·p + i, s·q + j, c]

    Symbols: i, j: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch height width channels] -> [batch rows columns channels]

    Example:

    >>> import numpy as np
    >>> AveragePooling2D(2)(np.arange(8.0).reshape(1, 2, 4, 1)).ravel().tolist()
    [2.5, 4.5]
    """

    rank = 2

    def __init__(self, pool_size: Any, **options: Any) -> None:
        super().__init__(pool_size, **options)


@registry.register("AvgPool3D", shapes="[batch depth height width channels] -> [batch planes rows columns channels]")
class AveragePooling3D(AveragePooling):
    """The mean of each window of a volume; zeros that padding adds do not count.

    Formula: y[n, p, q, r, c] = meanᵢⱼₖ x[n, s·p + i, s·q + j, s·r + k, c]

    Symbols: i, j, k: 0 … pool_size − 1, s: strides (None: pool_size), padding: "valid" or "same"

    Shapes: [batch depth height width channels] -> [batch planes rows columns channels]

    Example:

    >>> import numpy as np
    >>> AveragePooling3D(2)(np.arange(16.0).reshape(1, 2, 2, 4, 1)).ravel().tolist()
    [6.5, 8.5]
    """

    rank = 3

    def __init__(self, pool_size: Any, **options: Any) -> None:
        super().__init__(pool_size, **options)
