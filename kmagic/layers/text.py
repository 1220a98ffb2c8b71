"""Layers that take text: `read` makes whole numbers of it before the graph, `encode` goes on in the graph.

Chosen: two halves instead of one `call` that runs outside of the program, because what has no fixed size in memory
(vectors with a place for each word of a vocabulary) is then made for one batch at a time, by the program itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.dtypes import TEXT
from kmagic.base.errors import BadData, BadType
from kmagic.base.trees import leaves, mapped
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.layers.layer import KnownShape, Layer, known, named_axes

Array = np.ndarray[Any, Any]


class TextLayer(Layer):
    """Base class: override `read`, and `encode` and `read_shape` where the numbers are not yet the result."""

    takes_text = True
    encoding = "utf-8"

    # ---- to override ----

    def read(self, inputs: Any) -> Array:
        """The whole numbers (int64) that arrays of text mean."""
        raise NotImplementedError

    def read_shape(self, *shapes: KnownShape) -> KnownShape:
        """The shape of what `read` gives for inputs of these shapes."""
        return shapes[0]

    def encode(self, numbers: Any) -> Any:
        """The output for numbers that were read."""
        return numbers

    @property
    def input_dtype(self) -> str:
        """Text."""
        return TEXT

    # ---- both halves ----

    def call(self, inputs: Any) -> Any:
        if holds_text_symbols(inputs):
            shapes = [known(leaf.shape) for leaf in leaves(inputs)]
            axes = named_axes(self.read_shape(*shapes), f"{self.name}.")
            return self.encode(input_symbol(axes, "int64", self.name))
        return self.encode(self.read(inputs))

    def text_in(self, inputs: Any) -> Any:
        """Text as arrays of str, everything else as it is."""
        return text_in(inputs, self.name, self.encoding)

    def converted(self, inputs: Any) -> Any:
        """As `text_in`."""
        return self.text_in(inputs)


def holds_text_symbols(tree: Any) -> bool:
    """Whether a symbol that stands for text is in a tree."""
    return any(isinstance(leaf, Symbol) and leaf.dtype == TEXT for leaf in leaves(tree))


def text_in(inputs: Any, where: str, encoding: str = "utf-8") -> Any:
    """Text in a tree as arrays of str, everything else as it is."""
    parts = leaves(inputs)
    if isinstance(inputs, dict) or (isinstance(inputs, list | tuple) and parts and hasattr(parts[0], "shape")):
        return mapped(lambda leaf: text_in(leaf, where, encoding), inputs)
    return inputs if isinstance(inputs, Symbol) else as_text(inputs, where, encoding)


def holds_text(tree: Any) -> bool:
    """Whether an array of text, or a symbol that stands for text, is in a tree."""
    return holds_text_symbols(tree) or any(is_text(leaf) for leaf in leaves(tree))


def is_text(array: Any) -> bool:
    """Whether an array holds text, as `as_text` gives it."""
    return isinstance(array, np.ndarray) and array.dtype.kind in "UO"


def as_text(data: Any, where: str, encoding: str = "utf-8") -> Any:
    """An array of str of whatever holds text; numbers stay numbers."""
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise BadData("rows of different lengths", where=where, expected="texts, or rows of one length") from error
    if array.dtype.kind == "S":
        return np.char.decode(array, encoding)
    if array.dtype.kind not in "OT":
        return array
    return np.array([_string(item, where, encoding) for item in array.ravel().tolist()], object).reshape(array.shape)


def _string(item: Any, where: str, encoding: str) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, bytes):
        return item.decode(encoding)
    is_gap = item is None or item != item or type(item).__name__ in ("NAType", "NaTType")
    raise BadData(
        f"{'a gap' if is_gap else repr(item)} among texts",
        where=where,
        expected="text in every row",
        fix="column.fillna('')" if is_gap else "column.astype(str)",
    )


def needs_text(array: Any, where: str) -> Any:
    """The array, if it holds text."""
    if is_text(array) or getattr(array, "size", 1) == 0:
        return array
    raise BadType(
        f"numbers ({array.dtype}) come in",
        where=where,
        expected="text",
        fix="kmagic.layers.IntegerLookup() for whole numbers",
    )


def text_like(symbol: Symbol) -> Symbol:
    """A symbol that stands for text, of the same shape."""
    return input_symbol(symbol.shape, TEXT, "text")
