"""Whole numbers that name categories, as vectors: the layer, and what the layers that find the numbers share."""

from __future__ import annotations

from typing import Any, Literal

from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadValue, Unsupported
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *e num_tokens]")
class CategoryEncoding(Layer):
    """Numbers of categories as vectors: one for each number, or one for each row of numbers.

    Formula: one_hot: y[…, k] = [x = k]; multi_hot: y[b, k] = max_t [x[b, t] = k]; count: y[b, k] = Σ_t w[b, t]·[x[b, t]
    = k]

    Symbols: x: whole numbers from 0 to num_tokens − 1, others count nowhere; w: count_weights, 1 by default

    Shapes: [batch *d] -> [batch *e num_tokens]: one_hot drops a last axis of length 1, the others drop axis t

    Example:

    >>> import numpy as np
    >>> CategoryEncoding(num_tokens=4, output_mode="count")(np.array([[0, 1, 1], [3, 2, 3]])).tolist()
    [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 1.0, 2.0]]
    """

    def __init__(
        self,
        num_tokens: Count | None = None,
        output_mode: Literal["binary", "one_hot", "count", "multi_hot"] = "multi_hot",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        refuse_sparse(sparse, "CategoryEncoding")
        if num_tokens is None:
            raise BadValue(
                "num_tokens must be set to use this layer",
                where="CategoryEncoding",
                expected="the number of categories; IntegerLookup finds it out with adapt()",
                fix="CategoryEncoding(num_tokens=10)",
            )
        self.autocast = False
        self.num_tokens = int(num_tokens)
        self.output_mode = mode_called(output_mode)

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise BadValue(
                f"count_weights with output_mode={self.output_mode!r}",
                where=self.path,
                expected="`count_weights` is not used when `output_mode` is not 'count'",
            )
        weights = None if count_weights is None else ops.cast(count_weights, self.compute_dtype)
        return encoded(whole(inputs), self.output_mode, self.num_tokens, self.compute_dtype, weights)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "sparse"}


def mode_called(name: str) -> str:
    """The output mode under its present name."""
    return {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(name, name)


def refuse_sparse(sparse: bool, where: str) -> None:
    """Raise where sparse results are asked for."""
    if sparse:
        raise Unsupported(
            "sparse=True",
            where=where,
            expected="dense results, of which a program holds one batch at a time",
            fix="sparse=False; or output_mode='int' and an Embedding, where there are many categories",
        )


def whole(numbers: Any) -> Any:
    """Numbers as whole ones."""
    kind = dtype_of(numbers)
    return ops.cast(numbers, "int64") if is_float(kind) or kind == "bool" else ops.convert_to_tensor(numbers)


def encoded(indices: Any, mode: str, depth: int, dtype: str, weights: Any = None) -> Any:
    """Whole numbers in an output mode; those outside of 0 … depth − 1 count nowhere."""
    if mode == "int":
        return ops.cast(indices, dtype)
    if len(shape_of(indices)) == 0:
        indices = ops.expand_dims(indices, -1)
    shape = shape_of(indices)
    if mode == "one_hot":
        return ops.one_hot(ops.squeeze(indices, -1) if len(shape) > 1 and shape[-1] == 1 else indices, depth, -1, dtype)
    if len(shape) > 2:  # as in Keras the second axis is the one of a row
        one_hot = ops.one_hot(indices, depth, -1, dtype)
        if weights is not None:
            one_hot = one_hot * ops.expand_dims(weights, -1)
        return ops.max(one_hot, 1) if mode == "multi_hot" else ops.sum(one_hot, 1)
    rows = indices if len(shape) == 2 else ops.expand_dims(indices, 0)
    counts = _counts(rows, depth, dtype, weights)
    counts = counts if len(shape) == 2 else ops.squeeze(counts, 0)
    return ops.cast(counts > 0, dtype) if mode == "multi_hot" else counts


def _counts(rows: Any, depth: int, dtype: str, weights: Any) -> Any:
    """How often each row holds each number; no memory is taken for numbers times rows times depth."""
    count = shape_of(rows)[0]
    is_inside = ops.logical_and(rows >= 0, rows < depth)
    places = ops.cast(ops.where(is_inside, rows, 0), "int64")
    places = places + ops.expand_dims(ops.arange(count, dtype="int64"), 1) * depth
    each = ops.cast(is_inside, dtype)
    if weights is not None:
        each = each * ops.reshape(weights, shape_of(rows))
    return ops.reshape(ops.segment_sum(ops.ravel(each), ops.ravel(places), count * depth), (count, depth))
