"""What the two lookups share: tokens to numbers and back, in any output mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import TEXT
from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.base.parameters import Bound
from kmagic.graph.load import ops
from kmagic.layers.adapting import batches_of, is_one_batch
from kmagic.layers.category_encoding import encoded, mode_called, refuse_sparse
from kmagic.layers.text import TextLayer
from kmagic.layers.vocabulary import Vocabulary, weights_of

OovCount = Annotated[int, Bound(at_least=0, whole=True)]


class Lookup(TextLayer):
    """Base class of lookups; `_begin` is called by their constructors."""

    token_kind: type = str
    max_tokens: int | None
    num_oov_indices: int
    mask_token: Any
    oov_token: Any
    invert: bool
    output_mode: str
    pad_to_max_tokens: bool

    def _begin(self, vocabulary: Any, idf_weights: Any, sparse: bool, salt: Any) -> None:
        """Check the options, which are attributes already, and make the vocabulary."""
        where = type(self).__name__
        refuse_sparse(sparse, where)
        self.output_mode = mode_called(self.output_mode)
        if self.invert and self.output_mode != "int":
            raise BadValue(f"invert with output_mode={self.output_mode!r}", where=where, expected="output_mode='int'")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise BadValue("idf_weights", where=where, expected="only with output_mode='tf_idf'")
        self.salt, self.sparse, self.autocast = salt_of(salt, where), False, False
        self._vocabulary = Vocabulary(
            self.token_kind,
            self.name,
            self.max_tokens,
            int(self.num_oov_indices),
            self.mask_token,
            self.oov_token,
            self.output_mode,
            self.pad_to_max_tokens,
            self.invert,
        )
        self._vocabulary.given = None if isinstance(vocabulary, str) else vocabulary
        self._vocabulary.given_weights = idf_weights
        self._learned()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
            self._vocabulary.is_given = True

    @property
    def input_dtype(self) -> str:
        """Text, or whole numbers."""
        return TEXT if self.token_kind is str and not self.invert else "int64"

    @property
    def output_dtype(self) -> str:
        """Numbers of tokens or counts of them, weights of them, or tokens."""
        if self.invert and self.token_kind is str:
            return TEXT
        return floatx() if self.output_mode == "tf_idf" else "int64"

    # ---- vocabulary ----

    @property
    def can_adapt(self) -> bool:
        """Whether `adapt` may be called: no vocabulary was given to the constructor."""
        return not self._vocabulary.is_given

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their numbers."""
        return self._vocabulary.all(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, those of special tokens included."""
        return self._vocabulary.size

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Know these tokens (a list, an array, or the path of a file with one a line) instead of others."""
        self._vocabulary.set(vocabulary, idf_weights)
        self._learned()

    def _adapt(self, data: Any, steps: int | None) -> None:
        """Learn the tokens from data, an array or batches of them; what was learned before is forgotten."""
        self.reset_state()
        if is_one_batch(data):
            tokens = self._tokens(data)
            self.update_state(tokens[:, None] if tokens.ndim == 1 else tokens)  # each value is a document
        else:
            for batch in batches_of(data, steps, self.name):
                self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of more data, each row of which is a document."""
        tokens = self._tokens(data)
        rows = tokens.reshape(1, -1) if tokens.ndim < 2 else tokens.reshape(len(tokens), -1)
        self._vocabulary.count(rows.tolist())

    def finalize_state(self) -> None:
        """Know the tokens that were counted."""
        self._vocabulary.learn()
        self._learned()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._vocabulary.forget()

    def _learned(self) -> None:
        """Prepare to look up other tokens than before."""

    def _tokens(self, data: Any) -> Any:
        """Data to learn from, as an array of tokens."""
        raise NotImplementedError

    # ---- numbers ----

    def _refuse_unknown(self, unknown: Sequence[Any]) -> None:
        """Raise where tokens are unknown and there is no number for such."""
        if self.num_oov_indices == 0 and unknown:
            raise BadData(
                f"found OOV values {', '.join(map(repr, unknown[:5]))}",
                where=self.name,
                expected="When `num_oov_indices=0` all inputs should be in vocabulary",
                fix="num_oov_indices=1",
            )

    @property
    def _masked(self) -> int:
        """The number of the mask token; in vectors it has no place."""
        return 0 if self.output_mode == "int" else -1

    def encode(self, numbers: Any) -> Any:
        """The numbers of tokens in the output mode."""
        if self.output_mode == "int":
            return numbers
        depth = self._vocabulary.depth
        if self.output_mode != "tf_idf":
            return encoded(numbers, self.output_mode, depth, "int64")
        weights = np.asarray(weights_of(self._vocabulary), floatx())
        return encoded(numbers, "count", depth, floatx()) * weights

    # ---- config ----

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the tokens that it has learned."""
        given, weights = self._vocabulary.given, self._vocabulary.given_weights
        if given is None and self._vocabulary.is_given:  # by a file, which may be gone
            given = self._vocabulary.all()
        return {
            **super().get_config(),
            "vocabulary": None if given is None else [self._vocabulary.token(value) for value in given],
            "idf_weights": None if weights is None else np.asarray(weights).tolist(),
            "vocabulary_size": self._vocabulary.known_size,
            **self._vocabulary.learned_config(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The layer that `get_config` described, with what it had learned."""
        own = dict(config)
        was_given = own.pop("has_input_vocabulary", True)
        for unused in ("vocabulary_size", *cls._not_arguments):
            own.pop(unused, None)
        layer = cls(**own)
        if not was_given:
            layer._vocabulary.is_given = False
            layer._vocabulary.given = layer._vocabulary.given_weights = None
        return layer

    _not_arguments: tuple[str, ...] = ()


def salt_of(salt: Any, where: str) -> list[int] | None:
    """The two numbers of a key; one number stands for both."""
    if salt is None:
        return None
    if isinstance(salt, int) and not isinstance(salt, bool):
        return [salt, salt]
    if isinstance(salt, list | tuple) and len(salt) == 2 and all(isinstance(part, int) for part in salt):
        return list(salt)
    raise BadType(f"salt is {salt!r}", where=where, expected="a whole number, or a list of two")


def unknown_places(bins: Any, count: int, start: int) -> Any:
    """The numbers of unknown tokens, given their fingerprints."""
    return ops.cast(ops.mod(bins, np.uint64(count)), "int64") + start
