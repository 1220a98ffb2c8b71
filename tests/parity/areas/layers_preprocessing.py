"""Layers that make numbers and vectors of texts and categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of

MODES = ("int", "one_hot", "multi_hot", "count")
FRUIT = ["apple", "pear", "plum", "fig"]
WEIGHTS = [0.5, 1.5, 2.0, 0.25]
WORDS = [["apple", "fig", "apple"], ["plum", "melon", ""], ["kiwi", "pear", "[UNK]"]]
COLUMN = [["fig"], ["melon"], ["apple"]]
DEEP = [[["apple", "fig"], ["fig", "fig"]], [["melon", "pear"], ["pear", "plum"]]]
TEXTS = ["The cat, the DOG!", "a dog's  life?", "", "cat\tdog\ncat É école", "it's the_end (of) it"]
NUMBERS = [[3, 12, 3], [-7, 0, 40], [12, 5, 2**40]]
LONG = ["".join(chr(97 + (7 * place) % 26) for place in range(length)) for length in (*range(36), 63, 64, 65, 128, 200)]
LARGE = [0, 9, 10, -10, 999, 1000, -9999999, 10**7, 10**8, 10**15, -(10**15), 10**16, 2**62, -(2**63)]


@dataclass(frozen=True)
class TextCase:
    """A layer, data that it learns from, and what it is called on; several arrays are a tuple."""

    part: str
    arguments: Arguments
    given: Any
    learned: Any = None
    call: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        learned = "" if self.learned is None else f", learned from {shown(self.learned)}"
        called = "".join(f", {name}={value!r}" for name, value in self.call.items())
        return f"{written(self.part, self.arguments)} on {shown(self.given)}{learned}{called}"


def shown(given: Any) -> str:
    """Data in the name of a case, long ones by what is in them."""
    if isinstance(given, tuple):
        return " and ".join(map(shown, given))
    text = repr(given)
    return text if len(text) < 200 else f"{len(given)} of {text[:20]}…"


def lookup(given: Any, learned: Any = None, **arguments: Any) -> TextCase:
    """A case of StringLookup."""
    return TextCase("StringLookup", arguments, given, learned)


def integers(given: Any, learned: Any = None, **arguments: Any) -> TextCase:
    """A case of IntegerLookup."""
    return TextCase("IntegerLookup", arguments, given, learned)


def text(given: Any, learned: Any = None, **arguments: Any) -> TextCase:
    """A case of TextVectorization."""
    return TextCase("TextVectorization", arguments, given, learned)


STRINGS = (
    *(lookup(given, vocabulary=FRUIT, output_mode=mode) for mode in MODES for given in (WORDS, COLUMN, DEEP, FRUIT)),
    *(lookup(WORDS, vocabulary=FRUIT, output_mode=mode, mask_token="apple"[:0]) for mode in MODES),
    *(lookup(WORDS, vocabulary=FRUIT, output_mode=mode, max_tokens=9, pad_to_max_tokens=True) for mode in MODES),
    *(lookup(WORDS, vocabulary=FRUIT, output_mode=mode, num_oov_indices=3) for mode in MODES),
    lookup(LONG, vocabulary=FRUIT, num_oov_indices=1000),
    lookup(LONG, vocabulary=FRUIT, num_oov_indices=1000, salt=[133, 137]),
    lookup(WORDS[:1], vocabulary=FRUIT, num_oov_indices=0),
    lookup(WORDS, vocabulary=["", "[UNK]", *FRUIT], mask_token=""),
    lookup(WORDS, vocabulary=FRUIT, output_mode="tf_idf", idf_weights=WEIGHTS),
    lookup(WORDS, vocabulary=FRUIT, output_mode="tf_idf", idf_weights=WEIGHTS, max_tokens=7, pad_to_max_tokens=True),
    lookup(WORDS, vocabulary=["[UNK]", *FRUIT], output_mode="tf_idf", idf_weights=[3.0, *WEIGHTS]),
    lookup("plum", vocabulary=FRUIT),
    lookup("plum", vocabulary=FRUIT, output_mode="one_hot"),
    lookup([[0, 1, 2], [3, 4, 9]], vocabulary=FRUIT, invert=True),
    lookup([[0, 1, 2], [3, 4, 9]], vocabulary=FRUIT, invert=True, mask_token="", oov_token="?"),
    lookup(WORDS, WORDS),
    lookup(WORDS, WORDS, max_tokens=4, mask_token=""),
    lookup(WORDS, ["b", "a", "b", "é", "Z", "fig"]),
    *(lookup(WORDS, WORDS, output_mode=mode) for mode in ("multi_hot", "tf_idf")),
    lookup(WORDS, FRUIT, output_mode="tf_idf", max_tokens=8, pad_to_max_tokens=True),
    lookup(WORDS, [["fig", "fig", "plum"], ["fig", "pear", "kiwi"]], output_mode="tf_idf", max_tokens=3),
)
WHOLE = (
    *(integers(given, vocabulary=[12, 3, 40], output_mode=mode) for mode in MODES for given in (NUMBERS, [[3], [9]])),
    *(integers(NUMBERS, vocabulary=[12, 3, 40], output_mode=mode, mask_token=0) for mode in MODES),
    integers(NUMBERS, vocabulary=[12, 3, 40], num_oov_indices=3),
    integers(LARGE, vocabulary=[12, 3, 40], num_oov_indices=1000, oov_method="farmhash"),
    integers(LARGE, vocabulary=[12, 3, 40], num_oov_indices=1000, oov_method="farmhash", salt=5),
    integers(NUMBERS, vocabulary=[12, 3, 40], output_mode="tf_idf", idf_weights=[0.5, 1.5, 2.0]),
    integers([[0, 1, 2], [3, 4, -1]], vocabulary=[12, 3, 40], invert=True),
    integers([[0, 1, 2], [3, 4, -1]], vocabulary=[12, 3, 40], invert=True, mask_token=0, oov_token=-9),
    integers(NUMBERS, NUMBERS),
    integers(NUMBERS, NUMBERS, max_tokens=4, mask_token=3),
    integers(NUMBERS, NUMBERS, output_mode="tf_idf"),
)
SENTENCES = (
    *(text(TEXTS, TEXTS, output_mode=mode) for mode in ("int", "multi_hot", "count", "tf_idf")),
    *(text(TEXTS, TEXTS, standardize=how) for how in (None, "lower", "strip_punctuation")),
    *(text([[line] for line in TEXTS], TEXTS, split=how) for how in ("character", "whitespace")),
    *(text(TEXTS, TEXTS, ngrams=width) for width in (2, (2,), (1, 3))),
    *(text(TEXTS, TEXTS, output_sequence_length=length) for length in (2, 9)),
    text(TEXTS, TEXTS, max_tokens=5),
    text(TEXTS, TEXTS, max_tokens=5, output_mode="count"),
    text(TEXTS, TEXTS, max_tokens=40, output_mode="multi_hot", pad_to_max_tokens=True),
    text(TEXTS, TEXTS, max_tokens=40, output_mode="tf_idf", pad_to_max_tokens=True),
    text(TEXTS, TEXTS, ngrams=2, output_mode="count"),
    text("a dog, a cat", vocabulary=["cat", "dog"]),
    text(TEXTS, vocabulary=["", "[UNK]", "cat", "dog"]),
    text(TEXTS, vocabulary=["cat", "dog"], output_mode="tf_idf", idf_weights=[0.5, 2.0]),
    text(WORDS, WORDS, split=None),
    text(WORDS, WORDS, split=None, output_sequence_length=2),
    text(WORDS, WORDS, split=None, ngrams=2),
    *(text(WORDS, vocabulary=FRUIT, split=None, output_mode=mode) for mode in ("one_hot", "multi_hot", "count")),
    text(["Cat", "dog", "x"], vocabulary=["cat", "dog"], split=None),
)
NUMERIC = tuple(
    TextCase("CategoryEncoding", {"num_tokens": 4, "output_mode": mode}, given)
    for mode in ("one_hot", "multi_hot", "count")
    for given in ([[0, 1, 1], [3, 2, 3]], [[0], [3]], [3, 2, 0, 1], 3)
) + (
    TextCase("CategoryEncoding", {"num_tokens": 4}, [[[0, 1], [1, 3]], [[2, 2], [0, 3]]]),
    TextCase(
        "CategoryEncoding",
        {"num_tokens": 4, "output_mode": "count"},
        [[0, 1, 1], [3, 2, 3]],
        call={"count_weights": [[0.5, 1.0, 0.25], [2.0, 1.0, 0.5]]},
    ),
    *(
        TextCase("Discretization", {"bin_boundaries": [-0.5, 0.0, 1.0], "output_mode": mode}, given)
        for mode in MODES
        for given in ([[-0.5, 0.2, 7.0], [-3.0, 1.0, 0.9]], [[0.0], [2.0]])
    ),
    *(
        TextCase("Discretization", options, [[-0.5, 0.2, 7.0], [-3.0, 1.0, 0.9]], numbers)
        for options in ({"num_bins": 3}, {"num_bins": 5, "epsilon": 0.1}, {"num_bins": 4, "output_mode": "one_hot"})
        for numbers in ([0.5, 1.5, -2.0, 0.25, 8.0, 1.0], np.round(inputs.normal("bins", shape=(12, 3)), 3).tolist())
    ),
)
HASHES = (
    *(TextCase("Hashing", {"num_bins": 5, "output_mode": mode}, given) for mode in MODES for given in (WORDS, NUMBERS)),
    *(TextCase("Hashing", {"num_bins": 10**6 + 3, **salt}, LONG) for salt in ({}, {"salt": 7}, {"salt": [1, 2**40]})),
    *(TextCase("Hashing", {"num_bins": 10**6 + 3, **salt}, LARGE) for salt in ({}, {"salt": 7}, {"salt": [1, 2**40]})),
    TextCase("Hashing", {"num_bins": 4, "mask_value": ""}, WORDS),
    TextCase("Hashing", {"num_bins": 4, "mask_value": 3}, NUMBERS),
    TextCase("Hashing", {"num_bins": 4, "output_mode": "one_hot"}, COLUMN),
    TextCase("HashedCrossing", {"num_bins": 10**6 + 3}, (LONG, [7 * place - 40 for place in range(len(LONG))])),
    TextCase("HashedCrossing", {"num_bins": 10**6 + 3}, (LARGE, LARGE[::-1], LARGE)),
    TextCase("HashedCrossing", {"num_bins": 6}, (COLUMN, [[1], [2], [3]])),
    TextCase("HashedCrossing", {"num_bins": 6, "output_mode": "one_hot"}, (COLUMN, [["x"], ["y"], [""]])),
    TextCase("HashedCrossing", {"num_bins": 6, "output_mode": "one_hot"}, (["a", "b"], ["x", "y"])),
)


def arrays_of(given: Any) -> Any:
    """What a layer is called on, as arrays of text or of whole numbers of 64 bits."""
    return tuple(map(arrays_of, given)) if isinstance(given, tuple) else np.asarray(given)


def preprocess(library: Library, case: TextCase) -> Results:
    """What a layer gives, and knows."""
    layer = getattr(library.layers, case.part)(**case.arguments, name="layer")
    results: Results = {"config": config_of(layer)}
    if case.learned is not None:
        layer.adapt(np.asarray(case.learned))
    output = numpy_of(layer(arrays_of(case.given), **{name: np.asarray(value) for name, value in case.call.items()}))
    as_text = [word.decode() if isinstance(word, bytes) else word for word in output.ravel().tolist()]
    results |= {"dtype": str(output.dtype), "output": output} if output.dtype.kind in "if" else {"text": as_text}
    if hasattr(layer, "get_vocabulary"):
        results |= {"vocabulary": words(layer.get_vocabulary()), "size": layer.vocabulary_size()}
        results["tokens"] = words(layer.get_vocabulary(include_special_tokens=False))
    if case.part == "Discretization":
        results["boundaries"] = np.asarray(layer.bin_boundaries, "float64")
    return results


def words(vocabulary: Any) -> list[Any]:
    """A vocabulary as plain Python text or numbers."""
    return np.asarray(vocabulary).tolist()


AREAS = (
    Area(
        "preprocessing layers",
        (*STRINGS, *WHOLE, *SENTENCES, *NUMERIC, *HASHES),
        preprocess,
        engines=("tensorflow",),
    ),
)
