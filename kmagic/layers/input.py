"""Where data enter a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.dtypes import TEXT, of_data
from kmagic.base.errors import BadValue
from kmagic.graph.symbol import Symbol
from kmagic.layers import registry
from kmagic.layers.connection import Call, symbol_of_call
from kmagic.layers.layer import Layer, named_axes


@registry.register()
class InputLayer(Layer):
    """Says what shape and dtype come in (dtype="string" for text); computes nothing.

    Formula: y = x

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> InputLayer(shape=(3,)).batch_shape
    (None, 3)
    """

    takes_text = True

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        self._kind = of_data(dtype)
        super().__init__(name=name, dtype=None if self._kind == TEXT else self._kind)
        if (shape is None) == (batch_shape is None):
            raise BadValue("one of shape and batch_shape is needed", where="Input", fix="Input(shape=(100,))")
        axes = (shape,) if isinstance(shape, int) else tuple(shape or ())
        self.batch_shape = tuple(batch_shape) if batch_shape is not None else (batch_size, *axes)
        if any(axis is not None and (not isinstance(axis, int) or axis < 1) for axis in self.batch_shape):
            raise BadValue(
                f"shape is {self.batch_shape[1:]}", where="Input", expected="whole numbers of at least 1, or None"
            )
        self.built = True
        self.output_shape = self.batch_shape
        call = Call(self)
        # an unknown axis of one input says nothing about that of another
        call.outputs = symbol_of_call(named_axes(self.batch_shape, f"{self.name}."), self.dtype, call)
        self._own_calls.append(call)

    @property
    def dtype(self) -> str:
        """What comes in; the layers that take it cast it."""
        return self._kind

    compute_dtype = dtype

    @property
    def input(self) -> Any:
        """The symbol that stands for the data."""
        return self.output

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {"batch_shape": list(self.batch_shape), "dtype": self.dtype, "name": self.name}


def Input(
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
) -> Symbol:
    """A symbol that stands for data of this shape, the batch axis not counted.

    >>> Input(shape=(3,))
    <symbol placeholder f32[batch 3]>
    """
    return InputLayer(shape, batch_size, dtype, batch_shape, name).output


registry.export("Input", Input)
