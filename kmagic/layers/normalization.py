"""Layers that bring the values of each sample to a common mean and size."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from kmagic import constraints, initializers, regularizers
from kmagic.base import shapes
from kmagic.base.dtypes import promote
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import axis_of, listed
from kmagic.graph.variable import Variable
from kmagic.layers import registry
from kmagic.layers.admission import check_as_built
from kmagic.layers.layer import Layer


class ScaledLayer(Layer):
    """Base of layers that end with ·gamma + beta, weights that are learned for each place along some axes."""

    supports_masking = True

    def __init__(
        self,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.center, self.scale = center, scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def add_scale(self, shape: Sequence[int]) -> None:
        """Make gamma and beta, where they are wanted."""
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                autocast=False,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                autocast=False,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )


def sizes_along(layer: Layer, input_shape: Any, axis: int | Sequence[int]) -> tuple[int, ...]:
    """The sizes of a layer's input along its axes, which must be there and known."""
    rank = len(input_shape)
    if any(not -rank <= place < rank or input_shape[place] is None for place in listed(axis)):
        raise ShapeMismatch(
            f"input of shape {shapes.written(input_shape)}",
            where=layer.path,
            expected=f"known sizes along axis {axis}",
        )
    return tuple(input_shape[place] for place in listed(axis))


def widened(x: Any) -> Any:
    """Values in a dtype that holds sums of their squares."""
    return ops.cast(x, promote(str(x.dtype), "float32"))


@registry.register(shapes="[batch *d] -> [batch *d]")
class LayerNormalization(ScaledLayer):
    """Each sample shifted and scaled to mean 0 and variance 1 along some axes, then by weights.

    Formula: y = (x − m) / √(v + ε)·γ + β, m and v the mean and variance of x along axis

    Symbols: γ, β: weights gamma and beta, of the sizes along axis; ε: epsilon

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0]])).tolist()
    [[-1.0, 1.0]]

    Source: J. L. Ba, J. R. Kiros and G. Hinton, 2016
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: NonNegative = 1e-3,
        *,
        rms_scaling: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if rms_scaling:
            warnings.warn("rms_scaling divides by the deviation; RMSNormalization is what is meant", stacklevel=3)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon, self.rms_scaling = epsilon, rms_scaling
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta."""
        if self.rms_scaling:
            self.scale, self.center = True, False
        self._axes = _in_order(self.axis, len(input_shape))
        self.add_scale(sizes_along(self, input_shape, self._axes))

    def call(self, inputs: Any) -> Any:
        check_as_built(self, inputs, self._axes)
        found = ops.layer_normalization(
            widened(inputs), self.gamma, self.beta, self._axes, self.epsilon, rms_scaling=self.rms_scaling
        )
        return ops.cast(found, self.compute_dtype)


def _in_order(axis: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """Axes counted from the front, in order; those that are not there stay, to be named later."""
    return tuple(sorted(place + rank if -rank <= place < 0 else place for place in listed(axis)))


@registry.register(shapes="[batch *d] -> [batch *d]")
class GroupNormalization(ScaledLayer):
    """Each sample's channels, in groups, shifted and scaled to mean 0 and variance 1, then by weights.

    Formula: y = (x − m) / √(v + ε)·γ + β, m and v the mean and variance of each group in each sample

    Symbols: γ, β: weights gamma and beta, one for each channel along axis; ε: epsilon; groups: −1 for as many as
    channels

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> GroupNormalization(epsilon=0.0)(np.array([[1.0, 3.0] * 32]))[0, :4].tolist()
    [-1.0, 1.0, -1.0, 1.0]

    Source: Y. Wu and K. He, ECCV 2018
    """

    def __init__(self, groups: int = 32, axis: int = -1, epsilon: NonNegative = 1e-3, **options: Any) -> None:
        super().__init__(**options)
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise BadValue(f"groups is {groups!r}", where=self.name, expected="a whole number of at least 1, or -1")
        self.groups, self.axis, self.epsilon = groups, axis, epsilon
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta."""
        (channels,) = size = sizes_along(self, input_shape, self.axis)
        self._place = axis_of(self.axis, len(input_shape))
        self._parts = channels if self.groups == -1 else self.groups
        if channels % self._parts:
            raise ShapeMismatch(
                f"{self.groups} groups of {channels} channels",
                where=self.path,
                expected="channels that groups divide",
                fix=f"groups={next(n for n in range(min(self.groups, channels), 0, -1) if channels % n == 0)}",
            )
        self.add_scale(size)

    def call(self, inputs: Any) -> Any:
        check_as_built(self, inputs, [self._place])
        x = widened(inputs)
        shape, place = tuple(x.shape), self._place
        split = (self._parts, shape[place] // self._parts)
        grouped = ops.reshape(x, (*shape[:place], *split, *shape[place + 1 :]))
        axes = tuple(axis for axis in range(1, len(shape) + 1) if axis != place)
        mean, variance = ops.moments(grouped, axes, keepdims=True)
        along = (*[1] * place, *split, *[1] * (len(shape) - place - 1))
        found = (grouped - mean) * ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            found = found * ops.cast(ops.reshape(self.gamma, along), x.dtype)
        if self.beta is not None:
            found = found + ops.cast(ops.reshape(self.beta, along), x.dtype)
        return ops.cast(ops.reshape(found, shape), self.compute_dtype)


@registry.register(shapes="[batch *d] -> [batch *d]")
class RMSNormalization(Layer):
    """Each sample divided by the root of its mean square along some axes, then scaled by weights.

    Formula: y = x / √(mean x² + ε)·s, the mean along axis

    Symbols: s: weight scale, of the sizes along axis; ε: epsilon

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> RMSNormalization(epsilon=0.0)(np.array([[3.0, -3.0]])).tolist()
    [[1.0, -1.0]]

    Source: B. Zhang and R. Sennrich, NeurIPS 2019
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: NonNegative = 1e-6, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Make the scale."""
        self._axes = _in_order(self.axis, len(input_shape))
        self.scale = self.add_weight(sizes_along(self, input_shape, self._axes), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        check_as_built(self, inputs, self._axes)
        along = tuple(size if place in self._axes else 1 for place, size in enumerate(inputs.shape))
        return ops.rms_normalization(inputs, ops.reshape(self.scale, along), self._axes, self.epsilon)


@registry.register(shapes="[batch *d] -> [batch *d]")
class UnitNormalization(Layer):
    """Each sample scaled to length 1 along some axes.

    Formula: y = x / max(√Σx², 1e-12), the sum along axis

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> UnitNormalization()(np.array([[2.0, -2.0, 2.0, 2.0]])).tolist()
    [[0.5, -0.5, 0.5, 0.5]]
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Any) -> Any:
        return ops.normalize(inputs, self.axis, order=2, epsilon=1e-12)
