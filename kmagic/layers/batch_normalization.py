"""Batch normalization: statistics over the samples of a batch, and over those of the batches before."""

from __future__ import annotations

from typing import Any

from kmagic import initializers
from kmagic.base import shapes
from kmagic.base.config import epsilon as small
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.parameters import Fraction, NonNegative
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import axis_of
from kmagic.graph.variable import Variable
from kmagic.layers import registry
from kmagic.layers.admission import check_as_built
from kmagic.layers.normalization import ScaledLayer, sizes_along, widened

_LIMITS = ("rmax", "rmin", "dmax")


@registry.register(shapes="[batch *d] -> [batch *d]")
class BatchNormalization(ScaledLayer):
    """Each channel shifted and scaled to mean 0 and variance 1 over the batch, then by weights.

    While training, by the batch's own statistics, which moving averages follow; else, and in a layer that is not
    trainable, by these averages. Positions that a mask excludes do not count. `renorm` corrects the batch's statistics
    towards those of the batches before, within the limits of `renorm_clipping`.

    Formula: y = (x − m) / √(v + ε)·γ + β; m̄ ← momentum·m̄ + (1 − momentum)·m, v̄ likewise

    Symbols: m, v: mean and variance over all axes but axis; m̄, v̄: weights moving_mean and moving_variance, used for
    m and v when not training; γ, β: weights gamma and beta; ε: epsilon

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> layer = BatchNormalization(epsilon=0.0, momentum=0.5)
    >>> layer(np.array([[1.0], [3.0]]), training=True).tolist(), layer.moving_mean.tolist()
    ([[-1.0], [1.0]], [1.0])

    Source: S. Ioffe and C. Szegedy, ICML 2015; renorm: S. Ioffe, NeurIPS 2017
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: Fraction = 0.99,
        epsilon: NonNegative = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: Fraction = 0.99,
        synchronized: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **options,
        )
        if synchronized:
            raise Unsupported("synchronized=True", where=self.name, fix="synchronized=False")
        self.axis, self.momentum, self.epsilon = int(axis), momentum, epsilon
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm, self.renorm_momentum, self.synchronized = renorm, renorm_momentum, synchronized
        # as it is described: no limits are {} where they would be used, else None
        self.renorm_clipping = self._checked_limits(renorm_clipping or {}) if renorm else renorm_clipping

    def _checked_limits(self, limits: dict[str, float]) -> dict[str, float]:
        unknown = next((name for name in limits if name not in _LIMITS), None)
        if unknown is not None:
            raise BadValue(f"{unknown!r} in renorm_clipping", where=self.name, expected=", ".join(_LIMITS))
        if limits.get("rmax", float("inf")) < limits.get("rmin", 0) or limits.get("dmax", 0) < 0:
            raise BadValue(f"renorm_clipping is {limits}", where=self.name, expected="rmin <= rmax and dmax >= 0")
        return limits

    def build(self, input_shape: Any) -> None:
        """Make gamma, beta and the moving averages."""
        size = sizes_along(self, input_shape, self.axis)
        place = axis_of(self.axis, len(input_shape))
        self._others = tuple(axis for axis in range(len(input_shape)) if axis != place)
        self.add_scale(size)
        self.moving_mean = self._average(size, self.moving_mean_initializer, "moving_mean")
        self.moving_variance = self._average(size, self.moving_variance_initializer, "moving_variance")
        if self.renorm:
            self.moving_stddev = self._average(size, self._deviation, "moving_stddev")
            self.renorm_mean = self._average(size, self.moving_mean_initializer, "renorm_mean")
            self.renorm_stddev = self._average(size, self._deviation, "renorm_stddev")

    def _average(self, size: tuple[int, ...], initializer: Any, name: str) -> Variable:
        return self.add_weight(size, initializer, trainable=False, autocast=False, name=name)

    def _deviation(self, shape: Any, dtype: Any = None) -> Any:
        return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        check_as_built(self, inputs, [self.axis])
        x = widened(inputs)
        if mask is not None and len(mask.shape) != len(x.shape) - 1:
            raise ShapeMismatch(
                f"mask of shape {shapes.written(mask.shape)} beside input {shapes.written(x.shape)}",
                where=self.path,
                expected="a mask with one axis less than the input",
            )
        gamma, beta = (None if weight is None else ops.cast(weight, x.dtype) for weight in (self.gamma, self.beta))
        if training and self.trainable:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._corrected(mean, ops.sqrt(variance + self.epsilon), gamma, beta)
            else:
                _follow(self.moving_mean, mean, self.momentum)
                _follow(self.moving_variance, variance, self.momentum)
        else:
            mean, variance = (ops.cast(average, x.dtype) for average in (self.moving_mean, self.moving_variance))
        found = ops.batch_normalization(x, mean, variance, self.axis, beta, gamma, self.epsilon)
        return ops.cast(found, self.compute_dtype)

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Mean and variance of each channel over the positions that count."""
        if mask is None:
            mean, variance = ops.moments(x, self._others)
            return mean, variance
        counts = ops.broadcast_to(ops.expand_dims(ops.cast(mask, "bool"), -1), x.shape)
        # of no position at all both are 0
        number = ops.sum(ops.cast(counts, x.dtype), self._others, keepdims=True) + small()
        mean = ops.sum(ops.where(counts, x, 0), self._others, keepdims=True) / number
        apart = ops.where(counts, x - mean, 0)
        variance = ops.sum(ops.square(apart), self._others, keepdims=True) / number
        return ops.squeeze(mean, self._others), ops.squeeze(variance, self._others)

    def _corrected(self, mean: Any, deviation: Any, gamma: Any, beta: Any) -> tuple[Any, Any]:
        """Scale and offset that lead from the batch's statistics towards those of the batches before."""
        assert self.renorm_clipping is not None
        limits = {"rmin": -float("inf"), "rmax": float("inf"), "dmax": float("inf")} | self.renorm_clipping
        before = ops.maximum(ops.cast(self.renorm_stddev, mean.dtype), self.epsilon**0.5)
        ratio = ops.clip(deviation / before, limits["rmin"], limits["rmax"])
        shift = ops.clip((mean - ops.cast(self.renorm_mean, mean.dtype)) / before, -limits["dmax"], limits["dmax"])
        ratio, shift = ops.stop_gradient(ratio), ops.stop_gradient(shift)
        _follow(self.renorm_mean, mean, self.renorm_momentum)
        _follow(self.renorm_stddev, deviation, self.renorm_momentum)
        _follow(self.moving_mean, mean, self.momentum)
        _follow(self.moving_stddev, deviation, self.momentum)
        self.moving_variance.assign(ops.relu(ops.square(self.moving_stddev.value) - self.epsilon))
        if gamma is not None:
            ratio, shift = ratio * gamma, shift * gamma
        return ratio, shift if beta is None else shift + beta


def _follow(average: Variable, value: Any, momentum: float) -> None:
    """Move a moving average towards a value."""
    average.assign(ops.cast(average, value.dtype) * momentum + value * (1 - momentum))
