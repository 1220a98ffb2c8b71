"""Transposed convolutions: from few places to more."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.convolution import FilterLayer
from kmagic.layers.spatial import refuse_both


class TransposedConvolution(FilterLayer):
    """Base of transposed convolutions: kernel [*size filters channels], bias [filters]."""

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        options["activity_regularizer"] = activity_regularizer
        super().__init__(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, **options)
        self.hold("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.hold("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.filters = int(filters)
        self.output_padding = None if output_padding is None else self._extra(output_padding)
        refuse_both(self.strides, self.dilation_rate, type(self).__name__)

    def _extra(self, given: Any) -> tuple[int, ...]:
        """How many entries there are more at the end of each axis: fewer than a stride, or they would be empty."""
        values = (given,) * self.rank if isinstance(given, int) else tuple(given)
        pairs = zip(values, self.strides, strict=False)
        if len(values) != self.rank or not all(0 <= value < stride for value, stride in pairs):
            raise BadValue(
                f"output_padding is {given!r}",
                where=type(self).__name__,
                expected=f"whole numbers of at least 0, less than the strides {self.strides}",
            )
        return values

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias."""
        self.kernel = self.make("kernel", (*self.kernel_size, self.filters, self.channels_of(input_shape)))
        self.bias = self.make_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        self.check(inputs, self.kernel.shape[-1])
        outputs = ops.conv_transpose(
            inputs,
            self.kernel,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )
        return self.finished(outputs, self.bias)


@registry.register("Convolution1DTranspose", shapes="[batch steps channels] -> [batch places filters]")
class Conv1DTranspose(TransposedConvolution):
    """Each place of a sequence spread over neighbouring places of a larger one, by the same weights everywhere.

    Formula: y[n, s·t + d·i, f] += Σ꜀ x[n, t, c]·W[i, f, c], then activation(y + b)

    Symbols: W: kernel [*size filters channels], b: bias, s: strides, d: dilation_rate, padding: "same" gives s times
    as many places, "valid" all that are reached, output_padding: places more at the end

    Shapes: [batch steps channels] -> [batch places filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(np.array([[[1.0], [2.0]]])).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    rank = 1

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, **options)


@registry.register("Convolution2DTranspose", shapes="[batch height width channels] -> [batch rows columns filters]")
class Conv2DTranspose(TransposedConvolution):
    """Each place of an image spread over neighbouring places of a larger one, by the same weights everywhere.

    Formula: y[n, s·p + d·i, s·q + d·j, f] += Σ꜀ x[n, p, q, c]·W[i, j, f, c], then activation(y + b)

    Symbols: W: kernel [*size filters channels], b: bias, s: strides, d: dilation_rate, padding: "same" gives s times
    as many places, "valid" all that are reached, output_padding: places more at the end

    Shapes: [batch height width channels] -> [batch rows columns filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv2DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(np.array([[[[1.0], [2.0]]]])).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]

    Source: M. Zeiler et al., CVPR 2010
    """

    rank = 2

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, **options)


@registry.register(
    "Convolution3DTranspose", shapes="[batch depth height width channels] -> [batch planes rows columns filters]"
)
class Conv3DTranspose(TransposedConvolution):
    """Each place of a volume spread over neighbouring places of a larger one, by the same weights everywhere.

    Formula: y[n, s·p + d·i, s·q + d·j, s·r + d·k, f] += Σ꜀ x[n, p, q, r, c]·W[i, j, k, f, c], then activation(y + b)

    Symbols: W: kernel [*size filters channels], b: bias, s: strides, d: dilation_rate, padding: "same" gives s times
    as many places, "valid" all that are reached, output_padding: places more at the end

    Shapes: [batch depth height width channels] -> [batch planes rows columns filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv3DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(np.ones((1, 1, 1, 1, 1))).ravel().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    rank = 3

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, **options)
