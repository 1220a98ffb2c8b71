"""TextVectorization: functions of the user's, numbers and padding, configs, mistakes."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch, UnknownName, Unsupported
from kmagic.layers import TextVectorization

TEXTS = ["The cat; the dog.", "a dog"]


def without_vowels(texts: Any) -> Any:
    return np.char.translate(texts, str.maketrans("", "", "aeiou"))


def at_commas(texts: Any) -> Any:
    return [text.split(",") for text in texts]


def test_functions_standardize_and_split() -> None:
    layer = TextVectorization(standardize=without_vowels, split=at_commas)
    layer.adapt(["red hat,blue", "blue,red,blue"])
    assert layer.get_vocabulary() == ["", "[UNK]", "bl", "rd ht", "rd"]
    assert layer(["blue,red", "red hat"]).tolist() == [[2, 4], [3, 0]]
    config = layer.get_config()
    assert config["split"] is at_commas
    named = {**config, "split": "at_commas", "standardize": "without_vowels"}
    again = TextVectorization.from_config(named, {"at_commas": at_commas, "without_vowels": without_vowels})
    assert again(["blue,red"]).tolist() == [[2, 4]]


@pytest.mark.parametrize(("standardize", "split"), [(None, "whitespace"), ("lower", "character"), (None, None)])
def test_only_ascii_white_space_splits_and_only_ascii_is_lowered(standardize: Any, split: Any) -> None:
    layer = TextVectorization(standardize=standardize, split=split)
    layer.adapt([["É\u00a0Z"]])
    expected = {None: ["É\u00a0Z"], "whitespace": ["É\u00a0Z"], "character": ["É", "\u00a0", "z"]}[split]
    assert layer.get_vocabulary(include_special_tokens=False) == expected


def test_one_hot_rows_are_padded_with_zeros() -> None:
    layer = TextVectorization(vocabulary=["cat", "dog"], output_mode="one_hot")
    assert layer(["cat dog", "dog"]).tolist() == [[[0, 1, 0], [0, 0, 1]], [[0, 0, 1], [0, 0, 0]]]


def test_what_was_learned_moves_with_the_config() -> None:
    for mode in ("int", "multi_hot", "tf_idf"):
        layer = TextVectorization(output_mode=mode, ngrams=(1, 2))
        layer.adapt(TEXTS)
        again = TextVectorization.from_config(layer.get_config())
        np.testing.assert_array_equal(again(TEXTS), layer(TEXTS))
        assert again.get_vocabulary() == layer.get_vocabulary() and again.can_adapt
        assert again.get_config() == layer.get_config()


def test_learned_weights_tell_rare_words_from_frequent_ones() -> None:
    layer = TextVectorization(output_mode="tf_idf")
    layer.adapt(["a b", "a c", "a"])
    found = dict(zip(layer.get_vocabulary(), layer(["a b c z"])[0].tolist(), strict=True))
    expected = {"a": np.log(1 + 3 / 4), "b": np.log(1 + 3 / 2), "c": np.log(1 + 3 / 2)}
    expected["[UNK]"] = float(np.mean(list(expected.values())))
    assert found == pytest.approx(expected)


def test_mistakes() -> None:
    with pytest.raises(Unsupported, match="ragged=True"):
        TextVectorization(ragged=True)
    with pytest.raises(UnknownName, match="lowercase"):
        TextVectorization(standardize="lowercase")
    with pytest.raises(BadValue, match="ngrams is 0"):
        TextVectorization(ngrams=0)
    with pytest.raises(BadValue, match="output_sequence_length is 3"):
        TextVectorization(output_mode="count", output_sequence_length=3)
    with pytest.raises(ShapeMismatch, match="texts of shape"):
        TextVectorization(vocabulary=["a"])(np.array([["a", "b"]]))
