"""Depthwise convolutions: each channel by itself."""

from __future__ import annotations

from typing import Any

from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.convolution import FilterLayer


class DepthwiseConvolution(FilterLayer):
    """Base of depthwise convolutions: kernel [*size channels depth_multiplier], bias [channels·depth_multiplier]."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: Count = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        options["activity_regularizer"] = activity_regularizer
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, **options)
        self.hold("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.hold("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.depth_multiplier = int(depth_multiplier)

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias."""
        channels = self.channels_of(input_shape)
        self.kernel = self.make("kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise")
        self.bias = self.make_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        self.check(inputs, self.kernel.shape[-2])
        outputs = ops.depthwise_conv(
            inputs, self.kernel, self.strides, self.padding, self.data_format, self.dilation_rate
        )
        return self.finished(outputs, self.bias)


@registry.register(shapes="[batch steps channels] -> [batch places multiplied]")
class DepthwiseConv1D(DepthwiseConvolution):
    """Each channel of a sequence convolved by itself, with depth_multiplier filters of its own.

    Formula: y[n, t, m·c + k] = activation(Σᵢ x[n, s·t + d·i, c]·W[i, c, k] + b[m·c + k])

    Symbols: W: kernel [*size channels m], m: depth_multiplier, b: bias, s: strides, d: dilation_rate

    Shapes: [batch steps channels] -> [batch places multiplied], multiplied = channels·m

    Example:

    >>> import numpy as np
    >>> DepthwiseConv1D(2, depthwise_initializer="ones")(np.arange(6.0).reshape(1, 3, 2)).tolist()
    [[[2.0, 4.0], [6.0, 8.0]]]
    """

    rank = 1

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: Count = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, **options)


@registry.register(shapes="[batch height width channels] -> [batch rows columns multiplied]")
class DepthwiseConv2D(DepthwiseConvolution):
    """Each channel of an image convolved by itself, with depth_multiplier filters of its own.

    Formula: y[n, p, q, m·c + k] = activation(Σᵢⱼ x[n, s·p + d·i, s·q + d·j, c]·W[i, j, c, k] + b[m·c + k])

    Symbols: W: kernel [*size channels m], m: depth_multiplier, b: bias, s: strides, d: dilation_rate

    Shapes: [batch height width channels] -> [batch rows columns multiplied], multiplied = channels·m

    Example:

    >>> import numpy as np
    >>> DepthwiseConv2D(2, depthwise_initializer="ones")(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[12.0, 16.0]]]]
    """

    rank = 2

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: Count = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, **options)
