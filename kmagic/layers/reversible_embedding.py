"""An embedding that also goes back, from vectors to scores of the numbers."""

from __future__ import annotations

from typing import Any

from kmagic.base.dtypes import standard
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Count, Positive
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.masks import with_mask
from kmagic.layers import registry
from kmagic.layers.embedding import Embedding
from kmagic.layers.layer import known


@registry.register(shapes="[batch *d] -> [batch *d n]")
class ReversibleEmbedding(Embedding):
    """An embedding that also goes back: called with `reverse=True` it gives each number's score for a vector.

    Formula: y[b, …, :] = E[x[b, …], :]; in reverse y = x·Eᵀ, or x·R; with logit_soft_cap c then c·tanh(y / c)

    Symbols: E: weight embeddings [input_dim output_dim]; R: weight reverse_embeddings [output_dim input_dim], without
    tie_weights; reverse_dtype: the dtype of the way back; mask_zero: number 0 stands for padding, and is masked

    Shapes: [batch *d] -> [batch *d n], n = output_dim; in reverse [batch *d n] -> [batch *d m], m = input_dim

    Example:

    >>> import numpy as np
    >>> layer = ReversibleEmbedding(3, 2, weights=np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]))
    >>> layer(np.array([[2, 1]])).tolist()
    [[[3.0, 4.0], [1.0, 2.0]]]
    >>> layer(np.array([[1.0, 1.0]]), reverse=True).tolist()
    [[0.0, 3.0, 7.0]]

    Source: O. Press and L. Wolf, EACL 2017
    """

    def __init__(
        self,
        input_dim: Count,
        output_dim: Count,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: str | None = None,
        logit_soft_cap: Positive | None = None,
        **options: Any,
    ) -> None:
        # set first: weights that are given are made at once
        self.tie_weights = bool(tie_weights)
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **options,
        )
        self.reverse_dtype = None if reverse_dtype is None else standard(reverse_dtype)
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        """Make the table of vectors, and that of the way back where it is another one."""
        if self.built:
            return
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim), self.embeddings_initializer, name="reverse_embeddings"
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            return with_mask(super().call(inputs), super().compute_mask(inputs))
        if inputs.shape[-1] != self.output_dim:
            raise ShapeMismatch(
                f"vectors of shape {written(known(inputs.shape))}",
                where=self.path,
                expected=f"[batch *d {self.output_dim}] with reverse=True",
            )
        kernel = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            inputs, kernel = ops.cast(inputs, self.reverse_dtype), ops.cast(kernel, self.reverse_dtype)
        scores = ops.matmul(inputs, kernel)
        cap = self.logit_soft_cap
        return scores if cap is None else ops.tanh(scores / cap) * cap

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """None: `call` knows which way it went, and attaches the mask itself."""
        return None
