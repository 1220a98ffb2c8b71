"""Sentences to numbers of words."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import numpy as np

from kmagic.base.errors import BadType, BadValue, ShapeMismatch, UnknownName, Unsupported
from kmagic.base.shapes import written
from kmagic.layers import registry
from kmagic.layers.layer import KnownShape
from kmagic.layers.lookup import Lookup
from kmagic.layers.text import as_text, needs_text
from kmagic.layers.vocabulary import Table

Array = np.ndarray[Any, Any]
Tokens = list[list[Any]]

STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
_PUNCTUATION = string.punctuation.encode()


@registry.register(shapes="[batch *d] -> [batch *e]")
class TextVectorization(Lookup):
    """The numbers of the words of each text, in order and padded with 0, or one vector a text that tells its words.

    Formula: y[b, t] = place of word t of text b in ("", "[UNK]", vocabulary…), from 0; 0 behind the last word

    Symbols: words: the text standardized (ASCII letters lowered, punctuation stripped, or by a function of an array of
    str), split (at white space, into characters, by a function, or not at all), and with ngrams also joined with their
    successors; vocabulary: given or learned by adapt(); output_mode: as of StringLookup, where unknown words come first
    and padding counts nowhere; output_sequence_length: every text gets so many numbers

    Shapes: [batch *d] -> [batch *e], d is nothing or 1: one text a row

    Example:

    >>> import numpy as np
    >>> layer = TextVectorization(vocabulary=["red", "green"])
    >>> layer(np.array(["Red, green!", "blue"])).tolist()
    [[2, 3], [1, 0]]
    """

    num_oov_indices, mask_token, oov_token, invert = 1, "", "[UNK]", False

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: Literal["tf_idf", "tf-idf", "binary", "count", "one_hot", "multi_hot", "int"] = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self.max_tokens, self.pad_to_max_tokens, self.encoding = max_tokens, pad_to_max_tokens, encoding
        self.standardize = _named_or_function(standardize, "standardize", STANDARDIZE)
        self.split = _named_or_function(split, "split", SPLIT)
        self.ngrams, self.output_sequence_length = ngrams, output_sequence_length
        self.output_mode = output_mode
        self._check(ragged)
        self.ragged = False
        self._begin(vocabulary, idf_weights, sparse, None)

    def _check(self, ragged: bool) -> None:
        where, widths, length = "TextVectorization", self.ngrams, self.output_sequence_length
        if ragged:
            raise Unsupported(
                "ragged=True",
                where=where,
                expected="rows of one length: shorter texts are padded with 0",
                fix="ragged=False, and Embedding(..., mask_zero=True) behind it",
            )
        listed = widths if isinstance(widths, list | tuple) else () if widths is None else (widths,)
        if any(isinstance(width, bool) or not isinstance(width, int) or width < 1 for width in listed):
            raise BadValue(f"ngrams is {widths!r}", where=where, expected="None, an integer, or a tuple of integers")
        if length is not None and (
            self.output_mode != "int" or isinstance(length, bool) or not isinstance(length, int)
        ):
            raise BadValue(
                f"output_sequence_length is {length!r} with output_mode={self.output_mode!r}",
                where=where,
                expected="a whole number, with output_mode='int'",
            )
        self._widths = (
            tuple(range(1, widths + 1)) if isinstance(widths, int) else None if widths is None else (*listed,)
        )

    # ---- words ----

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the words of texts, an array or batches of them; what was learned before is forgotten."""
        self._adapt(data, steps)

    def update_state(self, data: Any) -> None:
        """Count the words of more texts, each of which is a document."""
        self._vocabulary.count(self._words(self._tokens(data)))

    def _tokens(self, data: Any) -> Array:
        array = needs_text(as_text(data, self.name, self.encoding), self.name)
        return array[None] if array.ndim == 0 else array

    def _learned(self) -> None:
        numbers = range(self._vocabulary.start, self._vocabulary.size)
        tokens = self._vocabulary.tokens
        keys = [token.encode() for token in tokens] if self._in_bytes else tokens
        self._table = Table(zip(keys, numbers, strict=True), self._vocabulary.oov_start)
        self._table.numbers[b"" if self._in_bytes else ""] = self._masked

    @property
    def _in_bytes(self) -> bool:
        """Whether words are bytes, with which Python is fast where only ASCII characters are looked at."""
        return self.split == "whitespace" and (self.standardize is None or isinstance(self.standardize, str))

    def _words(self, texts: Array) -> Tokens:
        """The words of each text; of rows of words where nothing is split."""
        if callable(self.standardize):
            texts = as_text(self.standardize(texts.astype(str)), self.name, self.encoding)
            rows = self._split_all(self._column(texts))
        else:
            column = self._column(texts)
            shown = _standardized([text.encode() for text in column.ravel().tolist()], self.standardize)
            if self._in_bytes:
                rows = [text.split() for text in shown]
            else:
                rows = self._split_all(np.array([text.decode() for text in shown], object).reshape(column.shape))
        return [_joined(row, self._widths) for row in rows] if self._widths else rows

    def _column(self, texts: Array) -> Array:
        """Texts that are to be split, without a last axis of length 1."""
        if self.split is None or texts.ndim < 2:
            return texts
        if texts.shape[-1] != 1 or texts.ndim > 2:
            raise ShapeMismatch(
                f"texts of shape {written(texts.shape)}",
                where=self.name,
                expected="one text a row: the input rank must be 1 or the last shape dimension must be 1",
                fix="split=None, where the texts are words already",
            )
        return texts[:, 0]

    def _split_all(self, texts: Array) -> Tokens:
        if self.split is None:
            return texts.reshape(-1, texts.shape[-1]).tolist()
        if self.split == "whitespace":
            return [[word.decode() for word in text.encode().split()] for text in texts.tolist()]
        if not callable(self.split):
            return [list(text) for text in texts.tolist()]
        return [as_text(list(row), self.name).tolist() for row in self.split(texts.astype(str))]

    # ---- numbers ----

    def read(self, inputs: Any) -> Array:
        """The numbers of the words of each text."""
        self._vocabulary.sized()
        array = needs_text(inputs, self.name)
        rows = self._words(self._tokens(array))
        if self.output_sequence_length is not None:
            rows = [row[: self.output_sequence_length] for row in rows]
        lengths = np.fromiter(map(len, rows), "int64", len(rows))
        longest = self.output_sequence_length or int(lengths.max(initial=0))
        flat = map(self._table.numbers.__getitem__, itertools.chain.from_iterable(rows))
        numbers = np.full((len(rows), longest), self._masked, "int64")
        numbers[np.arange(longest) < lengths[:, None]] = np.fromiter(flat, "int64", int(lengths.sum()))
        lead = array.shape[:-1] if self.split is None or array.ndim == 0 else array.shape[:1]
        return numbers.reshape(*lead, longest)

    def read_shape(self, *shapes: KnownShape) -> KnownShape:
        """One row of numbers for each text, of a length that may not be known."""
        (shape,) = shapes
        if self.split is None:
            length = shape[-1] if self._widths is None else None
            return (*shape[:-1], self.output_sequence_length or length)
        return (*shape[:1], self.output_sequence_length)

    # ---- config ----

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the words that it has learned; functions as they are."""
        functions = {"standardize": self.standardize, "split": self.split}
        return {**super().get_config(), **functions, "vocabulary_size": self.vocabulary_size()}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The layer that `get_config` described; other names than its own are those of the user's functions."""
        own = dict(config)
        for title, known in (("standardize", STANDARDIZE), ("split", SPLIT)):
            if isinstance(own.get(title), str) and own[title] not in known and own[title] in (custom_objects or {}):
                own[title] = (custom_objects or {})[own[title]]
        if isinstance(own.get("ngrams"), list):
            own["ngrams"] = tuple(own["ngrams"])
        return super().from_config(own)


def _named_or_function(value: Any, title: str, names: Sequence[str]) -> str | Callable[..., Any] | None:
    if value is None or callable(value) or value in names:
        chosen: str | Callable[..., Any] | None = value
        return chosen
    if isinstance(value, str):
        raise UnknownName(value, names, kind=title, where="TextVectorization")
    raise BadType(f"{title} is {value!r}", where="TextVectorization", expected=f"one of {names}, a function, or None")


def _standardized(texts: list[bytes], how: Any) -> list[bytes]:
    """Texts without capital letters or punctuation, of ASCII only."""
    if how in ("lower", "lower_and_strip_punctuation"):
        texts = [text.lower() for text in texts]
    if how in ("strip_punctuation", "lower_and_strip_punctuation"):
        texts = [text.translate(None, _PUNCTUATION) for text in texts]
    return texts


def _joined(row: list[Any], widths: Sequence[int]) -> list[Any]:
    """The n-grams of a row of words, those of each width in turn."""
    blank: Any = b" " if row and isinstance(row[0], bytes) else " "
    runs = (zip(*(row[at:] for at in range(width)), strict=False) for width in widths)
    return list(map(blank.join, itertools.chain.from_iterable(runs)))
