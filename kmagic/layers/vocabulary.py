"""Vocabulary: the tokens that a lookup knows, their numbers, how they are learned, and how much each weighs.

Tokens are text or whole numbers. The first numbers belong to the mask token (where numbers are what the layer gives)
and to tokens that are unknown, "out of vocabulary".
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.errors import BadType, BadValue
from kmagic.base.parameters import Bound

Array = np.ndarray[Any, Any]


class Vocabulary:
    """Tokens in order, behind the special ones; `kind` is the Python type of tokens."""

    def __init__(
        self,
        kind: type,
        where: str,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        output_mode: str,
        pad_to_max_tokens: bool,
        invert: bool = False,
    ) -> None:
        if pad_to_max_tokens and max_tokens is None:
            raise BadValue("pad_to_max_tokens without max_tokens", where=where, fix="max_tokens=1000")
        if max_tokens is not None:
            Bound(at_least=2, whole=True).check(max_tokens, name="max_tokens", where=where)
        self.kind, self.where, self.max_tokens = kind, where, max_tokens
        self.mask_token, self.oov_token, self.oov_count = mask_token, oov_token, num_oov_indices
        self.output_mode, self.pads = output_mode, pad_to_max_tokens
        self.reserved = [token for token in (mask_token, oov_token if invert else None) if token is not None]
        self.given: Any = None  # to the constructor, with the weights
        self.given_weights: Any = None
        self.tokens: list[Any] = []
        self.idf_weights: Array | None = None
        self.is_given = False  # by the constructor: then nothing is learned
        self.known_size: int | None = None
        self.forget()

    # ---- places ----

    @property
    def oov_start(self) -> int:
        """The first number of unknown tokens."""
        return int(self.mask_token is not None and self.output_mode == "int")

    @property
    def start(self) -> int:
        """The number of the first token."""
        return self.oov_start + self.oov_count

    @property
    def specials(self) -> list[Any]:
        """The special tokens, in order."""
        return [self.mask_token] * self.oov_start + [self.oov_token] * self.oov_count

    @property
    def size(self) -> int:
        """How many numbers there are, those of special tokens included."""
        return self.start + len(self.tokens)

    @property
    def depth(self) -> int:
        """The length of a vector that has a place for each number."""
        if self.pads:
            assert self.max_tokens is not None
            return self.max_tokens
        return self.sized()

    def sized(self) -> int:
        """The size; an error where no tokens were given or learned, which would make all tokens unknown ones."""
        if self.known_size is None:
            raise BadValue(
                f"no vocabulary, with output_mode={self.output_mode!r}",
                where=self.where,
                expected="you must set the layer's vocabulary before calling it",
                fix="layer.adapt(data), or vocabulary=[…]",
            )
        return self.known_size

    def all(self, special: bool = True) -> list[Any]:
        """The tokens in the order of their numbers."""
        return [*(self.specials if special else []), *self.tokens]

    # ---- given ----

    def set(self, given: Any, idf_weights: Any = None) -> None:
        """Take these tokens: a list or array with or without the special ones in front, or the path of a file."""
        is_weighted = self.output_mode == "tf_idf"
        if is_weighted != (idf_weights is not None):
            raise BadValue(
                "`idf_weights` must be set if output_mode is 'tf_idf', and only then",
                where=self.where,
                expected="a weight for each token",
            )
        listed = self._of_file(given) if isinstance(given, str | os.PathLike) else self._listed(given)
        if not listed:
            raise BadValue("Cannot set an empty vocabulary", where=self.where, expected="at least one token")
        begins_special = listed[: self.start] == self.specials
        tokens = listed[self.start :] if begins_special else listed
        self._check(listed, tokens)
        self._take(tokens)
        if idf_weights is not None:
            self.idf_weights = self._weights(listed, begins_special, idf_weights)

    def _listed(self, given: Any) -> list[Any]:
        values = np.asarray(given, None if self.kind is str else "int64") if not isinstance(given, list) else given
        return [self.token(value) for value in values]

    def token(self, value: Any) -> Any:
        """A token as str or int."""
        if self.kind is str:
            if isinstance(value, bytes):
                return value.decode()
            if not isinstance(value, str):
                raise BadType(f"the vocabulary holds {value!r}", where=self.where, expected="text")
            return str(value)
        return int(value)

    def _of_file(self, path: str | os.PathLike[str]) -> list[Any]:
        if not Path(path).is_file():
            raise BadValue(f"Vocabulary file {path} does not exist", where=self.where, expected="one token a line")
        if self.output_mode == "tf_idf":
            raise BadValue(
                "output_mode `'tf_idf'` does not support loading a vocabulary from file",
                where=self.where,
                expected="a list of tokens, and idf_weights",
            )
        return [self.token(line) for line in Path(path).read_text("utf-8").splitlines()]

    def _check(self, listed: Sequence[Any], tokens: Sequence[Any]) -> None:
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise BadValue(
                f"The passed vocabulary has at least one repeated term: {repeated[:5]}",
                where=self.where,
                expected="each token once",
            )
        for token in self.reserved:
            if token in tokens:
                raise BadValue(
                    f"Found reserved token {token!r} at place {listed.index(token)}",
                    where=self.where,
                    expected=f"tokens without special ones, or with exactly these in front: {self.specials}",
                )
        if self.max_tokens is not None and self.start + len(tokens) > self.max_tokens:
            raise BadValue(
                f"a vocabulary larger than the maximum vocab size: {self.start + len(tokens)} tokens",
                where=self.where,
                expected=f"at most max_tokens={self.max_tokens}, special ones included",
            )

    def _weights(self, listed: Sequence[Any], begins_special: bool, idf_weights: Any) -> Array:
        weights = np.asarray(idf_weights, floatx())
        if weights.shape != (len(listed),):
            raise BadValue(
                f"idf_weights of shape {weights.shape} for {len(listed)} tokens",
                where=self.where,
                expected="`idf_weights` must be the same length as vocabulary",
            )
        return self._padded(weights, 0 if begins_special else self.start)

    def _padded(self, weights: Array, front: int) -> Array:
        """Weights for every place: unknown tokens weigh as much as others on average, places without one nothing."""
        ahead = np.full(front, weights.mean() if front else 0, weights.dtype)
        behind = self.max_tokens - front - len(weights) if self.pads and self.max_tokens is not None else 0
        return np.concatenate([ahead, weights, np.zeros(behind, weights.dtype)])

    def _take(self, tokens: Sequence[Any]) -> None:
        size = self.start + len(tokens)
        is_fixed = self.output_mode != "int" and not self.pads
        if is_fixed and self.known_size is not None and size != self.known_size:
            raise BadValue(
                f"the vocabulary size cannot be changed: {size} tokens after {self.known_size}",
                where=self.where,
                expected="a new layer, or pad_to_max_tokens=True, which leaves places free",
            )
        self.tokens, self.known_size = list(tokens), size

    # ---- learned ----

    def forget(self) -> None:
        """Forget what was counted."""
        self.counts: Counter[Any] = Counter()
        self.in_documents: Counter[Any] = Counter()
        self.documents = 0

    def count(self, rows: Iterable[Sequence[Any]]) -> None:
        """Count the tokens of some rows, each of which is a document; text may come as bytes."""
        if self.is_given:
            raise BadValue(
                "Cannot adapt a layer after setting a static vocabulary via the `vocabulary` argument",
                where=self.where,
                expected="adapt() of a layer that was made without",
            )
        if self.output_mode != "tf_idf":
            self.counts.update(itertools.chain.from_iterable(rows))
            return
        for row in rows:
            self.counts.update(row)
            self.in_documents.update(set(row))
            self.documents += 1

    def learn(self) -> None:
        """Take the tokens that were counted: the most frequent first, among equals the last in sorting order."""
        if not self.is_given and self.counts:
            seen_tokens = {self.token(raw): raw for raw in self.counts}
            for special in (self.mask_token, self.oov_token):
                seen_tokens.pop(special, None)
            # sorting keeps the order of what is equally frequent
            by_count = sorted(
                sorted(seen_tokens, reverse=True), key=lambda t: self.counts[seen_tokens[t]], reverse=True
            )
            most = None if self.max_tokens is None else self.max_tokens - self.start
            tokens = by_count[:most]
            self._take(tokens)
            if self.output_mode == "tf_idf":
                self.idf_weights = self._padded(self._rarities([seen_tokens[token] for token in tokens]), self.start)
            self.forget()
        self.known_size = self.size

    def _rarities(self, raw: Sequence[Any]) -> Array:
        """The weights of tokens that were counted, larger for those in few documents."""
        seen = np.array([self.in_documents[token] for token in raw], "float64")
        weights: Array = np.log(1 + self.documents / (1 + seen)).astype(floatx())
        return weights

    # ---- config ----

    def learned_config(self) -> dict[str, Any]:
        """What makes an equal vocabulary beside the constructor's arguments; nothing where none was learned."""
        if self.is_given or not self.tokens:
            return {}
        weights = None if self.idf_weights is None else self.idf_weights[: self.size].tolist()
        return {"vocabulary": self.all(), "idf_weights": weights, "has_input_vocabulary": False}


class Table:
    """The numbers of tokens; `unknown` is that of others. A new one, so that programs know that they are other ones.

    Not a dictionary among the attributes of a layer, where parts are looked for.
    """

    def __init__(self, numbers: Iterable[tuple[Any, int]], unknown: int) -> None:
        self.numbers = _Numbers(numbers)
        self.numbers.unknown = unknown


class _Numbers(dict[Any, int]):
    """A token that is not there has the number of unknown ones, and is not kept."""

    unknown = 0

    def __missing__(self, token: Any) -> int:
        return self.unknown


def weights_of(vocabulary: Vocabulary) -> Array:
    """The weights of tokens by number."""
    if vocabulary.idf_weights is None:
        raise BadValue(
            "When `output_mode` is 'tf_idf', `idf_weights` must be provided",
            where=vocabulary.where,
            expected="adapt() before the first call",
            fix="layer.adapt(data)",
        )
    return vocabulary.idf_weights
