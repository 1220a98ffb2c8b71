"""Models: what is trained, how large it is, and layers that hinder it."""

from __future__ import annotations

from typing import Any

import numpy

from kmagic.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GaussianNoise,
    Input,
    Layer,
)
from kmagic.models import Model, Sequential
from kmagic.optimizers import SGD, Adam
from tests.models.diagnosis.cases.choices import SPARSE, classes, numbers, regressor
from tests.models.diagnosis.example import Example, correct, wrong

# ---- nothing to train ----


@wrong("K153", "error", "0 of 49")
def everything_is_frozen() -> Example:
    model = regressor()
    model.trainable = False
    return Example(model, *numbers(101), {"optimizer": "adam", "loss": "mse"})


@wrong("K153", "error", "0 of 67")
def every_layer_is_frozen() -> Example:
    x = Input((4,))
    model = Model(x, Dense(3, activation="softmax")(Dense(8, activation="relu")(x)))
    for layer in model.layers:
        layer.trainable = False
    return Example(model, *classes(102), {"optimizer": Adam(0.01), "loss": SPARSE})


# ---- dropout ----


@wrong("K162", "warning", "0.9", "'dropout'")
def dropout_that_leaves_a_tenth() -> Example:
    layers = [Input((4,)), Dense(32, activation="relu"), Dropout(0.9, name="dropout"), Dense(1)]
    return Example(Sequential(layers), *numbers(103), {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K231", "warning", "'last'", "Dropout")
def dropout_after_softmax() -> Example:
    layers = [Input((4,)), Dense(32, activation="relu"), Dense(3, activation="softmax"), Dropout(0.3, name="last")]
    return Example(Sequential(layers), *classes(112), {"optimizer": Adam(0.01), "loss": SPARSE})


@wrong("K231", "warning", "'blur'", "GaussianNoise")
def noise_after_a_number() -> Example:
    x = Input((4,))
    model = Model(x, GaussianNoise(0.1, name="blur")(Dense(1)(Dense(16, activation="relu")(x))))
    return Example(model, *numbers(113), {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K162", "error", "50", "'thinned'")
def dropout_in_per_cent() -> Example:
    x = Input((4,))
    thinned = Dropout(0.5, name="thinned")
    model = Model(x, Dense(3, activation="softmax")(thinned(Dense(32, activation="relu")(x))))
    thinned.rate = 50
    return Example(model, *classes(104), {"optimizer": Adam(0.01), "loss": SPARSE})


# ---- size ----


@wrong("K173", "hint", "200 rows", "parameters")
def a_million_parameters_for_two_hundred_rows() -> Example:
    layers = [Input((4,)), Dense(500, activation="relu"), Dense(500, activation="relu"), Dense(1)]
    return Example(Sequential(layers), *numbers(105), {"optimizer": Adam(0.001), "loss": "mse"})


@wrong("K173", "hint", "60 rows", "parameters")
def a_wide_model_for_sixty_rows() -> Example:
    x = Input((20,))
    hidden = Dense(256, activation="relu")(Dense(256, activation="relu")(x))
    model = Model(x, Dense(3, activation="softmax")(hidden))
    return Example(model, *classes(106, rows=60, columns=20), {"optimizer": Adam(0.001), "loss": SPARSE})


@wrong("K174", "error", "GB", "batch_size", "1000000")
def a_batch_that_no_memory_holds() -> Example:
    x = numpy.random.default_rng(107).normal(size=(1_000_000, 1)).astype("float32")
    model = Sequential([Input((1,)), Dense(100_000, activation="relu"), Dense(1)])
    return Example(model, x, 2 * x, {"optimizer": "sgd", "loss": "mse"}, {"batch_size": 1_000_000}, trains=False)


@wrong("K174", "error", "GB", "batch_size", "65536")
def sequences_in_one_batch() -> Example:
    x = numpy.random.default_rng(108).normal(size=(65536, 32, 1)).astype("float32")
    entry = Input((32, 1))
    model = Model(entry, Dense(1)(Dense(50_000, activation="tanh")(entry)))
    return Example(model, x, 0.5 * x, {"optimizer": "adam", "loss": "mae"}, {"batch_size": 65536}, trains=False)


@wrong("K154", "warning", "'batch_normalization'", "1 row")
def normalized_over_one_row() -> Example:
    layers = [Dense(8, activation="relu"), BatchNormalization(name="batch_normalization"), Dense(1)]
    model = Sequential([Input((4,)), *layers])
    return Example(model, *numbers(115, rows=60), {"optimizer": Adam(0.01), "loss": "mse"}, fit={"batch_size": 1})


@wrong("K154", "warning", "'normalized'", "1 row")
def two_normalizations_over_one_row() -> Example:
    x = Input((4,))
    hidden = BatchNormalization(name="normalized")(Dense(8, activation="relu")(x))
    model = Model(x, Dense(3, activation="softmax")(BatchNormalization()(hidden)))
    return Example(model, *classes(116, rows=60), {"optimizer": Adam(0.01), "loss": SPARSE}, fit={"batch_size": 1})


# ---- sequences ----


@wrong("K177", "error", "'lstm'", "(200, 12)")
def rows_for_a_recurrent_layer() -> Example:
    model = Sequential([LSTM(8, name="lstm"), Dense(1)])
    return Example(model, *numbers(117, columns=12), {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K177", "error", "'both_ways'", "(200, 6)")
def rows_for_a_layer_that_walks_both_ways() -> Example:
    model = Sequential([Bidirectional(GRU(6), name="both_ways"), Dense(3, activation="softmax")])
    return Example(model, *classes(118, columns=6), {"optimizer": Adam(0.02), "loss": SPARSE, "metrics": ["accuracy"]})


# ---- layers that hinder ----


@wrong("K210", "warning", "sigmoid", "6")
def deep_stack_of_sigmoids() -> Example:
    layers = [Dense(16, activation="sigmoid") for _ in range(6)]
    model = Sequential([Input((4,)), *layers, Dense(1)])
    return Example(model, *numbers(109), {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K210", "warning", "sigmoid", "5")
def deep_classifier_of_sigmoids() -> Example:
    entry = x = Input((4,))
    for _ in range(5):
        x = Dense(12, activation="sigmoid")(x)
    model = Model(entry, Dense(3, activation="softmax")(x))
    return Example(model, *classes(110), {"optimizer": Adam(0.01), "loss": SPARSE})


@wrong("K216", "warning", "'narrow'", "1 unit")
def bottleneck_of_one() -> Example:
    layers = [Input((4,)), Dense(16, activation="relu"), Dense(1, activation="relu", name="narrow"), Dense(8, "relu")]
    model = Sequential([*layers, Dense(3, activation="softmax")])
    return Example(model, *classes(111), {"optimizer": Adam(0.01), "loss": SPARSE})


@wrong("K216", "warning", "'squeezed'", "1 unit")
def bottleneck_in_a_network() -> Example:
    x = Input((4,))
    squeezed = Dense(1, name="squeezed")(Dense(8, activation="relu")(x))
    model = Model(x, Dense(2)(Dense(8, activation="relu")(squeezed)))
    data = numbers(112)
    y = numpy.concatenate([data[1], data[0][:, :1]], axis=1)
    return Example(model, data[0], y, {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K217", "hint", "'hidden'", "twice")
def layer_called_on_its_own_output() -> Example:
    x = Input((8,))
    hidden = Dense(8, activation="relu", name="hidden")
    model = Model(x, Dense(1)(hidden(hidden(x))))
    return Example(model, *numbers(113, columns=8), {"optimizer": Adam(0.01), "loss": "mse"})


@wrong("K217", "hint", "'mixing'", "3 times")
def layer_called_in_a_loop() -> Example:
    entry = x = Input((6,))
    mixing = Dense(6, activation="tanh", name="mixing")
    for _ in range(3):
        x = mixing(x)
    model = Model(entry, Dense(3, activation="softmax")(x))
    return Example(model, *classes(114, columns=6), {"optimizer": Adam(0.01), "loss": SPARSE})


# ---- correct ----


@correct("a deep stack of relu")
def deep_relu() -> Example:
    layers = [Dense(16, activation="relu") for _ in range(8)]
    return Example(Sequential([Input((4,)), *layers, Dense(1)]), *numbers(120), {"optimizer": "adam", "loss": "mse"})


@correct("three layers of tanh")
def smooth() -> Example:
    layers = [Dense(16, activation="tanh") for _ in range(3)]
    model = Sequential([Input((4,)), *layers, Dense(3, activation="softmax")])
    return Example(model, *classes(121), {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]})


@correct("two layers of sigmoid")
def shallow() -> Example:
    layers = [Dense(16, activation="sigmoid") for _ in range(2)]
    model = Sequential([Input((4,)), *layers, Dense(3, activation="softmax")])
    return Example(model, *classes(133), {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]})


@correct("dropout of a half")
def half_dropped() -> Example:
    layers = [Input((4,)), Dense(64, activation="relu"), Dropout(0.5), Dense(64, activation="relu"), Dropout(0.8)]
    model = Sequential([*layers, Dense(1)])
    return Example(model, *numbers(122), {"optimizer": Adam(0.001), "loss": "mse"})


@correct("batch normalization over 32 rows")
def normalized() -> Example:
    layers = [Dense(16, activation="relu"), BatchNormalization(), Dense(16, activation="relu"), BatchNormalization()]
    model = Sequential([Input((4,)), *layers, Dense(3, activation="softmax")])
    return Example(model, *classes(134), {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]})


@correct("a recurrent layer on sequences")
def sequences() -> Example:
    x, y = numbers(135, columns=12)
    model = Sequential([LSTM(8), Dense(1)])
    return Example(model, x.reshape(200, 6, 2), y, {"optimizer": "adam", "loss": "mse"})


@correct("a recurrent layer behind an embedding")
def words() -> Example:
    x = numpy.random.default_rng(136).integers(0, 20, (200, 7))
    model = Sequential([Embedding(20, 4), GRU(8), Dense(1, activation="sigmoid")])
    return Example(model, x, x[:, 0] % 2, {"optimizer": "adam", "loss": "binary_crossentropy"})


@correct("a frozen base with a new head")
def frozen_base() -> Example:
    base = Sequential([Input((4,)), Dense(16, activation="relu"), Dense(8, activation="relu")])
    base.trainable = False
    model = Sequential([Input((4,)), base, Dense(3, activation="softmax")])
    return Example(model, *classes(123), {"optimizer": Adam(1e-3), "loss": SPARSE, "metrics": ["accuracy"]})


@correct("unfrozen, and compiled again at a small rate")
def fine_tuned() -> Example:
    x, y = numbers(124)
    model = regressor()
    model.layers[0].trainable = False
    model.compile(Adam(0.01), "mse")
    model.fit(x, y, verbose=0)
    model.layers[0].trainable = True
    model.compile(Adam(1e-5), "mse")
    return Example(model, x, y, {})


@correct("frozen before the first training")
def frozen_before() -> Example:
    model = regressor()
    model.compile(Adam(0.01), "mse")
    model.layers[0].trainable = False
    return Example(model, *numbers(125), {})


@correct("one encoder for two inputs")
def siamese() -> Example:
    x, y = numbers(126)
    left, right = Input((4,), name="left"), Input((4,), name="right")
    encoder = Dense(8, activation="relu")
    model = Model([left, right], Dense(1)(encoder(left) - encoder(right)))
    return Example(model, [x, -x], y, {"optimizer": "adam", "loss": "mse"})


@correct("an autoencoder with a code of one number")
def autoencoder() -> Example:
    x = Input((4,))
    code = Dense(1)(Dense(8, activation="tanh")(x))
    model = Model(x, Dense(4)(Dense(8, activation="tanh")(code)))
    rows, _ = numbers(127)
    return Example(model, rows, rows, {"optimizer": "adam", "loss": "mse"})


class TwoPaths(Model):
    """A subclass that makes its layers itself."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = Dense(1)
        self.deep = Dense(16, activation="relu")
        self.head = Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.wide(inputs) + self.head(self.deep(inputs))


@correct("a subclassed model, built by its first data")
def subclassed() -> Example:
    return Example(TwoPaths(), *numbers(128), {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]})


class Penalized(Layer):
    """Adds the size of what passes to the loss."""

    def call(self, inputs: Any) -> Any:
        self.add_loss((inputs**2).mean())
        return inputs


@correct("a loss that a layer adds")
def added_loss() -> Example:
    model = Sequential([Input((4,)), Dense(4), Penalized()])
    return Example(model, *numbers(129), {"optimizer": SGD(0.1)}, fit={"epochs": 2})


@correct("layers that are not built yet")
def deferred() -> Example:
    model = Sequential([Dense(8, activation="relu"), Dense(3, activation="softmax")])
    return Example(model, *classes(130), {"optimizer": "rmsprop", "loss": SPARSE})


@correct("more parameters than rows, as usual")
def wide_enough() -> Example:
    layers = [Input((20,)), Dense(64, activation="relu"), Dense(64, activation="relu"), Dense(1)]
    return Example(Sequential(layers), *numbers(131, columns=20), {"optimizer": "adam", "loss": "mse"})


@correct("a whole training set as one batch")
def one_batch() -> Example:
    return Example(regressor(), *numbers(132), {"optimizer": "adam", "loss": "mse"}, fit={"batch_size": 200})


# ---- steps of sequences ----


@wrong("K164", "error", "(None, 6, 3)", "(200,)", "return_sequences=True", fixes=2)
def classes_for_each_step() -> Example:
    generator = numpy.random.default_rng(8)
    y = generator.integers(0, 3, 200)
    x = generator.normal(size=(200, 6, 4)) * 0.3 + numpy.eye(4)[y][:, None, :]
    model = Sequential([Input((6, 4)), LSTM(6, return_sequences=True), Dropout(0.1), Dense(3, activation="softmax")])
    return Example(model, x, y, {"optimizer": Adam(0.01), "loss": SPARSE})


@wrong("K164", "error", "(None, 5, 1)", "(200,)", "return_sequences=True")
def a_number_for_each_step() -> Example:
    x = numpy.random.default_rng(9).normal(size=(200, 5, 3))
    inputs = Input((5, 3))
    steps = GRU(6, return_sequences=True)(GRU(4, return_sequences=True)(inputs))
    model = Model(inputs, Dense(1)(Dense(4, activation="relu")(steps)))
    return Example(model, x, x.sum(axis=(1, 2)), {"optimizer": Adam(0.01), "loss": "mse"})
