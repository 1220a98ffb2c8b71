"""Separable convolutions: each channel by itself, then a mixture of all at each place."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.convolution import FilterLayer


class SeparableConvolution(FilterLayer):
    """Base of separable convolutions.

    Weights are depthwise_kernel [*size channels depth_multiplier], pointwise_kernel [1… channels·depth_multiplier
    filters] and bias [filters].
    """

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: Count = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        options["activity_regularizer"] = activity_regularizer
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, **options)
        self.hold("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.hold("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self.hold("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.filters, self.depth_multiplier = int(filters), int(depth_multiplier)

    def build(self, input_shape: Any) -> None:
        """Make both kernels and the bias."""
        channels = self.channels_of(input_shape)
        deep = (*self.kernel_size, channels, self.depth_multiplier)
        mix = (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)
        self.depthwise_kernel = self.make("depthwise_kernel", deep, "depthwise")
        self.pointwise_kernel = self.make("pointwise_kernel", mix, "pointwise")
        self.bias = self.make_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        self.check(inputs, self.depthwise_kernel.shape[-2])
        outputs = ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        return self.finished(outputs, self.bias)


@registry.register("SeparableConvolution1D", shapes="[batch steps channels] -> [batch places filters]")
class SeparableConv1D(SeparableConvolution):
    """Each channel of a sequence convolved by itself, then mixtures of the results at each place.

    Formula: y[n, t, f] = activation(Σ꜀ₘ P[c·m, f]·Σᵢ x[n, s·t + d·i, c]·D[i, c, m] + b[f])

    Symbols: D: depthwise_kernel, P: pointwise_kernel, b: bias, s: strides, d: dilation_rate, m: below depth_multiplier

    Shapes: [batch steps channels] -> [batch places filters]

    Example:

    >>> import numpy as np
    >>> layer = SeparableConv1D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
    >>> layer(np.arange(6.0).reshape(1, 3, 2)).tolist()
    [[[6.0], [14.0]]]
    """

    rank = 1

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, **options)


@registry.register("SeparableConvolution2D", shapes="[batch height width channels] -> [batch rows columns filters]")
class SeparableConv2D(SeparableConvolution):
    """Each channel of an image convolved by itself, then mixtures of the results at each place.

    Formula: y[n, p, q, f] = activation(Σ꜀ₘ P[c·m, f]·Σᵢⱼ x[n, s·p + d·i, s·q + d·j, c]·D[i, j, c, m] + b[f])

    Symbols: D: depthwise_kernel, P: pointwise_kernel, b: bias, s: strides, d: dilation_rate, m: below depth_multiplier

    Shapes: [batch height width channels] -> [batch rows columns filters]

    Example:

    >>> import numpy as np
    >>> layer = SeparableConv2D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
    >>> layer(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[28.0]]]]

    Source: F. Chollet, CVPR 2017
    """

    rank = 2

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, **options)
