"""Networks as people build them, for either library: text, series, images, shared parts, several inputs and outputs.

Each function gives what is trained in turn, step by step: usually one model, two where models share layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import inputs

STEPS, BATCH = 20, 8
ROWS = STEPS * BATCH
WORDS, LENGTH = 13, 7
Array = np.ndarray


@dataclass(frozen=True)
class Trained:
    """A model, what compile is given, and its data; arrays, lists or dictionaries of them, a row a sample."""

    model: Any
    x: Any
    y: Any
    weights: Any = None
    compile: Mapping[str, Any] = field(default_factory=dict)


Builder = Callable[[Any], list[Trained]]
BUILDERS: dict[str, Builder] = {}


def entered(build: Builder) -> Builder:
    """Enter a builder under its own name."""
    BUILDERS[build.__name__.replace("_", " ")] = build
    return build


# ---- data ----


def words() -> Array:
    """Texts of 2 to LENGTH words, numbers from 1, with zeros behind."""
    stream = inputs.generator("words")
    found = stream.integers(1, WORDS, (ROWS, LENGTH))
    return np.where(np.arange(LENGTH) < stream.integers(2, LENGTH + 1, (ROWS, 1)), found, 0).astype("int32")


def classes_of(texts: Array) -> Array:
    """Three classes of texts, by how many of their words have small numbers."""
    return np.clip(((texts > 0) & (texts < 5)).sum(1), 0, 2)


def tags_of(texts: Array) -> Array:
    """A class for each word, which depends on the word before it too."""
    before = np.pad(texts[:, :-1], ((0, 0), (1, 0)))
    return (texts + before) % 3


def series(*names: object, columns: int = 3) -> Array:
    """Series of LENGTH steps of numbers."""
    return np.cumsum(inputs.normal(*names, shape=(ROWS, LENGTH, columns), scale=0.5), axis=1)


def padded_series(*names: object) -> Array:
    """Series of which the last steps, none or up to four, are zeros."""
    lengths = inputs.generator(*names, "lengths").integers(LENGTH - 4, LENGTH + 1, (ROWS, 1, 1))
    return np.where(np.arange(LENGTH)[:, None] < lengths, series(*names), 0.0)


def squares() -> tuple[Array, Array]:
    """Squares of four brightnesses in noise, and which brightness it is."""
    classes = np.arange(ROWS) % 4
    x = inputs.normal("squares", shape=(ROWS, 6, 6, 2))
    x[:, 1:5, 1:5] += classes[:, None, None, None]
    return x, classes


# ---- text ----


def _crossentropy(optimizer: Any, **further: Any) -> dict[str, Any]:
    return {
        "optimizer": optimizer,
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        **further,
    }


@entered
def text_by_an_LSTM(library: Any) -> list[Trained]:
    layers, texts = library.layers, words()
    model = library.Sequential(
        [
            layers.Input((LENGTH,), dtype="int32"),
            layers.Embedding(WORDS, 5, mask_zero=True),
            layers.LSTM(4),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return [Trained(model, texts, classes_of(texts), compile=_crossentropy(library.optimizers.Adam(0.02)))]


@entered
def series_by_Masking_and_two_LSTMs(library: Any) -> list[Trained]:
    layers, x = library.layers, padded_series("masked")
    model = library.Sequential(
        [
            layers.Input((LENGTH, 3)),
            layers.Masking(),
            layers.LSTM(4, return_sequences=True),
            layers.Dropout(0.0),
            layers.LSTM(3, go_backwards=True),
            layers.Dense(2, activation="sigmoid"),
        ]
    )
    options = {
        "optimizer": library.optimizers.RMSprop(0.01, momentum=0.5),
        "loss": "binary_crossentropy",
        "metrics": ["accuracy", library.metrics.AUC(num_thresholds=11, name="auc")],
    }
    y = (np.stack([x.sum((1, 2)), x[:, 0, 0]], axis=1) > 0).astype(float)
    return [Trained(model, x, y, inputs.sample_weights(ROWS, "masked"), options)]


@entered
def text_by_a_bidirectional_GRU(library: Any) -> list[Trained]:
    layers, texts = library.layers, words()
    start = layers.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(WORDS, 4, mask_zero=True)(start)
    x = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
    x = layers.Bidirectional(layers.GRU(3), merge_mode="sum")(x)
    model = library.Model(start, layers.Dense(3, activation="softmax")(x))
    optimizer = library.optimizers.SGD(0.2, momentum=0.8, nesterov=True)
    return [Trained(model, texts, classes_of(texts), compile=_crossentropy(optimizer))]


@entered
def tags_of_words(library: Any) -> list[Trained]:
    layers, texts = library.layers, words()
    start = layers.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(WORDS, 4, mask_zero=True)(start)
    x = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
    model = library.Model(start, layers.TimeDistributed(layers.Dense(3, activation="softmax"))(x))
    options = _crossentropy(
        library.optimizers.Adam(0.02),
        weighted_metrics=["accuracy", "sparse_categorical_crossentropy"],
    )
    weights = inputs.sample_weights(ROWS * LENGTH, "tags").reshape(ROWS, LENGTH)
    return [Trained(model, texts, tags_of(texts), weights, options)]


def _places(library: Any, **options: Any) -> Any:
    """A layer of a user's own: words as vectors, and their places too; it says which words count."""

    class Places(library.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.words = library.layers.Embedding(WORDS, 6, mask_zero=True, name="words")
            self.places = library.layers.Embedding(LENGTH, 6, name="places")

        def build(self, input_shape: Any) -> None:
            self.words.build(input_shape)
            self.places.build((LENGTH,))

        def call(self, texts: Any) -> Any:
            return self.words(texts) + self.places(library.ops.arange(LENGTH))

        def compute_mask(self, texts: Any, previous_mask: Any = None) -> Any:
            return self.words.compute_mask(texts)

    return Places(**options)


def _encoded(layers: Any, x: Any, **seen: Any) -> Any:
    """A block of a transformer."""
    found = layers.MultiHeadAttention(2, 3, dropout=0.0)(x, x, **seen)
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.0)(found)]))
    found = layers.Dense(6)(layers.Dense(8, activation="gelu")(x))
    return layers.LayerNormalization()(layers.Add()([x, found]))


@entered
def text_by_a_transformer(library: Any) -> list[Trained]:
    """Padding is hidden by the masks that words carry."""
    layers, texts = library.layers, words()
    start = layers.Input((LENGTH,), dtype="int32")
    x = _encoded(layers, _places(library)(start), use_causal_mask=True)
    x = layers.GlobalAveragePooling1D()(x)
    model = library.Model(start, layers.Dense(3, activation="softmax")(x))
    optimizer = library.optimizers.AdamW(0.01, weight_decay=0.01)
    return [Trained(model, texts, classes_of(texts), compile=_crossentropy(optimizer))]


@entered
def text_by_two_blocks_of_a_transformer(library: Any) -> list[Trained]:
    """Padding is hidden by a mask that is made of the words."""
    layers, texts = library.layers, words()
    start = layers.Input((LENGTH,), dtype="int32")
    hidden = library.ops.expand_dims(library.ops.not_equal(start, 0), 1)
    x = layers.Embedding(WORDS, 6)(start)
    x = _encoded(layers, x, attention_mask=hidden)
    x = _encoded(layers, x, attention_mask=hidden, use_causal_mask=True)
    model = library.Model(start, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))
    optimizer = library.optimizers.SGD(0.1, momentum=0.9)
    return [Trained(model, texts, classes_of(texts), compile=_crossentropy(optimizer))]


@entered
def words_after_words(library: Any) -> list[Trained]:
    """From one sequence to another: the encoder's states are where the decoder starts."""
    layers, texts = library.layers, words()
    source = layers.Input((LENGTH,), dtype="int32", name="source")
    target = layers.Input((LENGTH,), dtype="int32", name="target")
    x = layers.Embedding(WORDS, 4, mask_zero=True)(source)
    _, *states = layers.LSTM(4, return_state=True)(x)
    y = layers.Embedding(WORDS, 4, mask_zero=True)(target)
    y = layers.LSTM(4, return_sequences=True)(y, initial_state=states)
    model = library.Model([source, target], layers.Dense(WORDS)(y))
    options = {
        "optimizer": library.optimizers.Adam(0.02),
        "loss": library.losses.SparseCategoricalCrossentropy(from_logits=True),
        "metrics": ["accuracy"],
    }
    wanted = texts[:, ::-1].copy()
    return [Trained(model, [texts, wanted], np.roll(wanted, -1, 1), compile=options)]


# ---- series and images ----


@entered
def series_by_convolution_and_GRU(library: Any) -> list[Trained]:
    layers, x = library.layers, series("forecast")
    model = library.Sequential(
        [
            layers.Input((LENGTH, 3)),
            layers.Conv1D(4, 3, padding="causal", activation="relu"),
            layers.BatchNormalization(momentum=0.8),
            layers.GRU(4, reset_after=False),
            layers.Dense(2),
        ]
    )
    options = {
        "optimizer": library.optimizers.RMSprop(0.01),
        "loss": library.losses.Huber(0.7),
        "metrics": ["mae"],
    }
    return [Trained(model, x, x[:, -1, :2] - x[:, -2, 1:], compile=options)]


@entered
def images_by_separable_convolutions(library: Any) -> list[Trained]:
    layers, (x, classes) = library.layers, squares()
    model = library.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.SeparableConv2D(4, 3, padding="same", activation="relu"),
            layers.GroupNormalization(2),
            layers.SpatialDropout2D(0.0),
            layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2),
            layers.LeakyReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    optimizer = library.optimizers.SGD(0.05, momentum=0.9)
    return [Trained(model, x, classes, compile=_crossentropy(optimizer))]


# ---- graphs of layers ----


@entered
def residual_blocks(library: Any) -> list[Trained]:
    layers = library.layers
    x = inputs.normal("blocks", shape=(ROWS, 5))
    start = layers.Input((5,))
    way = layers.Dense(6, activation="elu")(start)
    for _ in range(2):
        deep = layers.BatchNormalization(momentum=0.7)(layers.Dense(6, use_bias=False)(way))
        gate = layers.Dense(6, activation="sigmoid")(way)
        way = layers.Add()([way, layers.Multiply()([layers.Activation("swish")(deep), gate])])
    end = layers.Dense(1)(layers.Concatenate()([way, start]))
    options = {
        "optimizer": library.optimizers.Adam(0.01, clipnorm=0.5, amsgrad=True),
        "loss": "mse",
        "metrics": [library.metrics.R2Score(name="r2")],
    }
    y = np.sin(x[:, :1]) * x[:, 1:2] + x[:, 2:3]
    return [Trained(library.Model(start, end), x, y, compile=options)]


@entered
def two_models_share_an_encoder(library: Any) -> list[Trained]:
    """Trained in turns: one gives the input back, the other says a class."""
    layers = library.layers
    x = inputs.normal("shared", shape=(ROWS, 6))
    encoder = library.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(5, activation="tanh"),
            layers.BatchNormalization(momentum=0.6),
            layers.Dense(2),
        ],
        name="encoder",
    )
    start = layers.Input((6,))
    code = encoder(start)
    again = library.Model(start, layers.Dense(6)(layers.Dense(5, activation="tanh")(code)))
    kind = library.Model(start, layers.Dense(2, activation="softmax")(code))
    options = {"optimizer": library.optimizers.Adam(0.01), "loss": "mse"}
    other = _crossentropy(library.optimizers.SGD(0.1, momentum=0.5))
    return [Trained(again, x, x, compile=options), Trained(kind, x, (x[:, 0] > 0).astype(int), compile=other)]


@entered
def two_inputs_and_two_outputs(library: Any) -> list[Trained]:
    layers, texts = library.layers, words()
    numbers = inputs.normal("numbers", shape=(ROWS, 3))
    text = layers.Input((LENGTH,), dtype="int32", name="text")
    table = layers.Input((3,), name="table")
    read = layers.GRU(3)(layers.Embedding(WORDS, 4, mask_zero=True)(text))
    both = layers.Concatenate()([read, layers.Dense(4, activation="relu")(table)])
    price = layers.Dense(1, name="price")(both)
    kind = layers.Dense(3, activation="softmax", name="kind")(both)
    options = {
        "optimizer": library.optimizers.RMSprop(0.01, centered=True),
        "loss": {"price": "mse", "kind": "sparse_categorical_crossentropy"},
        "loss_weights": {"price": 0.3, "kind": 1.5},
        "metrics": {"price": ["mae"], "kind": ["accuracy"]},
        "weighted_metrics": {"kind": ["accuracy"]},
    }
    y = [numbers.sum(1, keepdims=True), classes_of(texts)]
    weights = [inputs.sample_weights(ROWS, name) for name in ("price", "kind")]
    model = library.Model([text, table], [price, kind])
    return [Trained(model, {"text": texts, "table": numbers}, y, weights, options)]
