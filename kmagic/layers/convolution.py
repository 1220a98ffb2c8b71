"""Convolutions: the same weights at every place."""

from __future__ import annotations

from typing import Any

from kmagic import activations, constraints, initializers, regularizers
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.graph.ops.windows.frame import reach
from kmagic.layers import registry
from kmagic.layers.spatial import FormattedLayer, refuse_both


class FilterLayer(FormattedLayer):
    """Base of layers with kernels that slide over the input, a bias for each filter, and an activation."""

    paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        self.kernel_size = self.sizes(kernel_size, "kernel_size")
        self.strides = self.sizes(strides, "strides")
        self.dilation_rate = self.sizes(dilation_rate, "dilation_rate")
        self.padding = self.words(padding, "padding", *self.paddings)
        self.activation = activations.get(activation)
        self.use_bias = use_bias

    def hold(self, prefix: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        """Keep what weights of one kind are made with."""
        setattr(self, f"{prefix}_initializer", initializers.get(initializer))
        setattr(self, f"{prefix}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{prefix}_constraint", constraints.get(constraint))

    def make(self, name: str, shape: Any, prefix: str | None = None) -> Any:
        """A weight, made with what was held under the prefix."""
        initializer, regularizer, constraint = (
            getattr(self, f"{prefix or name}_{part}") for part in ("initializer", "regularizer", "constraint")
        )
        return self.add_weight(shape, initializer, None, True, True, regularizer, constraint, name)

    def make_bias(self, filters: int) -> Any:
        """The bias, if there is to be one."""
        return self.make("bias", (filters,)) if self.use_bias else None

    def finished(self, outputs: Any, bias: Any) -> Any:
        """Outputs with bias and activation."""
        if bias is not None:
            last = self.data_format == "channels_last"
            outputs = outputs + (bias if last else ops.reshape(bias, (-1, *(1,) * self.rank)))
        return outputs if self.activation is None else self.activation(outputs)

    def check(self, inputs: Any, channels: int) -> None:
        """Raise where the input does not fit the weights."""
        self.check_rank(inputs)
        found = inputs.shape[self.channel_axis]
        if found != channels:
            raise ShapeMismatch(f"{found} channels", where=self.path, expected=f"{channels}, as at the first call")


class Convolution(FilterLayer):
    """Base of convolutions: kernel [*size channels/groups filters], bias [filters]."""

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        self.filters, self.groups = int(filters), groups
        if not isinstance(groups, int) or groups < 1 or self.filters % groups:
            raise BadValue(
                f"groups is {groups!r}", where=type(self).__name__, expected=f"a divisor of the {filters} filters"
            )
        refuse_both(self.strides, self.dilation_rate, type(self).__name__)

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias."""
        channels = self.channels_of(input_shape)
        if channels % self.groups:
            raise ShapeMismatch(
                f"{channels} channels in {self.groups} groups", where=self.path, expected="groups of equal size"
            )
        self.kernel = self.make("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self.make_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        self.check(inputs, self.kernel.shape[-2] * self.groups)
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._after_nothing(inputs), "valid"
        outputs = ops.conv(inputs, self.kernel, self.strides, padding, self.data_format, self.dilation_rate)
        return self.finished(outputs, self.bias)

    def _after_nothing(self, inputs: Any) -> Any:
        """The input behind as many zeros as let no window see what comes later."""
        (axis,) = self.spatial_axes
        before = reach(self.kernel_size[0], self.dilation_rate[0]) - 1
        return ops.pad(inputs, [(before, 0) if place == axis else (0, 0) for place in range(3)])


@registry.register("Convolution1D", shapes="[batch steps channels] -> [batch places filters]")
class Conv1D(Convolution):
    """Each output is a weighted sum of neighbouring steps of a sequence, by the same weights everywhere.

    Formula: y[n, t, f] = activation(Σᵢ Σ꜀ x[n, s·t + d·i, c]·W[i, c, f] + b[f])

    Symbols: W: kernel [size channels/groups filters], b: bias, s: strides, d: dilation_rate, padding: "valid", "same"
    (zeros at both ends), or "causal" (zeros in front)

    Shapes: [batch steps channels] -> [batch places filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv1D(1, 2, kernel_initializer="ones")
    >>> layer(np.arange(4.0).reshape(1, 4, 1)).ravel().tolist()
    [1.0, 3.0, 5.0]
    """

    rank = 1
    paddings = ("valid", "same", "causal")

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


@registry.register("Convolution2D", shapes="[batch height width channels] -> [batch rows columns filters]")
class Conv2D(Convolution):
    """Each output is a weighted sum of a patch of an image, by the same weights everywhere.

    Formula: y[n, p, q, f] = activation(Σᵢⱼ Σ꜀ x[n, s·p + d·i, s·q + d·j, c]·W[i, j, c, f] + b[f])

    Symbols: W: kernel [*size channels/groups filters], b: bias, s: strides, d: dilation_rate, padding: "valid", or
    "same" (zeros around)

    Shapes: [batch height width channels] -> [batch rows columns filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv2D(1, 2, kernel_initializer="ones")
    >>> layer(np.arange(9.0).reshape(1, 3, 3, 1))[0, :, :, 0].tolist()
    [[8.0, 12.0], [20.0, 24.0]]

    Source: Y. LeCun et al., Neural Computation 1 (1989)
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


@registry.register("Convolution3D", shapes="[batch depth height width channels] -> [batch planes rows columns filters]")
class Conv3D(Convolution):
    """Each output is a weighted sum of a block of a volume, by the same weights everywhere.

    Formula: y[n, p, q, r, f] = activation(Σᵢⱼₖ Σ꜀ x[n, s·p + d·i, s·q + d·j, s·r + d·k, c]·W[i, j, k, c, f] + b[f])

    Symbols: W: kernel [*size channels/groups filters], b: bias, s: strides, d: dilation_rate, padding: "valid", or
    "same" (zeros around)

    Shapes: [batch depth height width channels] -> [batch planes rows columns filters]

    Example:

    >>> import numpy as np
    >>> layer = Conv3D(1, 2, kernel_initializer="ones")
    >>> layer(np.ones((1, 2, 2, 3, 1))).ravel().tolist()
    [8.0, 8.0]
    """

    rank = 3

    def __init__(
        self,
        filters: Count,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1, 1),
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, **options)
