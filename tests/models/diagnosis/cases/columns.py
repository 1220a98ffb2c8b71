"""Columns that cannot help, or help too much: labels among features, numbers of rows, stand-ins for what is missing."""

import numpy
import pandas

from kmagic import Model, Sequential, ops
from kmagic.layers import Dense, Embedding, Flatten, Input, Rescaling
from tests.models.diagnosis.example import Example, wrong
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
)


def words(seed: int, first: int = 0, count: int = 20, rows: int = 200, length: int = 5) -> tuple[numpy.ndarray, ...]:
    """Rows of word numbers, and whether the larger half of them prevails."""
    x = numpy.random.default_rng(seed).integers(0, count, (rows, length))
    x[0, 0], x[1, 0] = 0, count - 1
    return x + first, ((x >= count // 2).mean(1) > 0.5).astype("int64")


def reader(count: int, length: int = 5) -> Sequential:
    """Vectors of words, and a probability."""
    return Sequential([Input((length,)), Embedding(count, 4), Flatten(), Dense(1, "sigmoid")])


@wrong("K161", "error", "1 … 20", "0 … 19", "input_dim=20")
def words_counted_from_one() -> Example:
    return Example(reader(20), *words(60, first=1), binary_recipe(0.05))


@wrong("K161", "error", "-1 … 18", "0 … 19")
def a_word_before_the_first() -> Example:
    x, y = words(61, first=-1)
    return Example(reader(20), x, y, binary_recipe(0.05))


@wrong("K161", "error", "0 … 29", "0 … 9", "places")
def more_towns_than_vectors() -> Example:
    places, y = words(62, count=30, length=1)
    x, _ = measures(62, columns=3)
    table, towns = Input((3,)), Input((1,), name="towns")
    vectors = Flatten()(Embedding(10, 3, name="places")(towns))
    model = Model([table, towns], Dense(1, "sigmoid")(Dense(8, "relu")(ops.concatenate([table, vectors], -1))))
    return Example(model, [x, places], y, binary_recipe(0.05))


@wrong("K161", "error", "9.5", "whole", fixes=0)
def fractions_for_words() -> Example:
    x, y = words(63)
    return Example(reader(20), x / 2, y, binary_recipe(0.05), trains=False)


@wrong("K170", "warning", "column 2", "target")
def the_target_among_the_features() -> Example:
    x, y = measures(64)
    x[:, 2] = y
    return Example(regressor(), x, y, numbers_recipe())


@wrong("K170", "warning", "column 'churned'", "target")
def the_class_among_the_columns() -> Example:
    x, y = kinds(65, columns=3, classes=2)
    frame = pandas.DataFrame(x, columns=["calls", "months", "price"])
    frame["churned"] = y
    return Example(joined(4, 1, "sigmoid"), frame, y, binary_recipe())


@wrong("K170", "warning", "column 0", "target")
def the_class_under_other_numbers() -> Example:
    x, y = kinds(66)
    x[:, 0] = numpy.array([3, 1, 2])[y]
    return Example(classifier(), x, y, classes_recipe())


@wrong("K172", "hint", "column 3", "always 2")
def a_column_that_never_changes() -> Example:
    x, y = measures(67)
    x[:, 3] = 2
    return Example(regressor(), x, y, numbers_recipe())


@wrong("K172", "hint", "2 columns", "'year'", "'unit'")
def columns_that_never_change() -> Example:
    x, y = kinds(68)
    frame = pandas.DataFrame(x, columns=["a", "year", "b", "unit"])
    frame["year"], frame["unit"] = 1.5, 0
    return Example(joined(4, 3, "softmax"), frame, y, classes_recipe())


@wrong("K172", "hint", "10 columns", "0, 1, 2, 3, …")
def many_columns_that_never_change() -> Example:
    x, y = measures(168)
    return Example(regressor(14), numpy.concatenate([numpy.ones((200, 10), "float32"), x], 1), y, numbers_recipe())


@wrong("K172", "hint", "9 columns", "'0'")
def many_columns_of_a_table_that_never_change() -> Example:
    x, y = kinds(169)
    frame = pandas.DataFrame(numpy.concatenate([numpy.zeros((200, 9), "float32"), x], 1))
    return Example(joined(13, 3, "softmax"), frame, y, classes_recipe())


@wrong("K204", "error", "x", "all zeros", fixes=0)
def features_that_were_never_filled_in() -> Example:
    _, y = measures(69)
    return Example(regressor(), numpy.zeros((200, 4)), y, numbers_recipe(), trains=False)


@wrong("K204", "error", "x", "same in all 120 rows", fixes=0)
def one_picture_over_and_over() -> Example:
    x, y = pictures(70)
    inputs = Input((6, 6, 1))
    model = Model(inputs, Dense(1, "sigmoid")(Flatten()(Rescaling(1 / 255)(inputs))))
    return Example(model, numpy.broadcast_to(x[:1], x.shape), y, binary_recipe(), trains=False)


@wrong("K201", "warning", "column 'id'", "numbers the rows")
def a_column_of_row_numbers() -> Example:
    x, y = kinds(71)
    frame = pandas.DataFrame(x, columns=["id", "b", "c", "d"])
    frame["id"] = numpy.arange(1, 201)
    return Example(classifier(), frame, y, classes_recipe())


@wrong("K201", "warning", "column 0", "numbers the rows")
def an_index_that_was_saved_with_the_table() -> Example:
    x, y = kinds(72, rows=100, classes=2)
    x[:, 0] = numpy.arange(100)
    return Example(joined(4, 1, "sigmoid"), x, y, binary_recipe())


@wrong("K202", "error", "column 1", "1e+39", "float32")
def numbers_beyond_float32() -> Example:
    x, y = measures(73)
    x = x.astype("float64")
    x[:, 1] *= 1e39 / abs(x[:, 1]).max()
    return Example(regressor(), x, y, numbers_recipe())


@wrong("K202", "error", "y", "float32")
def targets_beyond_float32() -> Example:
    x, y = measures(74)
    return Example(joined(), x, y.astype("float64") * 1e40, numbers_recipe(0.05))


@wrong("K203", "warning", "column 'time'", "float32", "128")
def seconds_since_1970() -> Example:
    x, y = measures(75)
    frame = pandas.DataFrame(x, columns=["time", "b", "c", "d"])
    frame["time"] = 1_700_000_000 + numpy.round(x[:, 0].astype("float64") * 30)
    return Example(regressor(), frame, y, numbers_recipe())


@wrong("K203", "warning", "column 2", "float32")
def small_differences_of_large_numbers() -> Example:
    x, y = kinds(76)
    x = x.astype("float64")
    x[:, 2] += 5e8
    return Example(classifier(), x, y, classes_recipe())


@wrong("K205", "warning", "0 … 1", "Rescaling", "0.00392")
def pictures_that_are_scaled_twice() -> Example:
    x, y = pictures(77)
    model = Sequential([Input((6, 6, 1)), Rescaling(1 / 255), Flatten(), Dense(8, "relu"), Dense(1, "sigmoid")])
    return Example(model, x / 255, y, binary_recipe())


@wrong("K205", "warning", "0 … 1", "Rescaling", "-1")
def pictures_that_are_scaled_and_shifted_twice() -> Example:
    x, y = pictures(78, channels=3)
    inputs = Input((6, 6, 3))
    scaled = Rescaling(1 / 127.5, offset=-1)(inputs)
    model = Model(inputs, Dense(1, "sigmoid")(Dense(8, "relu")(Flatten()(scaled))))
    return Example(model, (x / 255).astype("float32"), y, binary_recipe())


@wrong("K208", "warning", "column 1", "-999", "12")
def a_number_for_what_is_missing() -> Example:
    x, y = measures(79)
    x[::17, 1] = -999
    return Example(regressor(), x, y, numbers_recipe())


@wrong("K208", "warning", "column 'income'", "9999", "8")
def nines_for_what_is_missing() -> Example:
    x, y = kinds(80)
    frame = pandas.DataFrame(x, columns=["age", "income", "children", "rooms"])
    frame.loc[::25, "income"] = 9999
    return Example(joined(4, 3, "softmax"), frame, y, classes_recipe())
