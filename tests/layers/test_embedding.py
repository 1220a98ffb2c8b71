"""Embedding: vectors, their gradients, masks, and numbers outside of the table. Expected values are NumPy's."""

from functools import partial

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.graph.masks import mask_of
from kmagic.layers import Dense, Embedding, Input
from kmagic.models import Model, Sequential

TABLE = np.arange(10, dtype="float32").reshape(5, 2)
WORDS = np.array([[0, 1, 1], [4, 0, 1]])


def given(**options: object) -> Embedding:
    return Embedding(5, 2, weights=TABLE, **options)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float32", "float64"])
def test_rows_of_the_table_come_in_the_place_of_numbers(dtype: str) -> None:
    found = given()(WORDS.astype(dtype))
    np.testing.assert_array_equal(found, TABLE[WORDS])
    assert str(found.dtype) == "float32"


def test_whole_numbers_are_exact_where_the_layer_computes_in_half_precision() -> None:
    layer = Embedding(3000, 1, weights=np.arange(3000.0)[:, None] % 7, dtype="float16")
    assert layer(np.array([[2049.0]])).tolist() == [[[2049 % 7]]]


def test_each_use_of_a_number_adds_to_the_slope_of_its_vector() -> None:
    model = Sequential([Input((3,)), given()])
    model.compile("sgd", lambda y, p: ops.sum(p * y, axis=-1))
    weights = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
    model.train_on_batch(WORDS, weights)
    slope = np.zeros((5, 2))
    np.add.at(slope, WORDS, weights / 6)
    np.testing.assert_allclose(model.get_weights()[0], TABLE - 0.01 * slope, rtol=1e-6)


def test_zero_is_padding_where_it_is_said() -> None:
    assert mask_of(given()(WORDS)) is None
    assert mask_of(given(mask_zero=True)(WORDS)).tolist() == (WORDS != 0).tolist()


def test_padding_counts_for_nothing_in_the_loss() -> None:
    start = Input((3,), dtype="int32")
    model = Model(start, Dense(1, kernel_initializer="ones")(given(mask_zero=True)(start)))
    model.compile("sgd", "mse")
    errors = TABLE[WORDS].sum(-1)[WORDS != 0]
    assert model.evaluate(WORDS, np.zeros((2, 3, 1)), verbose=0) == pytest.approx((errors**2).mean())


@pytest.mark.parametrize("wrong", [5, -1, 10**6])
def test_a_number_outside_of_the_table_is_named_and_changes_nothing(wrong: int) -> None:
    model = Sequential([Embedding(5, 2, name="words"), Dense(1)])
    model.compile("adam", "mse")
    model.fit(WORDS, np.ones((2, 3, 1)), verbose=0)
    before = model.get_weights()
    bad = WORDS.copy()
    bad[1, 2] = wrong
    with pytest.raises(BadData, match=r"words has vectors for 0 … 4") as caught:
        model.fit(bad, np.ones((2, 3, 1)), verbose=0)
    assert str(wrong) in caught.value.found
    fit = partial(model.fit, bad, np.ones((2, 3, 1)), validate=False)
    for act in (fit, partial(model.predict, bad)):
        with pytest.raises(BadData, match=rf"words: index {wrong} \(1 of 6\)") as caught:
            act(verbose=0)
        assert caught.value.expected == "0 … 4"
    with pytest.raises(BadData, match="words: index"):
        model(bad)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_weights_are_not_part_of_the_configuration() -> None:
    config = given(mask_zero=True, name="words").get_config()
    assert "weights" not in config and "input_length" not in config and "autocast" not in config
    assert Embedding.from_config(config).get_config() == config


def test_the_length_of_older_scripts_is_taken_with_a_word() -> None:
    with pytest.warns(UserWarning, match="does not need input_length"):
        Embedding(5, 2, input_length=3)


@pytest.mark.parametrize("sizes", [(0, 2), (5, 0), (5, 2.5), (True, 2)])
def test_sizes_are_counts(sizes: tuple[int, int]) -> None:
    with pytest.raises((BadValue, BadType), match=r"(in|out)put_dim is"):
        Embedding(*sizes)
