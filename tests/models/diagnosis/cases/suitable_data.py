"""Right choices of data: every way to hand them over, and data that only look strange."""

from pathlib import Path
from tempfile import mkdtemp

import numpy
import pandas

from kmagic import Model, Sequential, ops
from kmagic.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    MaxPooling2D,
    Normalization,
    Rescaling,
)
from tests.models.diagnosis.cases.columns import reader, words
from tests.models.diagnosis.example import Example, correct
from tests.models.diagnosis.tables import (
    binary_recipe,
    classes_recipe,
    classifier,
    joined,
    kinds,
    measures,
    numbers_recipe,
    pictures,
    regressor,
    viewer,
)


@correct("a table of pandas and a series")
def table() -> Example:
    x, y = measures(100)
    return Example(regressor(), pandas.DataFrame(x, columns=list("abcd")), pandas.Series(y), numbers_recipe())


@correct("a table of pandas with whole numbers, fractions and truth values")
def mixed_table() -> Example:
    x, y = kinds(101)
    frame = pandas.DataFrame(x, columns=list("abcd"))
    frame["b"], frame["c"] = numpy.round(frame.b).astype(int), frame.c > 0
    return Example(classifier(), frame, y, classes_recipe())


@correct("nested lists")
def lists() -> Example:
    x, y = kinds(102)
    return Example(joined(4, 3, "softmax"), x.tolist(), y.tolist(), classes_recipe())


@correct("pictures of bytes that the model scales")
def scaled_bytes() -> Example:
    return Example(viewer(), *pictures(103), binary_recipe())


@correct("pictures of bytes between −1 and 1")
def centred_bytes() -> Example:
    x, y = pictures(104, channels=3)
    inputs = Input((6, 6, 3))
    scaled = Rescaling(1 / 127.5, offset=-1)(inputs)
    return Example(Model(inputs, Dense(1, "sigmoid")(Flatten()(scaled))), x, y, binary_recipe())


@correct("pictures between 0 and 1, some pixels always black")
def dark_corners() -> Example:
    x, y = pictures(105)
    x[:, 0, :], x[:, :, 0] = 0, 0
    return Example(viewer(scale=None), x / 255, y, binary_recipe())


@correct("pictures as rows of pixels, some always black")
def flat_pictures() -> Example:
    x, y = pictures(106, side=4)
    x[:, 0] = 0
    model = Sequential([Input((16,)), Dense(8, "relu"), Dense(1, "sigmoid")])
    return Example(model, x.reshape(len(x), -1) / 255, y, binary_recipe())


@correct("a memory-mapped file")
def mapped() -> Example:
    x, y = measures(107)
    path = Path(mkdtemp()) / "x.npy"
    numpy.save(path, x)
    return Example(regressor(), numpy.load(path, mmap_mode="r"), y, numbers_recipe())


@correct("float64")
def double() -> Example:
    x, y = measures(108)
    return Example(regressor(), x.astype("float64"), y.astype("float64"), numbers_recipe())


@correct("columns of whole numbers")
def whole_columns() -> Example:
    generator = numpy.random.default_rng(109)
    x = generator.integers(-5, 6, (200, 4))
    return Example(regressor(), x, x @ numpy.array([0.5, -0.2, 0.1, 0.3]), numbers_recipe())


@correct("a table of a few answers, in which rows repeat")
def questionnaire() -> Example:
    x = numpy.random.default_rng(110).integers(0, 2, (300, 4))
    fit = {"validation_split": 0.2}
    return Example(joined(4, 1, "sigmoid"), x, (x.sum(1) > 2).astype(int), binary_recipe(), fit=fit)


@correct("exclusive or")
def exclusive_or() -> Example:
    x = numpy.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    model = Sequential([Input((2,)), Dense(8, "tanh"), Dense(1, "sigmoid")])
    return Example(model, x, numpy.array([0, 1, 1, 0]), binary_recipe(0.1))


@correct("a line through points, in order")
def line() -> Example:
    x = numpy.linspace(-1, 1, 100)[:, None]
    return Example(Sequential([Input((1,)), Dense(1)]), x, 2 * x - 1, numbers_recipe(0.1))


@correct("several inputs by name")
def named_inputs() -> Example:
    x, y = measures(111, columns=6)
    first, second = Input((2,), name="place"), Input((4,), name="size")
    model = Model([first, second], Dense(1)(Dense(8, "relu")(ops.concatenate([first, second], -1))))
    return Example(model, {"place": x[:, :2], "size": x[:, 2:]}, y, numbers_recipe())


@correct("several inputs, one of them word numbers")
def numbers_and_words() -> Example:
    places, y = words(112, count=30, length=1)
    x, _ = measures(112, columns=3)
    table, towns = Input((3,)), Input((1,))
    vectors = Flatten()(Embedding(30, 3)(towns))
    model = Model([table, towns], Dense(1, "sigmoid")(Dense(8, "relu")(ops.concatenate([table, vectors], -1))))
    return Example(model, [x, places], y, binary_recipe(0.05))


@correct("word numbers as floats, far beyond a hundred")
def many_words() -> Example:
    x, y = words(113, count=5000)
    return Example(reader(5000), x.astype("float32"), y, binary_recipe(0.1))


@correct("validation data of their own")
def own_validation() -> Example:
    x, y = kinds(114, rows=260)
    fit = {"validation_data": (x[200:], y[200:])}
    return Example(classifier(), x[:200], y[:200], classes_recipe(), fit=fit)


@correct("validation data with weights, from a table")
def weighted_validation() -> Example:
    x, y = measures(115, rows=260)
    frame = pandas.DataFrame(x, columns=list("abcd"))
    fit = {"validation_data": (frame[200:], y[200:], numpy.ones(60))}
    return Example(regressor(), frame[:200], y[:200], numbers_recipe(), fit=fit)


@correct("a split of rows in random order")
def split() -> Example:
    return Example(classifier(), *kinds(116), classes_recipe(), fit={"validation_split": 0.25})


@correct("a split of a series in order of time")
def time_series() -> Example:
    time = numpy.arange(204) / 10
    series = numpy.sin(time) + 0.1 * numpy.random.default_rng(117).normal(size=204)
    x = numpy.lib.stride_tricks.sliding_window_view(series, 4)[:200]
    fit = {"validation_split": 0.2, "shuffle": False}
    return Example(regressor(), x, series[4:], numbers_recipe(), fit=fit)


@correct("thousands that a normalisation scales")
def normalised() -> Example:
    x, y = measures(118)
    x = x * 1000 + 5000
    layer = Normalization()
    layer.adapt(x)
    return Example(Sequential([Input((4,)), layer, Dense(8, "relu"), Dense(1)]), x, y, numbers_recipe())


@correct("ages and counts in units of their own")
def everyday_units() -> Example:
    generator = numpy.random.default_rng(120)
    x = numpy.stack([generator.integers(18, 80, 200), generator.integers(0, 5, 200), generator.normal(20, 5, 200)], 1)
    y = (x[:, 0] > 45).astype(int)
    return Example(joined(3, 1, "sigmoid"), x, y, binary_recipe())


@correct("features that are their own targets")
def autoencoder() -> Example:
    x, _ = measures(121)
    inputs = Input((4,))
    model = Model(inputs, Dense(4)(Dense(3, "tanh")(inputs)))
    return Example(model, x, x, numbers_recipe(0.02))


@correct("a class balanced by repeating rows, without validation")
def some_rows_twice() -> Example:
    x, y = kinds(122)
    chosen = numpy.concatenate([numpy.arange(200), numpy.arange(20)])
    return Example(classifier(), x[chosen], y[chosen], classes_recipe())


@correct("a column of truth values and one of minus ones")
def flags() -> Example:
    x, y = measures(123)
    x[:, 1], x[:, 2] = x[:, 1] > 0, numpy.sign(x[:, 2])
    return Example(regressor(), x, y, numbers_recipe())


@correct("the whole table as one batch")
def full_batch() -> Example:
    return Example(regressor(), *measures(124), numbers_recipe(0.05), fit={"batch_size": 200})


@correct("a model that is not built yet")
def not_built() -> Example:
    return Example(Sequential([Dense(8, "relu"), Dense(1)]), *measures(125), numbers_recipe())


@correct("a heavy tail")
def heavy_tail() -> Example:
    x, y = measures(126)
    x[:, 1] = numpy.sign(x[:, 1]) * abs(x[:, 1]) ** 3
    return Example(regressor(), x, y, numbers_recipe())


@correct("dark pictures between 0 and 1 that a layer shifts")
def shifted_pictures() -> Example:
    x, y = pictures(127)
    model = Sequential([Input((6, 6, 1)), Rescaling(2.0, offset=-1.0), Flatten(), Dense(1, "sigmoid")])
    return Example(model, x / 255, y, binary_recipe())


@correct("thousands that a batch normalisation scales")
def batch_normalised() -> Example:
    x, y = kinds(119)
    model = Sequential([Input((4,)), BatchNormalization(), Dense(8, "relu"), Dense(3, "softmax")])
    return Example(model, x * 1000, y, classes_recipe(0.02))


@correct("pictures of bytes for convolutions")
def convolutions() -> Example:
    x, y = pictures(131, side=8, channels=3)
    layers = [Conv2D(4, 3, activation="relu"), MaxPooling2D(), Flatten(), Dense(1, "sigmoid")]
    return Example(Sequential([Input((8, 8, 3)), Rescaling(1 / 255), *layers]), x, y, binary_recipe())


@correct("grey pictures, as wide as high, with a channel of their own")
def grey_pictures() -> Example:
    x, y = pictures(132, side=8)
    inputs = Input((8, 8, 1))
    hidden = GlobalAveragePooling2D()(Conv2D(6, (8, 3), activation="relu")(Rescaling(1 / 255)(inputs)))
    return Example(Model(inputs, Dense(1, "sigmoid")(hidden)), x, y, binary_recipe())


@correct("a target that only resembles a column")
def persistence() -> Example:
    x, y = measures(133)
    return Example(regressor(), x, x[:, 0] + 0.01 * y, numbers_recipe())


@correct("a trend in time beside other features")
def trend() -> Example:
    x, y = measures(134)
    x[:, 0] = numpy.linspace(0, 1, 200)
    return Example(regressor(), x, y + x[:, 0], numbers_recipe(), fit={"validation_split": 0.2})


@correct("one-hot columns and counts")
def one_hot_columns() -> Example:
    x, y = kinds(135, rows=300)
    towns = numpy.eye(4)[numpy.random.default_rng(135).integers(0, 4, 300)]
    table = numpy.concatenate([x[:, :2], towns], 1)
    return Example(classifier(3, 6), table, y, classes_recipe(), fit={"validation_split": 0.2})


@correct("validation of a later time, a little further off")
def drifting_validation() -> Example:
    x, y = measures(136, rows=260)
    fit = {"validation_data": (x[200:] * 1.3 + 0.8, y[200:])}
    return Example(regressor(), x[:200], y[:200], numbers_recipe(), fit=fit)


@correct("minus one for an answer that was not given")
def minus_one() -> Example:
    generator = numpy.random.default_rng(137)
    x = generator.integers(-1, 6, (200, 4))
    return Example(regressor(), x, x @ numpy.array([0.5, -0.2, 0.1, 0.3]), numbers_recipe())


@correct("labels as a column of truth values")
def truth_values() -> Example:
    x, y = kinds(138, classes=2)
    return Example(joined(4, 1, "sigmoid"), x, (y == 1)[:, None], binary_recipe())
