"""What layers over one to three axes between batch and channels share: where those axes are, and sizes for each."""

from __future__ import annotations

from typing import Any

from kmagic.base.config import image_data_format
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.ops.windows.call import chosen, each
from kmagic.layers.layer import Layer, known

_AXES = {1: "steps", 2: "height width", 3: "depth height width"}


class SpatialLayer(Layer):
    """Base of layers with `rank` axes between batch and channels, or behind both where channels come first."""

    rank = 0

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = chosen(
            data_format or image_data_format(), ("channels_last", "channels_first"), "data_format", type(self).__name__
        )

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

    def words(self, value: Any, name: str, *options: str) -> str:
        """One of several words."""
        return chosen(value, options, name, type(self).__name__)

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
