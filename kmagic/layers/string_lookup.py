"""Words to numbers, and numbers to words."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from kmagic.graph.symbol import Symbol
from kmagic.layers import registry
from kmagic.layers.fingerprint import fingerprints
from kmagic.layers.lookup import Lookup, OovCount, unknown_places
from kmagic.layers.text import as_text, needs_text, text_like
from kmagic.layers.vocabulary import Table

Array = np.ndarray[Any, Any]

_UNKNOWN = -2  # not yet a number


@registry.register(shapes="[batch *d] -> [batch *e]")
class StringLookup(Lookup):
    """The number that each text has in a vocabulary, which is given or learned; with `invert` the text of each number.

    Formula: y = place of x in (mask_token, oov_token × num_oov_indices, vocabulary…), from 0

    Symbols: oov: "out of vocabulary", the place of unknown texts, chosen by a hash among several; output_mode: int, or
    one_hot, multi_hot, count as in CategoryEncoding; tf_idf: count·idf_weights, when learned log(1 + documents / (1 +
    documents with the token))

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> StringLookup(vocabulary=["red", "green"])(np.array([["green", "red"], ["blue", "red"]])).tolist()
    [[2, 1], [0, 1]]
    """

    _not_arguments = ("oov_method", "vocabulary_dtype")

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: OovCount = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: Literal["tf_idf", "tf-idf", "binary", "count", "multi_hot", "one_hot", "int"] = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self.max_tokens, self.num_oov_indices, self.pad_to_max_tokens = max_tokens, num_oov_indices, pad_to_max_tokens
        self.mask_token, self.oov_token, self.invert, self.encoding = mask_token, oov_token, bool(invert), encoding
        self.output_mode = output_mode
        self._begin(vocabulary, idf_weights, sparse, salt)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the tokens from data, an array or batches of them; what was learned before is forgotten."""
        self._adapt(data, steps)

    def _learned(self) -> None:
        numbers = range(self._vocabulary.start, self._vocabulary.size)
        unknown = self._vocabulary.oov_start if self.num_oov_indices == 1 else _UNKNOWN
        self._table = Table(zip(self._vocabulary.tokens, numbers, strict=True), unknown)
        if self.mask_token is not None:
            self._table.numbers[self.mask_token] = self._masked

    def _tokens(self, data: Any) -> Any:
        return needs_text(as_text(data, self.name, self.encoding), self.name)

    def read(self, inputs: Any) -> Array:
        """The number of each text."""
        self._vocabulary.sized()
        array = needs_text(inputs, self.name)
        return self.numbers_of(array.ravel().tolist()).reshape(array.shape)

    def numbers_of(self, tokens: list[str]) -> Array:
        """The number of each token of a list."""
        found = np.fromiter(map(self._table.numbers.__getitem__, tokens), "int64", len(tokens))
        if self.num_oov_indices != 1 and (missing := np.flatnonzero(found == _UNKNOWN)).size:
            unknown, which = np.unique(np.array([tokens[place] for place in missing], object), return_inverse=True)
            self._refuse_unknown(unknown.tolist())
            hashes = fingerprints([token.encode(self.encoding) for token in unknown], self.salt)
            found[missing] = unknown_places(hashes, int(self.num_oov_indices), self._vocabulary.oov_start)[which]
        return found

    def call(self, inputs: Any) -> Any:
        if not self.invert:
            return super().call(inputs)
        if isinstance(inputs, Symbol):
            return text_like(inputs)
        self._vocabulary.sized()
        names = dict(enumerate(self._vocabulary.all()))
        words = [names.get(number, self.oov_token) for number in np.asarray(inputs).ravel().tolist()]
        return np.array(words).reshape(np.shape(inputs))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the tokens that it has learned."""
        return {**super().get_config(), "oov_method": "floormod"}
