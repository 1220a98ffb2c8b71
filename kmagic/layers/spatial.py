"""What layers over one to three axes between batch and channels share: where those axes are, and sizes for each."""

from __future__ import annotations

from typing import Any

from kmagic.base.config import image_data_format
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.ops.windows.call import chosen, each
from kmagic.layers.layer import Layer, known

_AXES = {1: "steps", 2: "height width", 3: "depth height width"}


class SpatialLayer(Layer):
    """Base of layers with `rank` axes between batch and channels, or behind both where channels come first."""

    rank = 0
    data_format = "channels_last"

    @property
    def channel_axis(self) -> int:
        """Where the channels are."""
        return 1 if self.data_format == "channels_first" else self.rank + 1

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """The axes between batch and channels, or behind both."""
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + self.rank))

    def sizes(self, value: Any, name: str) -> tuple[int, ...]:
        """A size of at least 1 for each axis."""
        return each(value, self.rank, name, type(self).__name__)

    def ends(self, value: Any, name: str) -> tuple[tuple[int, int], ...]:
        """Two sizes for the ends of each axis, from one for all, one for each axis, or all of them."""
        given = (value,) * self.rank if isinstance(value, int) else value
        if isinstance(given, list | tuple) and len(given) == self.rank:
            pairs = [(item, item) if isinstance(item, int) else tuple(item) for item in given]
            if all(len(pair) == 2 and all(isinstance(n, int) and n >= 0 for n in pair) for pair in pairs):
                return tuple(pairs)
        raise BadValue(
            f"{name} is {value!r}",
            where=type(self).__name__,
            expected=f"a whole number of at least 0, or for each of {self.rank} axes one, or one for each end",
        )

    def line_ends(self, value: Any, name: str) -> tuple[int, int]:
        """As `ends`, of the one axis of a sequence: one for both ends, or two."""
        (pair,) = self.ends(value if isinstance(value, int) else (value,), name)
        return pair

    def words(self, value: Any, name: str, *options: str) -> str:
        """One of several words."""
        return chosen(value, options, name, type(self).__name__)

    def format_of(self, given: str | None) -> str:
        """Where channels are, as given or as usual."""
        return self.words(given or image_data_format(), "data_format", "channels_last", "channels_first")

    def everywhere(self, ends: Any) -> list[tuple[int, int]]:
        """Ends of all axes, batch and channels among them, from those of the others."""
        result = [(0, 0)] * (self.rank + 2)
        for axis, pair in zip(self.spatial_axes, ends, strict=True):
            result[axis] = pair
        return result

    def check_rank(self, inputs: Any) -> None:
        """Raise where the input has other axes."""
        if len(ops.shape(inputs)) != self.rank + 2:
            axes = _AXES[self.rank]
            last = self.data_format == "channels_last"
            raise ShapeMismatch(
                f"input of shape {written(known(ops.shape(inputs)))}",
                where=self.path,
                expected=f"[batch {axes} channels]" if last else f"[batch channels {axes}]",
                fix="x[..., None] for images of one channel" if len(ops.shape(inputs)) == self.rank + 1 else None,
            )

    def channels_of(self, shape: Any) -> int:
        """The number of channels of an input shape, which must be known."""
        channels = shape[self.channel_axis] if len(shape) > self.channel_axis else None
        if not isinstance(channels, int):
            raise ShapeMismatch(
                f"input of shape {written(shape)}",
                where=self.path,
                expected=f"{self.rank + 2} axes, the number of channels known",
            )
        return channels


class FormattedLayer(SpatialLayer):
    """Base of spatial layers with a `data_format`: "channels_last" or "channels_first"."""

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = self.format_of(data_format)


def refuse_both(strides: tuple[int, ...], dilation_rate: tuple[int, ...], where: str) -> None:
    """Refuse steps between windows together with gaps inside them."""
    if max(strides) > 1 and max(dilation_rate) > 1:
        raise BadValue(
            f"strides is {strides} and dilation_rate {dilation_rate}", where=where, expected="1 for one of them"
        )
