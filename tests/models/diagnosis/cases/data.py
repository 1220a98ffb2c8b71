"""Data that a model cannot take, or cannot learn from: gaps, text, lengths, widths, scales."""

from collections.abc import Iterator
from typing import Any

import numpy
import pandas

from kmagic import Model, Sequential, ops
from kmagic.layers import Conv2D, Dense, Flatten, Input, Rescaling
from kmagic.optimizers import SGD
from tests.models.diagnosis.example import Example, correct, wrong
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

NAMES = numpy.array(["cat", "dog", "owl"])


# ---- NaN and infinity ----


@wrong("K122", "error", "x", "1 NaN", "row 3", "column 1")
def a_gap_in_the_features() -> Example:
    x, y = measures(1)
    x[3, 1] = numpy.nan
    return Example(regressor(), x, y, numbers_recipe())


@wrong("K122", "error", "x", "2 NaN", "row 7", "column 'c'")
def gaps_in_a_table() -> Example:
    x, y = kinds(2)
    frame = pandas.DataFrame(x, columns=list("abcd"))
    frame.loc[[7, 9], "c"] = None
    return Example(classifier(), frame, y, classes_recipe())


@wrong("K122", "error", "y", "infinite", "row 11")
def an_infinite_target() -> Example:
    x, y = measures(3)
    y[11] = numpy.inf
    return Example(joined(), x, y, numbers_recipe())


@wrong("K122", "error", "x", "NaN", "row 4")
def a_gap_in_the_second_input() -> Example:
    x, y = measures(4, columns=6)
    x[4, 5] = numpy.nan
    first, second = Input((3,)), Input((3,))
    model = Model([first, second], Dense(1)(Dense(8, "relu")(ops.concatenate([first, second], -1))))
    return Example(model, [x[:, :3], x[:, 3:]], y, numbers_recipe())


@wrong("K122", "error", "validation", "1 NaN", "row 2", "column 0")
def a_gap_in_the_validation_data() -> Example:
    x, y = measures(5)
    x[162, 0] = numpy.nan
    fit = {"validation_data": (x[160:], y[160:])}
    return Example(regressor(), x[:160], y[:160], numbers_recipe(), fit=fit)


@wrong("K122", "error", "y", "2 missing labels", "row 5")
def labels_with_gaps() -> Example:
    x, y = kinds(150)
    labels = NAMES[y].astype(object)
    labels[[5, 9]] = None, numpy.nan
    return Example(classifier(), x, labels, classes_recipe())


@wrong("K122", "error", "validation y", "1 missing label", "row 3")
def validation_labels_with_a_gap() -> Example:
    x, y = kinds(151)
    labels = pandas.Series(NAMES[y], dtype="string")
    labels[163] = pandas.NA
    fit = {"validation_data": (x[160:], labels[160:])}
    return Example(joined(4, 3, "softmax"), x[:160], labels[:160], classes_recipe(), fit=fit)


# ---- scales ----


@wrong("K124", "warning", "column 2", "1000")
def one_feature_in_thousands() -> Example:
    x, y = measures(6)
    x[:, 2] *= 1000 / x[:, 2].std()
    return Example(regressor(), x, y, {"optimizer": SGD(0.01), "loss": "mse"})


@wrong("K124", "warning", "column 'income'", "50000")
def a_table_in_units_of_its_own() -> Example:
    x, y = kinds(7)
    frame = pandas.DataFrame(x, columns=["age", "income", "children", "rooms"])
    frame["income"] += 5 - frame["income"].mean()
    frame["income"] *= 10_000
    return Example(joined(4, 3, "softmax"), frame, y, classes_recipe())


@wrong("K124", "warning", "0 … 255", "uint8")
def pictures_of_bytes() -> Example:
    x, y = pictures(8)
    return Example(viewer(scale=None), x, y, binary_recipe())


@wrong("K124", "warning", "0 … 255")
def pictures_of_whole_floats() -> Example:
    x, y = pictures(9, channels=3)
    inputs = Input((6, 6, 3))
    model = Model(inputs, Dense(1, "sigmoid")(Dense(8, "relu")(Flatten()(inputs))))
    return Example(model, x.astype("float32"), y, binary_recipe())


# ---- text ----


@wrong("K134", "error", "text", "cat", "dog", "owl")
def class_names() -> Example:
    x, y = kinds(10)
    return Example(classifier(), x, NAMES[y], classes_recipe())


@wrong("K134", "error", "text", "no", "yes")
def yes_and_no_in_a_series() -> Example:
    x, y = pictures(11)
    return Example(viewer(), x, pandas.Series(numpy.where(y, "yes", "no")), binary_recipe())


@wrong("K134", "error", "text", "cat", "dog", "owl")
def a_list_of_names_for_one_hot_rows() -> Example:
    x, y = kinds(12)
    recipe = {"optimizer": "adam", "loss": "categorical_crossentropy"}
    return Example(joined(4, 3, "softmax"), x, NAMES[y].tolist(), recipe)


@wrong("K134", "error", "output 'kind'", "text", "cat", "owl")
def names_for_one_of_two_outputs() -> Example:
    x, y = kinds(13)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="size")(hidden), Dense(3, "softmax", name="kind")(hidden)])
    recipe = {"optimizer": "adam", "loss": ["mse", "sparse_categorical_crossentropy"]}
    return Example(model, x, {"size": x[:, 0] + x[:, 1], "kind": NAMES[y]}, recipe)


@wrong("K134", "error", "column 'town'", "text", "Bath", "York")
def a_column_of_text() -> Example:
    x, y = measures(14, columns=3)
    frame = pandas.DataFrame(x, columns=["rooms", "floor", "age"])
    frame.insert(1, "town", numpy.where(y > 0, "York", "Bath"))
    return Example(regressor(4), frame, y, numbers_recipe())


@wrong("K134", "error", "column 0", "text", "blue", "green", "red")
def an_object_array_with_text() -> Example:
    x, y = kinds(15, columns=3)
    table = numpy.empty((200, 4), object)
    table[:, 0], table[:, 1:] = numpy.array(["blue", "green", "red"])[y], x
    return Example(classifier(), table, y, classes_recipe())


@wrong("K209", "error", "text", "numbers")
def numbers_read_as_text() -> Example:
    x, y = measures(16)
    return Example(regressor(), x.astype(str), y, numbers_recipe())


@wrong("K209", "error", "object", "numbers")
def numbers_in_an_object_array() -> Example:
    x, y = kinds(17)
    return Example(classifier(), x.astype(object), y, classes_recipe())


@wrong("K209", "error", "y", "text", "numbers")
def targets_read_as_text() -> Example:
    x, y = measures(18)
    return Example(joined(), x, numpy.char.mod("%.4f", y), numbers_recipe())


@wrong("K207", "error", "column 'day'", "dates")
def a_column_of_dates() -> Example:
    x, y = measures(19)
    frame = pandas.DataFrame(x, columns=["day", "b", "c", "d"])
    frame["day"] = pandas.Timestamp("2024-01-01") + pandas.to_timedelta(numpy.round(x[:, 0] * 10), "D")
    return Example(regressor(), frame, y, numbers_recipe())


@wrong("K207", "error", "x", "dates")
def an_array_of_dates() -> Example:
    x, y = measures(20, columns=1)
    days = numpy.datetime64("2023-05-01") + numpy.round(x * 100).astype("timedelta64[D]")
    return Example(regressor(1), days, y, numbers_recipe())


# ---- lists, lengths, widths ----


@wrong("K135", "hint", "x", "list")
def lists_of_numbers() -> Example:
    x, y = measures(21)
    return Example(regressor(), x.tolist(), y, numbers_recipe())


@wrong("K135", "hint", "x", "y", "list")
def lists_of_numbers_and_classes() -> Example:
    x, y = kinds(22)
    return Example(joined(4, 3, "softmax"), x.tolist(), y.tolist(), classes_recipe())


@wrong("K135", "error", "x", "different lengths", "3", "5")
def rows_of_different_lengths() -> Example:
    x, y = measures(23, columns=5)
    return Example(regressor(5), [row[: 3 + number % 3] for number, row in enumerate(x.tolist())], y, numbers_recipe())


@wrong("K136", "error", "200 rows", "180")
def fewer_targets_than_rows() -> Example:
    x, y = measures(24)
    return Example(regressor(), x, y[:180], numbers_recipe())


@wrong("K136", "error", "150 rows", "200")
def fewer_rows_than_classes() -> Example:
    x, y = kinds(25)
    return Example(joined(4, 3, "softmax"), x[:150], y, classes_recipe())


@wrong("K136", "error", "x[1]", "190", "200 rows")
def inputs_of_different_lengths() -> Example:
    x, y = measures(26, columns=6)
    first, second = Input((3,)), Input((3,))
    model = Model([first, second], Dense(1)(Dense(8, "relu")(ops.concatenate([first, second], -1))))
    return Example(model, [x[:, :3], x[:190, 3:]], y, numbers_recipe())


@wrong("K137", "error", "5 features", "4")
def more_features_than_data() -> Example:
    x, y = measures(27)
    return Example(regressor(5), x, y, numbers_recipe())


@wrong("K137", "error", "3 features", "4")
def fewer_features_than_data() -> Example:
    x, y = kinds(28)
    return Example(joined(3, 3, "softmax"), x, y, classes_recipe())


@wrong("K137", "error", "36", "(120, 6, 6, 1)")
def pictures_for_a_table_model() -> Example:
    x, y = pictures(29)
    model = Sequential([Input((36,)), Dense(8, "relu"), Dense(1, "sigmoid")])
    return Example(model, x / 255, y, binary_recipe())


@correct("rows of one number")
def rows_of_one_number() -> Example:
    x, y = measures(30, columns=1)
    return Example(regressor(1), x[:, 0], y, numbers_recipe())


@wrong("K137", "error", "(4, 200)", "4 features")
def rows_and_columns_exchanged() -> Example:
    x, y = measures(31)
    return Example(regressor(), x.T, y, numbers_recipe())


@correct("pictures without an axis for their one channel")
def pictures_without_a_channel_axis() -> Example:
    x, y = pictures(32)
    return Example(viewer(), x[..., 0], y, binary_recipe())


@wrong("K163", "error", "(120, 3, 6, 6)", "(6, 6, 3)", "channels")
def channels_before_the_picture() -> Example:
    x, y = pictures(33, channels=3)
    return Example(viewer(channels=3), numpy.moveaxis(x, -1, 1), y, binary_recipe())


@wrong("K163", "error", "(120, 1, 8, 8)", "(8, 8, 1)", "channels")
def a_grey_channel_before_the_picture() -> Example:
    x, y = pictures(34, side=8)
    inputs = Input((8, 8, 1))
    model = Model(inputs, Dense(1, "sigmoid")(Dense(8, "relu")(Flatten()(inputs))))
    return Example(model, numpy.moveaxis(x, -1, 1) / 255, y, binary_recipe())


@wrong("K163", "error", "(120, 3, 8, 8)", "channels", "Conv2D", "8")
def a_convolution_over_channels() -> Example:
    x, y = pictures(130, side=8, channels=3)
    layers = [Rescaling(1 / 255), Conv2D(4, 3, activation="relu", padding="same"), Flatten(), Dense(1, "sigmoid")]
    model = Sequential([Input((3, 8, 8)), *layers])
    return Example(model, numpy.moveaxis(x, -1, 1), y, binary_recipe())


# ---- nothing to take ----


@wrong("K157", "error", "x", "0 rows", fixes=0)
def no_rows() -> Example:
    x, y = measures(35)
    return Example(regressor(), x[:0], y[:0], numbers_recipe(), trains=False)


@wrong("K157", "error", "x", "0 rows", fixes=0)
def a_filter_that_keeps_nothing() -> Example:
    x, y = kinds(36)
    frame = pandas.DataFrame(x, columns=list("abcd"))
    return Example(classifier(), frame[frame.a > 100], y[x[:, 0] > 100], classes_recipe(), trains=False)


@wrong("K157", "error", "validation_split=0.98", "20 rows")
def a_split_that_leaves_nothing() -> Example:
    x, y = measures(37, rows=20)
    return Example(regressor(), x, y, numbers_recipe(), fit={"validation_split": 0.98})


@wrong("K158", "hint", "once", fixes=0)
def a_generator_of_batches() -> Example:
    x, y = measures(38)

    def batches() -> Iterator[tuple[numpy.ndarray, numpy.ndarray]]:
        for start in range(0, 200, 32):
            yield x[start : start + 32], y[start : start + 32]

    return Example(regressor(), batches(), None, numbers_recipe())


class Batches:
    """Batches by number, as Keras has them."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return 5

    def __getitem__(self, number: int) -> tuple[Any, Any]:
        part = slice(number * 40, number * 40 + 40)
        return self.x[part], self.y[part]


@wrong("K158", "error", "Batches", "5 batches")
def a_sequence_of_batches() -> Example:
    return Example(joined(4, 3, "softmax"), Batches(*kinds(39)), None, classes_recipe())
