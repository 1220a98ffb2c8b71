"""Attention with several heads, each with projections of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic import constraints, initializers, regularizers
from kmagic.base.errors import BadValue, Unsupported
from kmagic.base.parameters import Count, Fraction
from kmagic.base.parts import plain
from kmagic.base.trees import leaves
from kmagic.graph.load import ops
from kmagic.graph.masks import drop_mask, without_mask
from kmagic.graph.ops.movement import listed
from kmagic.layers import registry
from kmagic.layers.activation import Softmax
from kmagic.layers.attention import causal_mask
from kmagic.layers.connection import is_connecting
from kmagic.layers.einsum_dense import EinsumDense
from kmagic.layers.layer import Layer, known
from kmagic.layers.regularization import Dropout
from kmagic.layers.wrapper import build_inside

_LETTERS = "abcdefg"


class HeadedAttention(Layer):
    """Base of attention with heads: projections, masks, and what is made of them."""

    supports_masking = True

    def __init__(
        self,
        dropout: Fraction = 0.0,
        use_bias: bool = True,
        sliding_window: Count | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if flash_attention:
            raise Unsupported("flash_attention=True", where=self.name, fix="flash_attention=None")
        self.dropout, self.use_bias, self.sliding_window = dropout, use_bias, sliding_window
        self.flash_attention, self.use_gate, self.seed = flash_attention, use_gate, seed
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        # that of every projection, and not of the output once more
        self._activity = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._others: tuple[Any, Any] | None = None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = {name: value for name, value in super().get_config().items() if name != "flash_attention"}
        return {**config, "activity_regularizer": plain(self._activity)}

    def compute_output_shape(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> Any:
        """The shape of the output for a query, a value and a key of these shapes."""
        return (*query_shape[:-1], *self._width(query_shape))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # the query too may be given by name
        return super().__call__(*(args or (kwargs.pop("query"),)), **kwargs)

    def _outputs(self, inputs: Any, value: Any = None, key: Any = None, *args: Any, **kwargs: Any) -> Any:
        # the weights are made for all three
        value = inputs if value is None else value
        self._others = known(value.shape), known((value if key is None else key).shape)
        return super()._outputs(inputs, value, key, *args, **kwargs)

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        """Make the projections of query, key and value, and of what comes out."""
        if value_shape is None:
            value_shape, key_shape = self._others or (query_shape, query_shape)
        key_shape = value_shape if key_shape is None else key_shape
        rank = len(query_shape)
        sizes = self._sizes()
        self._query_dense = self._projection("query", query_shape, sizes["query"])
        self._key_dense = self._projection("key", key_shape, sizes["key"])
        if self.use_gate:
            gate = (sizes["query"][0], sizes["value"][1])
            self._gate_dense = self._projection("gate", query_shape, gate, activation="sigmoid")
        self._value_dense = self._projection("value", value_shape, sizes["value"])
        heads = (sizes["query"][0], sizes["value"][1])
        self._output_dense = self._merging((*query_shape[:-1], *heads), self._width(query_shape))
        axes = getattr(self, "attention_axes", None)
        self._axes = tuple(range(1, rank - 1)) if axes is None else tuple(place % rank for place in listed(axes))
        self._softmax = Softmax(axis=tuple(range(-len(self._axes), 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def _sizes(self) -> dict[str, tuple[int, int]]:
        """Heads and their width, of query, key and value."""
        raise NotImplementedError

    def _width(self, query_shape: Any) -> Sequence[int]:
        """The axes that each position of the output has."""
        return query_shape[-1:]

    def _dense(self, name: str, equation: str, shape: Any, output: Any, axes: str, **options: Any) -> EinsumDense:
        start = (self.kernel_initializer, self.bias_initializer)
        layer = EinsumDense(
            equation,
            output,
            bias_axes=axes if self.use_bias else None,
            kernel_initializer=type(start[0]).from_config(start[0].get_config()),
            bias_initializer=type(start[1]).from_config(start[1].get_config()),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            kernel_constraint=self.kernel_constraint,
            activity_regularizer=self._activity,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
            **options,
        )
        build_inside(layer, shape)
        return layer

    def _projection(self, name: str, shape: Any, size: tuple[int, int], **options: Any) -> EinsumDense:
        """From features to heads: [batch *t features] -> [batch *t heads width]."""
        lead = _LETTERS[: len(shape) - 1]
        return self._dense(name, f"{lead}m,mnh->{lead}nh", shape, (*shape[1:-1], *size), "nh", **options)

    def _merging(self, shape: Any, width: Sequence[int]) -> EinsumDense:
        """From heads to what comes out: [batch *t heads width] -> [batch *t *output]."""
        lead, out = _LETTERS[: len(shape) - 2], "opqrs"[: len(width)]
        return self._dense("attention_output", f"{lead}nh,nh{out}->{lead}{out}", shape, (*shape[1:-2], *width), out)

    def call(
        self,
        query: Any,
        value: Any = None,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        masks = (query_mask, value_mask, key_mask)
        key = value if key is None else key
        query, value, key = (ops.cast(without_mask(x), self.compute_dtype) for x in (query, value, key))
        mask = self._joined(query, value, masks, attention_mask, use_causal_mask)
        projected = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        found, scores = self._attended(*projected, mask, training, return_attention_scores)
        if self.use_gate:
            found = found * self._gate_dense(query)
        output = self._output_dense(found)
        return (output, scores) if return_attention_scores else output

    def _joined(self, query: Any, value: Any, masks: Sequence[Any], mask: Any, use_causal_mask: bool) -> Any:
        """All masks as one, true where a query may see a value; None where nothing is hidden."""
        steps, seen = query.shape[1], value.shape[1]
        given = [
            None if own is None else ops.expand_dims(ops.cast(own, "bool"), place)
            for own, place in zip(masks, (-1, -2, -2), strict=True)
        ]
        if use_causal_mask:
            given.append(causal_mask(steps, seen))
        if self.sliding_window is not None:
            apart = ops.expand_dims(ops.arange(steps), 1) - ops.expand_dims(ops.arange(seen), 0)
            given.append(ops.expand_dims(ops.less(ops.absolute(apart), self.sliding_window), 0))
        found = None if mask is None else ops.cast(ops.convert_to_tensor(mask), "bool")
        for own in given:
            if own is not None:
                found = own if found is None else ops.logical_and(found, own)
        return found

    def _attended(self, query: Any, key: Any, value: Any, mask: Any, training: bool, wants_scores: bool) -> Any:
        """What each head makes of projected query, key and value, and the shares if they are wanted."""
        width = query.shape[-1]
        if mask is not None:
            for _ in range(len(query.shape) - 1 + len(self._axes) - len(mask.shape)):
                mask = ops.expand_dims(mask, -2 * len(self._axes) - 1)
        plain = not self.dropout and not wants_scores and len(query.shape) == 4 and value.shape[-1] == width
        if plain:
            return ops.dot_product_attention(query, key, value, mask=mask, scale=width**-0.5), None
        key, value = (_repeated(x, query.shape[-2]) for x in (key, value))
        lead = _LETTERS[: len(query.shape) - 2]
        seen = "".join(letter.upper() if place in self._axes else letter for place, letter in enumerate(lead))
        apart = "".join(letter for place, letter in enumerate(lead) if place not in self._axes)
        pairs = "".join(letters[place] for letters in (lead, seen) for place in self._axes)
        scores = ops.einsum(f"{seen}nh,{lead}nh->{apart}n{pairs}", key, query * width**-0.5)
        shares = self._softmax(scores, mask=mask)
        drawn = self._dropout_layer(shares, training=training) if self.dropout else shares
        return ops.einsum(f"{apart}n{pairs},{seen}nh->{lead}nh", drawn, value), shares


def _repeated(x: Any, heads: int) -> Any:
    """Keys or values for each head of the query."""
    times = heads // x.shape[-2]
    return x if times == 1 else ops.repeat(x, times, axis=-2)


@registry.register(shapes="[batch *t d] -> [batch *t d]")
class MultiHeadAttention(HeadedAttention):
    """Several heads, each of which mixes its own projection of the values by how well queries fit keys.

    Called on a query, a value (by default the query) and a key (by default the value). Masks that these carry,
    `attention_mask`, `use_causal_mask` and `sliding_window` hide values from queries. As Keras's it takes the masks off
    query, value and key, so that what is called on these later finds none; its output carries that of the query.

    Formula: y = Σ over heads of softmax(q·kᵀ / √key_dim)·v·W_o + b_o; q = x·W_q + b_q, k and v likewise

    Symbols: W, b: kernels and biases of query, key, value and attention_output; use_gate: each head times
    sigmoid(x·W_g + b_g)

    Shapes: [batch *t d], [batch *s e] -> [batch *t d], or with output_shape [batch *t *output_shape]

    Example:

    >>> import numpy as np
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=3)
    >>> layer(np.zeros((1, 4, 5)), np.zeros((1, 6, 7))).shape
    (1, 4, 5)

    Source: A. Vaswani et al., NeurIPS 2017
    """

    drops_masks = True

    def __init__(
        self,
        num_heads: Count,
        key_dim: Count,
        value_dim: Count | None = None,
        dropout: Fraction = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: Count | None = None,
        flash_attention: bool | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            dropout=dropout,
            use_bias=use_bias,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            **options,
        )
        self.num_heads, self.key_dim = int(num_heads), int(key_dim)
        self.value_dim = self.key_dim if value_dim is None else int(value_dim)
        self.attention_axes = None if attention_axes is None else tuple(listed(attention_axes))
        self._output_axes = None if output_shape is None else tuple(listed(output_shape))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        found = super().__call__(*args, **kwargs)
        if not is_connecting((args, kwargs)):
            for taken in leaves((args, kwargs)):
                drop_mask(taken)
        return found

    def _sizes(self) -> dict[str, tuple[int, int]]:
        key = (self.num_heads, self.key_dim)
        return {"query": key, "key": key, "value": (self.num_heads, self.value_dim)}

    def _width(self, query_shape: Any) -> Sequence[int]:
        return self._output_axes or query_shape[-1:]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; `output_shape` is also the name of what came out."""
        return {**super().get_config(), "output_shape": None if self._output_axes is None else list(self._output_axes)}


@registry.register("GroupQueryAttention", shapes="[batch t d] -> [batch t d]")
class GroupedQueryAttention(HeadedAttention):
    """Attention whose query has more heads than key and value: groups of heads share these.

    Formula: y = Σ over heads of softmax(q·kᵀ / √head_dim)·v·W_o + b_o, k and v those of the head's group

    Symbols: q, k, v: projections of query, key and value; W_o, b_o: kernel and bias of attention_output

    Shapes: [batch t d], [batch s e] -> [batch t d]

    Example:

    >>> import numpy as np
    >>> layer = GroupedQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
    >>> layer(np.zeros((1, 4, 5)), np.zeros((1, 6, 7))).shape
    (1, 4, 5)

    Source: J. Ainslie et al., EMNLP 2023
    """

    def __init__(self, head_dim: Count, num_query_heads: int, num_key_value_heads: int, **options: Any) -> None:
        super().__init__(**options)
        self.activity_regularizer = self._activity  # here that of the output too
        heads = (num_query_heads, num_key_value_heads)
        if not all(isinstance(number, int) and number > 0 for number in heads) or heads[0] % heads[1]:
            raise BadValue(
                f"num_query_heads is {num_query_heads!r} and num_key_value_heads {num_key_value_heads!r}",
                where=self.name,
                expected="whole numbers, the first divisible by the second",
            )
        self.head_dim = int(head_dim)
        self.num_query_heads, self.num_key_value_heads = int(num_query_heads), int(num_key_value_heads)

    def _sizes(self) -> dict[str, tuple[int, int]]:
        shared = (self.num_key_value_heads, self.head_dim)
        return {"query": (self.num_query_heads, self.head_dim), "key": shared, "value": shared}
