"""Whole numbers that stand for categories to their places in a vocabulary, and back."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kmagic.base.errors import BadData, BadValue
from kmagic.graph.load import ops
from kmagic.graph.ops.movement import dtype_of
from kmagic.graph.symbol import Symbol
from kmagic.layers import registry
from kmagic.layers.fingerprint import Digits, fingerprint
from kmagic.layers.lookup import Lookup, OovCount, unknown_places
from kmagic.layers.text import as_text, is_text

Array = np.ndarray[Any, Any]


@registry.register(shapes="[batch *d] -> [batch *e]")
class IntegerLookup(Lookup):
    """The place that each whole number has in a vocabulary, which is given or learned; with `invert` the way back.

    Formula: y = place of x in (mask_token, oov_token × num_oov_indices, vocabulary…), from 0

    Symbols: oov: "out of vocabulary", the place of unknown numbers, among several x mod num_oov_indices (or by a hash:
    oov_method, salt); output_mode: int, or one_hot, multi_hot, count as in CategoryEncoding; tf_idf: count·idf_weights

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> IntegerLookup(vocabulary=[12, 36])(np.array([[36, 12], [99, 12]])).tolist()
    [[2, 1], [0, 1]]
    """

    token_kind = int

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: OovCount = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: Literal["int64"] = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: Literal["tf_idf", "tf-idf", "binary", "count", "multi_hot", "one_hot", "int"] = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: Literal["farmhash", "floormod"] = "floormod",
        salt: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self.max_tokens, self.num_oov_indices, self.pad_to_max_tokens = max_tokens, num_oov_indices, pad_to_max_tokens
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, bool(invert)
        self.output_mode, self.oov_method = output_mode, oov_method
        if salt is not None and oov_method != "farmhash":
            raise BadValue("salt", where="IntegerLookup", expected="only with oov_method='farmhash'")
        self._begin(vocabulary, idf_weights, sparse, salt)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the tokens from data, an array or batches of them; what was learned before is forgotten."""
        self._adapt(data, steps)

    def _learned(self) -> None:
        self._sorted = np.array(sorted(self._vocabulary.tokens), "int64")
        places = {token: self._vocabulary.start + number for number, token in enumerate(self._vocabulary.tokens)}
        self._places = np.array([places[token] for token in self._sorted.tolist()], "int64")

    def _tokens(self, data: Any) -> Array:
        array = as_text(data, self.name)
        if is_text(array) or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
            raise BadData(
                "text or gaps among the numbers",
                where=self.name,
                expected="whole numbers",
                fix="kmagic.layers.StringLookup() for text",
            )
        return array.astype("int64")

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, Symbol):
            self._vocabulary.sized()
        numbers = inputs if dtype_of(inputs) == "int64" else ops.cast(inputs, "int64")
        return self._tokens_at(numbers) if self.invert else self.encode(self._places_of(numbers))

    def _tokens_at(self, places: Any) -> Any:
        """The token at each place."""
        tokens = np.array(self._vocabulary.all(), "int64")
        is_inside = ops.logical_and(places >= 0, places < len(tokens))
        found = ops.rows["gather"](tokens, ops.where(is_inside, places, 0), 0)
        return ops.where(is_inside, found, np.int64(-1 if self.oov_token is None else self.oov_token))

    def _places_of(self, numbers: Any) -> Any:
        """The place of each token."""
        found = self._unknown(numbers)
        if self._sorted.size:
            nearest = ops.minimum(ops.searchsorted(self._sorted, numbers), self._sorted.size - 1)
            is_known = ops.equal(ops.rows["gather"](self._sorted, nearest, 0), numbers)
            self._check_known(numbers, is_known)
            found = ops.where(is_known, ops.rows["gather"](self._places, nearest, 0), found)
        if self.mask_token is not None:
            found = ops.where(ops.equal(numbers, np.int64(self.mask_token)), np.int64(self._masked), found)
        return found

    def _unknown(self, numbers: Any) -> Any:
        """The places that the numbers get if they are unknown."""
        count, start = int(self.num_oov_indices), self._vocabulary.oov_start
        if count < 2:
            return ops.full_like(numbers, start if count else -1)
        if self.oov_method == "farmhash":
            return unknown_places(fingerprint(Digits(numbers), self.salt), count, start)
        return ops.mod(numbers, np.int64(count)) + start

    def _check_known(self, numbers: Any, is_known: Any) -> None:
        if self.num_oov_indices == 0 and isinstance(is_known, np.ndarray):
            masked = np.equal(numbers, self.mask_token) if self.mask_token is not None else False
            self._refuse_unknown(np.asarray(numbers)[~(is_known | masked)].tolist())
