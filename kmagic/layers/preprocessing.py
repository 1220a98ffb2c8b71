"""Layers that bring numbers into a range that models like."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import BadData, BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import axis_of
from kmagic.layers import registry
from kmagic.layers.adapting import batches_of, is_one_batch
from kmagic.layers.admission import check_as_built
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *d]")
class Rescaling(Layer):
    """Numbers multiplied by one constant and shifted by another.

    Formula: y = x·scale + offset

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Rescaling(0.5, offset=1.0)(np.array([[2.0]])).tolist()
    [[2.0]]
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        scale, offset = (ops.convert_to_tensor(value, self.compute_dtype) for value in (self.scale, self.offset))
        return ops.cast(inputs, self.compute_dtype) * scale + offset


@registry.register(shapes="[batch *d] -> [batch *d]")
class Normalization(Layer):
    """Numbers shifted and scaled to mean 0 and variance 1, by statistics that are given or learned with `adapt`.

    Formula: y = (x − mean) / max(√variance, ε); invert: y = mean + x·max(√variance, ε)

    Symbols: mean, variance: for each index along `axis` (an axis or several; None: one for all), ε:
    kmagic.config.epsilon()

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0], [3.0]]))
    >>> layer(np.array([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if (mean is None) != (variance is None):
            raise BadValue(
                "one of mean and variance is missing", where=self.name, expected="both, or neither and adapt()"
            )
        if np.shape(mean) != np.shape(variance):
            raise BadValue(
                f"mean of shape {np.shape(mean)} and variance of shape {np.shape(variance)}",
                where=self.name,
                expected="the same shape",
            )
        self.axis = [] if axis is None else [axis] if isinstance(axis, int) else list(axis)
        self.invert = invert
        self.input_mean, self.input_variance = mean, variance

    def build(self, input_shape: Any) -> None:
        """Make the statistics: weights to be adapted, or the numbers given."""
        rank = len(input_shape)
        self._kept = sorted(axis_of(axis, rank) for axis in self.axis)
        if any(input_shape[axis] is None for axis in self._kept):
            raise ShapeMismatch(f"axis {self._kept} is unknown", where=self.path, expected="known sizes along `axis`")
        self._broadcast = tuple(input_shape[i] if i in self._kept else 1 for i in range(rank))
        own = tuple(input_shape[axis] for axis in self._kept)
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(own, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(own, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", dtype="int32", trainable=False, name="count")

    @property
    def can_adapt(self) -> bool:
        """Whether `adapt` may be called: mean and variance were not given."""
        return self.input_mean is None

    def adapt(self, data: Any) -> None:
        """Learn mean and variance from data, an array or batches of them; what was learned before is forgotten."""
        if not self.can_adapt:
            raise BadValue("mean and variance were given", where=self.name, expected="adapt() without them")
        rows, mean, squares = 0.0, np.zeros(()), np.zeros(())
        is_listed = isinstance(data, list | tuple) and any(np.ndim(item) > 1 for item in data if hasattr(item, "shape"))
        for batch in [data] if is_one_batch(data) and not is_listed else batches_of(data, None, self.name):
            values = self._checked(batch)
            reduced = tuple(axis for axis in range(values.ndim) if axis not in self._kept)
            count = float(np.prod([values.shape[axis] for axis in reduced]))
            away = values.mean(reduced) - mean
            squares = squares + values.var(reduced) * count + away**2 * rows * count / (rows + count)
            mean, rows = mean + away * count / (rows + count), rows + count
        if not rows:
            raise BadData("there are no batches", where=self.name, expected="at least one")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(squares / rows)

    def _checked(self, data: Any) -> Any:
        """A batch in float64, for which the layer is built."""
        values = np.asarray(data)
        if values.size == 0 or values.dtype.kind not in "biuf" or not np.isfinite(values).all():
            what = "is empty" if values.size == 0 else f"holds {values.dtype}, or NaN, or infinity"
            raise BadData(f"data {what}", where=self.name, expected="at least one row of finite numbers")
        if values.ndim == 1:
            values = values[:, None]
        if not self.built:
            self._ensure_built(values, (), {})
        if values.ndim != len(self._broadcast) or any(values.shape[i] != self._broadcast[i] for i in self._kept):
            raise ShapeMismatch(
                f"data of shape {written(values.shape)}",
                where=self.name,
                expected=f"axis {self._kept} as in {written(self._broadcast)}, for which the layer is built",
            )
        return values.astype("float64")

    def _statistics(self) -> tuple[Any, Any]:
        if self.input_mean is None:
            mean, variance = self.adapt_mean.value, self.adapt_variance.value
        else:
            given = (self.input_mean, self.input_variance)
            mean, variance = (ops.convert_to_tensor(value, self.compute_dtype) for value in given)
        return self._spread(mean), self._spread(variance)

    def _spread(self, value: Any) -> Any:
        """A statistic in the shape in which it meets the inputs."""
        return ops.reshape(value, self._broadcast) if np.prod(ops.shape(value), dtype=int) > 1 else value

    def call(self, inputs: Any) -> Any:
        check_as_built(self, inputs, self._kept)
        x = ops.cast(inputs, self.compute_dtype)
        mean, variance = self._statistics()
        width = ops.maximum(ops.sqrt(variance), epsilon())
        return mean + x * width if self.invert else (x - mean) / width

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = super().get_config()
        plain = {"mean": self.input_mean, "variance": self.input_variance}
        return {**config, **{k: np.asarray(v).tolist() if v is not None else None for k, v in plain.items()}}
