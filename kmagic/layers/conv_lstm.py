"""Recurrence on sequences of grids, such as the images of a film: long short-term memory whose products are windows."""

from __future__ import annotations

import math
from typing import Any

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.graph.ops.windows.frame import Frame
from kmagic.layers import registry
from kmagic.layers.lstm import LongShortTermCell
from kmagic.layers.recurrent import OfCell
from kmagic.layers.recurrent_cell import Drops, blockwise
from kmagic.layers.spatial import SpatialLayer, refuse_both


class ConvLSTMCell(LongShortTermCell, SpatialLayer):
    """One step of ConvLSTM, on grids of `rank` axes: convolutions in place of LSTM's two products.

    Only that of the inputs has strides, dilation and a padding to choose. That of the state keeps its size.
    """

    def __init__(
        self,
        rank: Count,
        filters: Count,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.rank, self.filters = rank, int(filters)
        self.units = self.filters
        self.data_format = self.format_of(data_format)
        self.gate_axis = -1 if self.data_format == "channels_last" else -1 - rank
        self.kernel_size = self.sizes(kernel_size, "kernel_size")
        self.strides = self.sizes(strides, "strides")
        self.dilation_rate = self.sizes(dilation_rate, "dilation_rate")
        self.padding = self.words(padding.lower(), "padding", "valid", "same")
        refuse_both(self.strides, self.dilation_rate, f"ConvLSTM{rank}D")

    @property
    def output_size(self) -> Any:
        """The axes of the output but for the batch: the grid and the filters, in the order of the data format."""
        return self._grid_with(self._places(), self.filters)

    def _grid_with(self, grid: tuple[int, ...], channels: int) -> tuple[int, ...]:
        return (*grid, channels) if self.data_format == "channels_last" else (channels, *grid)

    def _places(self) -> tuple[int, ...]:
        """The places of windows along each axis of the grid."""
        if self.padding == "same":
            return tuple(math.ceil(size / stride) for size, stride in zip(self.grid, self.strides, strict=True))
        counts: Any = Frame(0, self.kernel_size, self.strides, self.dilation_rate).counts(self.grid)
        return tuple(counts)

    def build(self, input_shape: Any) -> None:
        """Make kernel, recurrent kernel and bias, for a grid of this size."""
        if len(input_shape) != self.rank + 2 or None in input_shape[1:]:
            raise ShapeMismatch(
                f"input of shape {shapes.written(input_shape)} in each step",
                where=self.path,
                expected=f"{self.rank + 2} axes in each step, the batch and {self.rank + 1} of known sizes",
            )
        self.grid = tuple(input_shape[axis] for axis in self.spatial_axes)
        self.channels = self.channels_of(input_shape)
        self.make_weights(self.kernel_size, self.channels)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """States of zeros."""
        return [ops.zeros((batch_size, *self.output_size), dtype=self.compute_dtype) for _ in range(2)]

    def drawn(self, batch: Any, training: bool) -> Drops:
        """What dropout multiplies by, the same in all steps; each gate has noise of its own."""
        if not training:
            return [], []
        seen = self._grid_with(self.grid, self.channels)
        return (
            self.noise(self.dropout, (batch, *seen), self.gates),
            self.noise(self.recurrent_dropout, (batch, *self.output_size), self.gates),
        )

    def project(self, inputs: Any, drops: Drops) -> Any:
        """What depends on the inputs alone, of one step or of many."""
        lead, step = inputs.shape[: -1 - self.rank], inputs.shape[-1 - self.rank :]
        if tuple(step) != self._grid_with(self.grid, self.channels):
            raise ShapeMismatch(
                f"steps of shape {shapes.written(step)}",
                where=self.path,
                expected=f"{shapes.written(self._grid_with(self.grid, self.channels))}, as at the first call",
            )

        def multiply(x: Any, kernel: Any) -> Any:
            rows = ops.reshape(x, (shapes.size(lead), *step))
            found = ops.conv(rows, kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
            return ops.reshape(found, (*lead, *found.shape[1:]))

        product = blockwise(multiply, inputs, self.kernel, drops[0], self.gate_axis)
        if self.bias is None:
            return product
        last = self.data_format == "channels_last"
        return product + (self.bias if last else ops.reshape(self.bias, (-1, *(1,) * self.rank)))

    def recurrent(self, state: Any, drops: Drops, first: int = 0, last: int | None = None) -> Any:
        """The convolution of a state with the recurrent kernel."""

        def multiply(x: Any, kernel: Any) -> Any:
            return ops.conv(x, kernel, 1, "same", self.data_format)

        return blockwise(multiply, state, self.recurrent_kernel, drops[1], self.gate_axis)


_ORDER = """filters kernel_size strides padding data_format dilation_rate activation recurrent_activation use_bias
kernel_initializer recurrent_initializer bias_initializer unit_forget_bias kernel_regularizer recurrent_regularizer
bias_regularizer activity_regularizer kernel_constraint recurrent_constraint bias_constraint dropout recurrent_dropout
seed return_sequences return_state go_backwards stateful"""


@registry.register(shapes="[batch steps length channels] -> [batch places filters]")
class ConvLSTM1D(OfCell, cell=ConvLSTMCell, order=_ORDER, rank=1):
    """Walks along a sequence of lines, such as readings of a row of sensors, with two states that are lines too.

    Formula: i, f, o = s(x[t]∗W + h∗U + b), g = a(x[t]∗W + h∗U + b); c ← f·c + i·g; h ← o·a(c), for each step t

    Symbols: ∗: convolution, of x with strides, padding and dilation_rate, of h such that its size stays; W, U, b:
    weights kernel [size channels 4·filters], recurrent_kernel and bias, in the order i, f, g, o; s:
    recurrent_activation; a: activation; unit_forget_bias: the bias of f starts at 1

    Shapes: [batch steps length channels] -> [batch places filters], or with return_sequences one for each step

    Example:

    >>> import numpy as np
    >>> options = {"activation": "linear", "recurrent_activation": "relu", "kernel_initializer": "ones"}
    >>> layer = ConvLSTM1D(1, 2, **options)
    >>> layer(np.ones((1, 1, 4, 1))).ravel().tolist()
    [8.0, 8.0, 8.0]

    Source: X. Shi et al., NeurIPS 2015
    """


@registry.register(shapes="[batch steps height width channels] -> [batch rows columns filters]")
class ConvLSTM2D(OfCell, cell=ConvLSTMCell, order=_ORDER, rank=2):
    """Walks along a sequence of images, such as a film, with two states that are images too.

    Formula: i, f, o = s(x[t]∗W + h∗U + b), g = a(x[t]∗W + h∗U + b); c ← f·c + i·g; h ← o·a(c), for each step t

    Symbols: ∗: convolution, of x with strides, padding and dilation_rate, of h such that its size stays; W, U, b:
    weights kernel [*size channels 4·filters], recurrent_kernel and bias, in the order i, f, g, o; s:
    recurrent_activation; a: activation; unit_forget_bias: the bias of f starts at 1

    Shapes: [batch steps height width channels] -> [batch rows columns filters], or with return_sequences one for each
    step

    Example:

    >>> import numpy as np
    >>> options = {"activation": "linear", "recurrent_activation": "relu", "kernel_initializer": "ones"}
    >>> layer = ConvLSTM2D(1, 2, **options)
    >>> layer(np.full((1, 1, 2, 3, 1), 0.5)).ravel().tolist()
    [8.0, 8.0]

    Source: X. Shi et al., NeurIPS 2015
    """


@registry.register(shapes="[batch steps depth height width channels] -> [batch planes rows columns filters]")
class ConvLSTM3D(OfCell, cell=ConvLSTMCell, order=_ORDER, rank=3):
    """Walks along a sequence of volumes with two states that are volumes too.

    Formula: i, f, o = s(x[t]∗W + h∗U + b), g = a(x[t]∗W + h∗U + b); c ← f·c + i·g; h ← o·a(c), for each step t

    Symbols: ∗: convolution, of x with strides, padding and dilation_rate, of h such that its size stays; W, U, b:
    weights kernel [*size channels 4·filters], recurrent_kernel and bias, in the order i, f, g, o; s:
    recurrent_activation; a: activation; unit_forget_bias: the bias of f starts at 1

    Shapes: [batch steps depth height width channels] -> [batch planes rows columns filters], or with return_sequences
    one for each step

    Example:

    >>> import numpy as np
    >>> options = {"activation": "linear", "recurrent_activation": "relu", "kernel_initializer": "ones"}
    >>> layer = ConvLSTM3D(1, 2, **options)
    >>> layer(np.full((1, 1, 2, 2, 2, 1), 0.25)).ravel().tolist()
    [8.0]

    Source: X. Shi et al., NeurIPS 2015
    """
