"""Layers that give vectors for whole numbers."""

from __future__ import annotations

import warnings
from typing import Any

from kmagic import constraints, initializers, regularizers
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadData
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *d n]")
class Embedding(Layer):
    """A vector to learn for each whole number from 0 to input_dim − 1, such as the words of a text.

    Formula: y[b, …, :] = E[x[b, …], :]

    Symbols: E: weight embeddings [input_dim output_dim]; mask_zero: number 0 stands for padding, and is masked

    Shapes: [batch *d] -> [batch *d n], n = output_dim

    Example:

    >>> import numpy as np
    >>> layer = Embedding(3, 2, weights=np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]))
    >>> layer(np.array([[2, 1]])).tolist()
    [[[3.0, 4.0], [1.0, 2.0]]]

    Source: Y. Bengio et al., JMLR 3 (2003)
    """

    def __init__(
        self,
        input_dim: Count,
        output_dim: Count,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **options: Any,
    ) -> None:
        if input_length is not None:
            warnings.warn("Embedding does not need input_length any more", stacklevel=3)
        super().__init__(**options)
        self.autocast = False
        self.input_dim, self.output_dim = int(input_dim), int(output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = self.supports_masking = bool(mask_zero)
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Make the table of vectors."""
        if self.built:
            return
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            autocast=False,  # a few rows are cast, not the whole table
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        try:
            return ops.cast(ops.rows["gather"](self.embeddings, _whole(inputs), 0), self.compute_dtype)
        except BadData as error:
            raise BadData(error.found, where=self.path, expected=error.expected) from None

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where the number is not 0, if 0 stands for padding."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; the vectors are weights, and kept with these."""
        return {name: value for name, value in super().get_config().items() if name not in ("weights", "input_length")}


def _whole(numbers: Any) -> Any:
    """Numbers as the whole ones that a gather takes."""
    kind = str(numbers.dtype)
    return ops.cast(numbers, "int32") if is_float(kind) or kind == "bool" else numbers
