"""Attention of one sequence to another, with nothing to learn but how sharp it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from kmagic.base import shapes
from kmagic.base.errors import BadType
from kmagic.base.parameters import Fraction
from kmagic.graph.draw import dropout
from kmagic.graph.load import ops
from kmagic.graph.seed import SeedGenerator
from kmagic.graph.variable import Variable
from kmagic.layers import registry
from kmagic.layers.layer import Layer
from kmagic.layers.randomness import generator_of

# far below any score, and within float16
_FAR_BELOW = {"float16": 65504.0}


class ScoredAttention(Layer):
    """Base of layers that are called on [query, value] or [query, value, key] and give mixtures of the values."""

    supports_masking = True

    def __init__(self, dropout: Fraction = 0.0, seed: int | SeedGenerator | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.dropout, self.seed = dropout, seed
        self.seed_generator = generator_of(self, seed, "attention dropout") if dropout else None
        self.scale: Variable | None = None

    def scores(self, query: Any, key: Any) -> Any:
        """How well each key fits each query: [batch t d], [batch s d] -> [batch t s]."""
        raise NotImplementedError

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, key = self._three(inputs)
        query_mask, value_mask = self._three(mask)[:2] if mask is not None else (None, None)
        scores = self.scores(query, key)
        counts = self._counts(scores, value_mask, use_causal_mask)
        if counts is not None:
            scores = ops.where(counts, scores, scores - _FAR_BELOW.get(str(scores.dtype), 1e9))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout:
            weights = dropout(weights, self.dropout, seed=self.seed_generator)
        found = ops.matmul(weights, value)
        if query_mask is not None:
            found = ops.where(ops.expand_dims(ops.cast(query_mask, "bool"), -1), found, 0)
        return (found, weights) if return_attention_scores else found

    def _three(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Query, value and key, which is the value where it is not given; the same of their masks."""
        if not isinstance(inputs, list | tuple) or len(inputs) not in (2, 3):
            raise BadType(
                f"called on {_described(inputs)}", where=self.path, expected="[query, value] or [query, value, key]"
            )
        return inputs[0], inputs[1], inputs[2] if len(inputs) == 3 else inputs[1]

    def _counts(self, scores: Any, value_mask: Any, use_causal_mask: bool) -> Any:
        """Which values each query may see; None for all."""
        counts = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if not use_causal_mask:
            return counts
        earlier = causal_mask(scores.shape[-2], scores.shape[-1])
        return earlier if counts is None else ops.logical_and(counts, earlier)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the query."""
        return [previous_mask[0] if isinstance(previous_mask, list | tuple) else None, None]


def causal_mask(steps: Any, seen: Any) -> Any:
    """True where what is seen is not later: [1 steps seen]."""
    return ops.expand_dims(
        ops.greater_equal(ops.expand_dims(ops.arange(steps), 1), ops.expand_dims(ops.arange(seen), 0)), 0
    )


def _described(inputs: Any) -> str:
    if isinstance(inputs, list | tuple):
        return f"{len(inputs)} inputs"
    return f"one array {shapes.written(inputs.shape)}" if hasattr(inputs, "shape") else repr(inputs)


@registry.register(shapes="[batch t d], [batch s d] -> [batch t d]")
class Attention(ScoredAttention):
    """Each query gets a mixture of the values, more of those whose keys are like it; keys are the values by default.

    Formula: y = softmax(s)·v; s = g·q·kᵀ, or with score_mode concat s = w·Σ tanh(g·(q + k))

    Symbols: q, v, k: query, value and key; g: weight scale, 1 unless use_scale; w: weight concat_score_weight

    Shapes: [batch t d], [batch s d] -> [batch t d]

    Example:

    >>> import numpy as np
    >>> query, value = np.zeros((1, 1, 2)), np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> Attention()([query, value]).tolist()
    [[[2.0, 3.0]]]

    Source: M. Luong, H. Pham and C. Manning, EMNLP 2015
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: Literal["dot", "concat"] = "dot",
        dropout: Fraction = 0.0,
        seed: int | SeedGenerator | None = None,
        **options: Any,
    ) -> None:
        super().__init__(dropout=dropout, seed=seed, **options)
        self.use_scale, self.score_mode = use_scale, score_mode

    def build(self, input_shape: Any) -> None:
        """Make the weights of the score."""
        self._three(input_shape)
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def scores(self, query: Any, key: Any) -> Any:
        """How well each key fits each query: [batch t d], [batch s d] -> [batch t s]."""
        if self.score_mode == "dot":
            found = ops.matmul(query, ops.swapaxes(key, -1, -2))
            return found if self.scale is None else found * self.scale
        both = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        return self.concat_score_weight * ops.sum(ops.tanh(both if self.scale is None else self.scale * both), axis=-1)


@registry.register(shapes="[batch t d], [batch s d] -> [batch t d]")
class AdditiveAttention(ScoredAttention):
    """Each query gets a mixture of the values, by a score that is a weighted sum over features.

    Formula: y = softmax(s)·v; s = Σ g·tanh(q + k)

    Symbols: q, v, k: query, value and key, by default the value; g: weight scale [d], 1 unless use_scale

    Shapes: [batch t d], [batch s d] -> [batch t d]

    Example:

    >>> import numpy as np
    >>> query, value = np.zeros((1, 1, 2)), np.array([[[1.0, 2.0], [1.0, 2.0]]])
    >>> AdditiveAttention()([query, value]).tolist()
    [[[1.0, 2.0]]]

    Source: D. Bahdanau, K. Cho and Y. Bengio, ICLR 2015
    """

    def __init__(self, use_scale: bool = True, dropout: Fraction = 0.0, **options: Any) -> None:
        super().__init__(dropout=dropout, **options)
        self.use_scale = use_scale

    def build(self, input_shape: Any) -> None:
        """Make the weight of the score."""
        if self.use_scale:
            size: Sequence[Any] = (self._three(input_shape)[0][-1],)
            self.scale = self.add_weight(size, "glorot_uniform", name="scale")

    def scores(self, query: Any, key: Any) -> Any:
        """How well each key fits each query: [batch t d], [batch s d] -> [batch t s]."""
        each = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
        return ops.sum(each if self.scale is None else self.scale * each, axis=-1)
