"""Global pooling: one value for each channel, over all places."""

from __future__ import annotations

from typing import Any

from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer


class GlobalPooling(FormattedLayer):
    """Base of pools over all places; `keepdims` leaves axes of size 1."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **options: Any) -> None:
        super().__init__(data_format, **options)
        self.keepdims = bool(keepdims)


class GlobalMaxPooling(GlobalPooling):
    """Base of pools that keep the largest."""

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return ops.max(inputs, self.spatial_axes, self.keepdims)


class GlobalAveragePooling(GlobalPooling):
    """Base of pools that keep the mean."""

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        return ops.mean(inputs, self.spatial_axes, self.keepdims)


@registry.register("GlobalMaxPool1D", shapes="[batch steps channels] -> [batch channels]")
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel of a sequence.

    Formula: y[n, c] = max x[n, t, c] over t

    Shapes: [batch steps channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalMaxPooling1D()(np.arange(4.0).reshape(1, 4, 1)).tolist()
    [[3.0]]
    """

    rank = 1


@registry.register("GlobalMaxPool2D", shapes="[batch height width channels] -> [batch channels]")
class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest value of each channel of an image.

    Formula: y[n, c] = max x[n, p, q, c] over p, q

    Shapes: [batch height width channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalMaxPooling2D()(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[3.0]]
    """

    rank = 2


@registry.register("GlobalMaxPool3D", shapes="[batch depth height width channels] -> [batch channels]")
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest value of each channel of a volume.

    Formula: y[n, c] = max x[n, p, q, r, c] over p, q, r

    Shapes: [batch depth height width channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalMaxPooling3D()(np.arange(4.0).reshape(1, 1, 2, 2, 1)).tolist()
    [[3.0]]
    """

    rank = 3


@registry.register("GlobalAvgPool1D", shapes="[batch steps channels] -> [batch channels]")
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel of a sequence, of the steps that a mask keeps.

    Formula: y[n, c] = mean x[n, t, c] over t

    Shapes: [batch steps channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalAveragePooling1D()(np.arange(4.0).reshape(1, 4, 1)).tolist()
    [[1.5]]
    """

    rank = 1

    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        self.check_rank(inputs)
        if mask is None:
            return ops.mean(inputs, self.spatial_axes, self.keepdims)
        kept = ops.expand_dims(ops.cast(mask, "bool"), self.channel_axis)
        total = ops.sum(ops.where(kept, inputs, 0), self.spatial_axes, self.keepdims)
        return total / ops.sum(ops.cast(kept, inputs.dtype), self.spatial_axes, self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """None: there are no steps left."""
        return None


@registry.register("GlobalAvgPool2D", shapes="[batch height width channels] -> [batch channels]")
class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel of an image.

    Formula: y[n, c] = mean x[n, p, q, c] over p, q

    Shapes: [batch height width channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalAveragePooling2D()(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[1.5]]
    """

    rank = 2


@registry.register("GlobalAvgPool3D", shapes="[batch depth height width channels] -> [batch channels]")
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel of a volume.

    Formula: y[n, c] = mean x[n, p, q, r, c] over p, q, r

    Shapes: [batch depth height width channels] -> [batch channels]

    Example:

    >>> import numpy as np
    >>> GlobalAveragePooling3D()(np.arange(4.0).reshape(1, 1, 2, 2, 1)).tolist()
    [[1.5]]
    """

    rank = 3
