"""Models of raw text: sentences, tables of words and numbers, models inside models; trained, measured, moved."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import kmagic
from kmagic import Input, Model, Sequential
from kmagic import layers as layers_of
from kmagic.base.errors import BadData, BadType, BadValue, Unsupported
from kmagic.layers import (
    Concatenate,
    Dense,
    Discretization,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Lambda,
    Normalization,
    StringLookup,
    TextVectorization,
)

GENERATOR = np.random.default_rng(0)
GOOD, BAD, OTHER = ["great", "fine", "lovely"], ["awful", "poor", "sad"], ["the", "film", "was", "and", "actor"]
LABELS = GENERATOR.integers(0, 2, 160)
TEXTS = np.array([" ".join(GENERATOR.choice((GOOD if good else BAD) + OTHER, 8)).title() + "!" for good in LABELS])


def vectorization(**options: Any) -> TextVectorization:
    layer = TextVectorization(**{"output_sequence_length": 10, **options})
    layer.adapt(TEXTS)
    return layer


def classifier(first: list[Any], read: Any = None) -> Sequential:
    behind = [Embedding(40, 8, mask_zero=True), GlobalAveragePooling1D(), Dense(1, "sigmoid")]
    return compiled(Sequential([*first, read or vectorization(), *behind]))


def compiled(model: Any) -> Any:
    model.compile(kmagic.optimizers.Adam(0.05), "binary_crossentropy", metrics=["accuracy"], validate="error")
    return model


FIRST = {"a column": [Input((1,), dtype="string")], "texts": [Input((), dtype="string")], "nothing": []}


@pytest.mark.parametrize("first", FIRST)
def test_a_classifier_of_sentences(first: str) -> None:
    model = classifier(FIRST[first])
    history = model.fit(TEXTS, LABELS, epochs=6, validation_split=0.25, verbose=0).history
    assert history["val_accuracy"][-1] > 0.9 and history["loss"][-1] < history["loss"][0] / 4
    expected = model.predict(TEXTS, verbose=0)
    for given in (TEXTS.tolist(), TEXTS[:, None], TEXTS.astype(object), pd.Series(TEXTS), TEXTS.astype("S80")):
        np.testing.assert_allclose(model.predict(given, batch_size=50, verbose=0), expected, rtol=1e-5)
    np.testing.assert_allclose(model(TEXTS[:5]), expected[:5], rtol=1e-5)
    loss, accuracy = model.evaluate(TEXTS, LABELS, verbose=0)
    assert accuracy == pytest.approx(np.mean((expected[:, 0] > 0.5) == LABELS))
    again = compiled(Sequential.from_config(model.get_config()))
    again.set_weights(model.get_weights())
    assert again.evaluate(TEXTS, LABELS, verbose=0)[0] == pytest.approx(loss, rel=1e-6)


def test_it_computes_what_it_computes_on_numbers() -> None:
    read = vectorization()
    model, inner = classifier([Input((1,), dtype="string")], read), classifier([Input((10,), dtype="int64")], Flatten())
    inner.set_weights(model.get_weights())
    numbers = read(TEXTS)
    for _ in range(3):
        kmagic.utils.set_random_seed(1)
        on_text = model.fit(TEXTS, LABELS, epochs=2, verbose=0).history["loss"]
        kmagic.utils.set_random_seed(1)
        assert inner.fit(numbers, LABELS, epochs=2, verbose=0).history["loss"] == on_text
    for one, other in zip(model.get_weights(), inner.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_line_by_line_and_batch_by_batch() -> None:
    models = [classifier([Input((1,), dtype="string")]) for _ in range(3)]
    for model in models:
        model.set_weights(models[0].get_weights())
    models[1].run_eagerly = True
    for model in models[:2]:
        model.fit(TEXTS[:64], LABELS[:64], shuffle=False, verbose=0)
    for start in (0, 32):
        models[2].train_on_batch(TEXTS[start : start + 32], LABELS[start : start + 32])
    for model in models[1:]:
        for one, other in zip(models[0].get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        models[0].predict_on_batch(TEXTS[:7].tolist()), models[1].predict(TEXTS[:7], verbose=0), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
def test_bags_of_words(mode: str) -> None:
    read = vectorization(output_mode=mode, output_sequence_length=None)
    model = compiled(Sequential([read, Dense(1, "sigmoid")]))
    model.fit(TEXTS, LABELS, epochs=8, verbose=0)
    assert model.evaluate(TEXTS, LABELS, verbose=0)[1] > 0.9
    kernel, bias = model.get_weights()
    expected = 1 / (1 + np.exp(-(np.asarray(read(TEXTS), "float64") @ kernel + bias)))
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0), expected, rtol=1e-4)


def test_another_vocabulary_is_noticed_from_batch_to_batch() -> None:
    read, words = StringLookup(output_mode="tf_idf"), np.array([["a", "b"], ["b", "b"]])
    read.set_vocabulary(["a", "b"], idf_weights=[1.0, 2.0])
    model = compiled(Sequential([Input((2,), dtype="string"), read, Dense(1, "sigmoid")]))
    kernel, bias = (np.asarray(weight, "float64") for weight in model.get_weights())
    for weights in ([1.0, 2.0], [5.0, 7.0]):
        read.set_vocabulary(["a", "b"], idf_weights=weights)
        expected = 1 / (1 + np.exp(-(np.asarray(read(words), "float64") @ kernel + bias)))
        loss = model.test_on_batch(words, np.ones((2, 1)))[0]
        model.reset_metrics()
        assert loss == pytest.approx(-np.log(expected).mean(), rel=1e-4)


def test_labels_of_text_beside_texts() -> None:
    names = np.where(LABELS == 1, "good", "bad")
    model = Sequential([vectorization(), Embedding(40, 8), GlobalAveragePooling1D(), Dense(2, "softmax")])
    model.compile(kmagic.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    (finding,) = kmagic.diagnose(model, TEXTS, names)
    finding.fixes[0].apply()
    model.fit(TEXTS, names, epochs=5, verbose=0)
    assert np.mean(model.predict(TEXTS, verbose=0) == names) > 0.9


# ---- tables ----

COLORS, CITIES = ["red", "green", "blue"], ["Bonn", "Oslo", "Rome", "Kyiv"]
TABLE: dict[str, Any] = {
    "color": GENERATOR.choice(COLORS, 200),
    "city": GENERATOR.choice(CITIES, 200),
    "age": GENERATOR.uniform(18, 90, 200).astype("float32"),
    "code": GENERATOR.choice([7, 12, 99], 200),
}
IS_SO = ((TABLE["color"] == "red") ^ (TABLE["age"] > 50)).astype("float32")


def table_model() -> Model:
    color, city, age, code = (
        Input((1,), dtype=kind, name=name)
        for name, kind in (("color", "string"), ("city", "string"), ("age", "float32"), ("code", "int64"))
    )
    scaled = Normalization(mean=54.0, variance=400.0)(age)
    old = Discretization(bin_boundaries=[30.0, 50.0, 70.0], output_mode="one_hot")(age)
    coded = IntegerLookup(vocabulary=[7, 12, 99], output_mode="one_hot")(code)
    colored = StringLookup(vocabulary=COLORS, output_mode="one_hot")(color)
    placed = Flatten()(Embedding(9, 2)(Hashing(num_bins=9)(city)))
    crossed = HashedCrossing(num_bins=16, output_mode="one_hot")([color, city])
    aged = HashedCrossing(num_bins=64, output_mode="one_hot")([color, Discretization(bin_boundaries=[50.0])(age)])
    joined = Concatenate()([scaled, old, coded, colored, placed, crossed, aged])
    inputs = {"color": color, "city": city, "age": age, "code": code}
    return compiled(Model(inputs, Dense(1, "sigmoid")(Dense(16, "relu")(joined))))


def test_a_table_of_words_and_numbers() -> None:
    model = table_model()
    history = model.fit(TABLE, IS_SO, epochs=12, validation_data=(TABLE, IS_SO), verbose=0).history
    assert history["val_accuracy"][-1] > 0.95
    expected = model.predict(TABLE, verbose=0)
    frame = pd.DataFrame(TABLE)
    np.testing.assert_allclose(model.predict(dict(frame), verbose=0), expected, rtol=1e-5)
    listed = [TABLE[name][:, None] for name in ("age", "city", "code", "color")]  # in the order of sorted keys
    np.testing.assert_allclose(model(listed)[:9], expected[:9], rtol=1e-4)
    again = compiled(Model.from_config(model.get_config()))
    again.set_weights(model.get_weights())
    assert again.evaluate(TABLE, IS_SO, verbose=0) == pytest.approx(model.evaluate(TABLE, IS_SO, verbose=0), rel=1e-5)
    np.testing.assert_allclose(kmagic.models.clone_model(model).predict(TABLE, verbose=0).shape, expected.shape)


def test_one_text_read_in_two_ways_and_a_model_of_text_inside_another() -> None:
    text = Input((), dtype="string", name="text")
    read = vectorization()
    bag = vectorization(output_mode="multi_hot", output_sequence_length=None)
    inner = Model(text, [GlobalAveragePooling1D()(Embedding(40, 4)(read(text))), bag(text)])
    outer_text, factor = Input((), dtype="string", name="review"), Input((1,), name="factor")
    parts = inner(outer_text)
    outer = compiled(Model([outer_text, factor], Dense(1, "sigmoid")(Concatenate()([*parts, factor]))))
    ones = np.ones((160, 1), "float32")
    outer.fit([TEXTS, ones], LABELS, epochs=10, verbose=0)
    expected = outer.predict([TEXTS, ones], verbose=0)
    assert np.mean((expected[:, 0] > 0.5) == LABELS) > 0.9
    np.testing.assert_allclose(outer([TEXTS, ones]), expected, rtol=1e-4)
    np.testing.assert_allclose(outer.predict({"factor": ones, "review": TEXTS}, verbose=0), expected, rtol=1e-5)


def test_a_trained_model_behind_a_new_first_layer() -> None:
    read = vectorization()
    trained = classifier([Input((10,), dtype="int64")], Flatten())
    trained.fit(read(TEXTS), LABELS, epochs=3, verbose=0)
    whole = Sequential([Input((1,), dtype="string"), read, trained])
    np.testing.assert_allclose(whole.predict(TEXTS, verbose=0), trained.predict(read(TEXTS), verbose=0), rtol=1e-6)


def test_words_between_layers() -> None:
    # numbers to words and back to other numbers, all before the graph
    codes = Input((1,), dtype="int64")
    words = StringLookup(vocabulary=COLORS, invert=True)(codes)
    assert words.dtype == "string"
    text = Input((1,), dtype="string")
    both = HashedCrossing(num_bins=8)([words, text])
    model = Model([codes, text], Flatten()(Embedding(8, 3)(both)))
    given = [np.array([[1], [2]]), np.array([["a"], ["b"]])]
    expected = np.asarray(model.get_weights()[0])[HashedCrossing(8)([np.array(["red", "green"]), np.array(["a", "b"])])]
    np.testing.assert_allclose(model.predict(given, verbose=0), expected, rtol=1e-6)


# ---- mistakes ----


def test_text_that_reaches_a_layer_of_numbers_is_refused() -> None:
    text = Input((3,), dtype="string")
    for layer in (Dense(1), Embedding(3, 2), Flatten(), Normalization()):
        with pytest.raises(BadType, match="text comes to") as caught:
            layer(text)
        assert "StringLookup" in str(caught.value)
    with pytest.raises(BadType, match="text comes to Dense"):
        Sequential([Input((3,), dtype="string"), Dense(1)])
    for function in (lambda x: x + 1, kmagic.ops.relu):
        with pytest.raises(BadType, match="text"):
            Lambda(function)(text)
    with pytest.raises(BadType, match="text where numbers are wanted"):
        text + 1


def test_wrong_kinds_of_data_are_told() -> None:
    model = classifier([Input((1,), dtype="string", name="review")])
    with pytest.raises(BadType, match="numbers .int64. come to input"):
        model.fit(np.arange(160), LABELS, verbose=0)
    with pytest.raises(BadData, match="a gap among texts"):
        model.predict(np.array(["a", None], object), verbose=0)
    table = table_model()
    with pytest.raises(BadType, match="text comes to input 'age'"):
        table.predict({**TABLE, "age": TABLE["city"]}, verbose=0)
    with pytest.raises(BadData, match="x holds text"):
        compiled(Sequential([Input((1,)), Dense(1, "sigmoid")])).fit(TEXTS, LABELS, verbose=0)
    with pytest.raises(BadData, match="x has 160 rows, y has 3"):
        model.fit(TEXTS, LABELS[:3], verbose=0)


def test_models_end_in_numbers_and_learn_behind_text() -> None:
    number = Input((1,), dtype="int64")
    with pytest.raises(Unsupported, match="an output of text"):
        Model(number, StringLookup(vocabulary=COLORS, invert=True)(number))
    wide, text = Input((1,)), Input((1,), dtype="string")
    rounded = Discretization(bin_boundaries=[0.0])(Dense(1, name="learns")(wide))
    model = Model([wide, text], Embedding(8, 2)(HashedCrossing(8)([text, rounded])))
    with pytest.raises(BadValue, match="'learns', which has weights to train"):
        model.predict([np.ones((2, 1)), np.array(["a", "b"])], verbose=0)


def test_what_is_known_of_mistakes_is_looked_for_behind_the_text() -> None:
    small = Sequential([vectorization(), Embedding(5, 2), GlobalAveragePooling1D(), Dense(1, "softmax")])
    small.compile("adam", "binary_crossentropy", validate=False)
    # a softmax of one unit, and an embedding of fewer words than were learned
    for code in ("K103", "K161"):
        next(finding for finding in kmagic.diagnose(small, TEXTS, LABELS) if finding.code == code).fixes[0].apply()
    assert small.layers[1].input_dim == vectorization().vocabulary_size() and not kmagic.diagnose(small, TEXTS, LABELS)
    assert layers_of.serialize(small.layers[-1])["config"]["activation"] == "sigmoid"
    assert small.predict(TEXTS[:2], verbose=0).shape == (2, 1)


# ---- batches one after the other ----


def test_batches_of_text() -> None:
    batches = [(TEXTS[start : start + 32].tolist(), LABELS[start : start + 32]) for start in range(0, 160, 32)]
    models = [classifier([Input((1,), dtype="string")]) for _ in range(2)]
    models[1].set_weights(models[0].get_weights())
    models[0].fit(TEXTS, LABELS, epochs=2, shuffle=False, verbose=0)
    models[1].fit(iter(batches * 2), steps_per_epoch=5, epochs=2, verbose=0)
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    expected = models[0].evaluate(TEXTS, LABELS, verbose=0)
    assert models[0].evaluate(batches_anew(batches), verbose=0) == pytest.approx(expected, rel=1e-5)


def test_batches_of_texts_that_are_longer_than_the_first_ones() -> None:
    model = compiled(
        Sequential(
            [
                vectorization(output_sequence_length=None),
                Embedding(40, 2),
                GlobalAveragePooling1D(),
                Dense(1, "sigmoid"),
            ]
        )
    )
    batches = [(np.array(["the film", "sad"]), LABELS[:2]), (np.array(["the film was sad", "sad"]), LABELS[:2])]
    with pytest.raises(BadData, match=r"x of batch 2") as caught:
        model.fit(iter(batches), steps_per_epoch=2, verbose=0)
    assert "output_sequence_length" in str(caught.value)


class batches_anew:
    """Batches that can be gone through again."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        return iter([(np.array(x), y) for x, y in self.batches])
