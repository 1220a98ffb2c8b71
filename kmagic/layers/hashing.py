"""Categories put into bins by a hash: nothing is learned, and two of them may share a bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import TEXT, is_integer
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.base.shapes import written
from kmagic.base.trees import leaves
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.symbol import Symbol
from kmagic.layers import registry
from kmagic.layers.category_encoding import encoded, refuse_sparse
from kmagic.layers.fingerprint import Digits, crossed, fingerprint, fingerprints
from kmagic.layers.layer import KnownShape, known
from kmagic.layers.lookup import salt_of
from kmagic.layers.text import TextLayer, holds_text_symbols, is_text, text_in

Array = np.ndarray[Any, Any]


class Hash(TextLayer):
    """Base class of the layers that hash."""

    num_bins: int
    output_mode: str
    input_dtype = "int64"

    def encode(self, numbers: Any) -> Any:
        """The numbers of bins in the output mode."""
        return encoded(numbers, self.output_mode, self.num_bins, self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        if holds_text_symbols(inputs) or any(is_text(leaf) for leaf in leaves(inputs)):
            return super().call(inputs)
        return self.encode(self.bins_of(inputs))

    def read(self, inputs: Any) -> Array:
        """The bin of each text."""
        return np.asarray(self.bins_of(inputs), "int64")

    def bins_of(self, inputs: Any) -> Any:
        """The bin of each text or whole number."""
        raise NotImplementedError


def _dtype_for(mode: str, given: Any) -> Any:
    return given or ("int64" if mode == "int" else floatx())


def hashed(values: Any, key: Sequence[int] | None = None) -> Any:
    """The fingerprint of each text, or of the digits of each whole number."""
    if not is_text(values):
        return fingerprint(Digits(values), key)
    texts = [text.encode() for text in values.ravel().tolist()]
    return fingerprints(texts, key).reshape(values.shape)


@registry.register(shapes="[batch *d] -> [batch *e]")
class Hashing(Hash):
    """The number of the bin that each text or whole number falls into, by a hash of its characters.

    Formula: y = hash(x) mod num_bins; with mask_value: 0 for it, 1 + hash(x) mod (num_bins − 1) for others

    Symbols: hash: FarmHash64, with a salt (one whole number, or two) SipHash64; output_mode: int, or one_hot,
    multi_hot, count as in CategoryEncoding

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> Hashing(num_bins=3)(np.array([["A"], ["B"], ["C"], ["D"], ["E"]])).tolist()
    [[1], [0], [1], [1], [2]]
    """

    def __init__(
        self,
        num_bins: Count,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: Literal["one_hot", "multi_hot", "count", "int"] = "int",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**{**options, "dtype": _dtype_for(output_mode, options.get("dtype"))})
        refuse_sparse(sparse, "Hashing")
        if output_mode == "int" and self.dtype not in ("int32", "int64"):
            raise BadValue(
                f"dtype is {self.dtype}", where="Hashing", expected="'int32' or 'int64' for output_mode='int'"
            )
        self.num_bins, self.mask_value, self.output_mode = int(num_bins), mask_value, output_mode
        self.salt, self.sparse, self.autocast = salt_of(salt, "Hashing"), False, False

    def bins_of(self, inputs: Any) -> Any:
        """The bin of each text or whole number."""
        spares = self.mask_value is not None and self.num_bins > 1
        bins = ops.cast(ops.mod(hashed(inputs, self.salt), np.uint64(self.num_bins - spares)), "int64")
        if not spares:
            return bins
        is_masked = np.equal(inputs, self.mask_value) if is_text(inputs) else ops.equal(inputs, self.mask_value)
        return ops.where(is_masked, np.int64(0), bins + 1)


@registry.register(shapes="[batch *d], [batch *d] -> [batch *e]")
class HashedCrossing(Hash):
    """The bin of two or more categories taken together, texts or whole numbers, by a hash.

    Formula: y = hash(x₁, x₂, …) mod num_bins

    Symbols: hash: FarmHash64 of texts and whole numbers themselves, one after the other; output_mode: int, or one_hot
    as in CategoryEncoding

    Shapes: [batch *d], [batch *d] -> [batch *e]: each of shape (), (batch) or (batch, 1)

    Example:

    >>> import numpy as np
    >>> HashedCrossing(num_bins=5)((np.array(["A", "B", "A"]), np.array([101, 101, 102]))).tolist()
    [1, 4, 3]
    """

    def __init__(
        self,
        num_bins: Count,
        output_mode: Literal["one_hot", "int"] = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, dtype=_dtype_for(output_mode, dtype), **options)
        refuse_sparse(sparse, "HashedCrossing")
        self.num_bins, self.output_mode, self.sparse, self.autocast = int(num_bins), output_mode, False, False

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "trainable"}

    def text_in(self, inputs: Any) -> Any:
        """Text as arrays of str, everything else as it is, if it can be crossed."""
        if not isinstance(inputs, list | tuple) or len(inputs) < 2:
            raise BadValue(
                "one input", where=self.name, expected="HashedCrossing should be called on at least two inputs"
            )
        parts = [text_in(part, self.name) for part in inputs]
        self._check(parts)
        return parts

    def _check(self, parts: Sequence[Any]) -> None:
        shapes = [known(shape_of(part)) for part in parts]
        first = shapes[0]
        if len(first) > 2 or (len(first) == 2 and first[-1] != 1) or any(shape != first for shape in shapes):
            raise ShapeMismatch(
                f"inputs of shapes {', '.join(map(written, shapes))}",
                where=self.name,
                expected="equal shapes: (), (batch) or (batch, 1)",
            )
        for part in parts:
            kind = TEXT if is_text(part) else part.dtype if isinstance(part, Symbol) else dtype_of(part)
            if kind != TEXT and not is_integer(kind):
                raise BadType(
                    f"an input of {kind}",
                    where=self.name,
                    expected="All `HashedCrossing` inputs should have an integer or string dtype",
                    fix="Discretization(num_bins=10) before it",
                )

    def read_shape(self, *shapes: KnownShape) -> KnownShape:
        """The shape of the first input."""
        return shapes[0]

    def bins_of(self, inputs: Any) -> Any:
        """The bin of each pair of texts or whole numbers."""
        parts = [hashed(part) if is_text(part) else ops.cast(ops.cast(part, "int64"), "uint64") for part in inputs]
        return ops.cast(ops.mod(crossed(parts), np.uint64(self.num_bins)), "int64")
