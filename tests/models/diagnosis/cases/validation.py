"""Rows to train on and rows held out: sorted, repeated, scaled in another way; batches and order."""

import numpy

from kmagic import Sequential
from kmagic.layers import Dense, Input
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
    viewer,
)


@wrong("K144", "warning", "last 25 %", "50 rows", "class 2")
def a_split_of_sorted_classes() -> Example:
    x, y = kinds(40)
    order = numpy.argsort(y, kind="stable")
    return Example(classifier(), x[order], y[order], classes_recipe(), fit={"validation_split": 0.25})


@wrong("K144", "warning", "last 20 %", "class 1")
def a_split_of_sorted_pictures() -> Example:
    x, y = pictures(41)
    order = numpy.argsort(y, kind="stable")
    return Example(viewer(), x[order], y[order], binary_recipe(), fit={"validation_split": 0.2})


@wrong("K144", "warning", "last 20 %", "sorted")
def a_split_of_sorted_numbers() -> Example:
    x, y = measures(42)
    order = numpy.argsort(y)
    return Example(joined(), x[order], y[order], numbers_recipe(), fit={"validation_split": 0.2})


@wrong("K144", "warning", "last 30 %", "classes 2, 3")
def a_split_of_sorted_one_hot_rows() -> Example:
    x, y = kinds(43, classes=4)
    order = numpy.argsort(y, kind="stable")
    recipe = {"optimizer": "adam", "loss": "categorical_crossentropy"}
    model = joined(4, 4, "softmax")
    return Example(model, x[order], numpy.eye(4)[y[order]], recipe, fit={"validation_split": 0.3})


@wrong("K167", "hint", "sorted", "shuffle=False")
def sorted_classes_in_order() -> Example:
    x, y = kinds(44)
    order = numpy.argsort(y, kind="stable")
    return Example(classifier(), x[order], y[order], classes_recipe(), fit={"shuffle": False})


@wrong("K167", "hint", "sorted", "shuffle=False")
def sorted_pictures_in_order() -> Example:
    x, y = pictures(45)
    order = numpy.argsort(-y, kind="stable")
    return Example(viewer(), x[order], y[order], binary_recipe(), fit={"shuffle": False, "batch_size": 20})


@wrong("K168", "hint", "batch_size=512", "200 rows")
def a_batch_larger_than_the_table() -> Example:
    x, y = measures(46)
    return Example(regressor(), x, y, numbers_recipe(0.05), fit={"batch_size": 512})


@wrong("K168", "hint", "batch_size=1024", "160 rows")
def a_batch_larger_than_what_the_split_leaves() -> Example:
    x, y = kinds(47)
    return Example(classifier(), x, y, classes_recipe(0.05), fit={"batch_size": 1024, "validation_split": 0.2})


@wrong("K171", "warning", "validation", "40 of 40")
def validation_on_rows_of_the_training_data() -> Example:
    x, y = kinds(48)
    fit = {"validation_data": (x[:40], y[:40])}
    return Example(classifier(), x, y, classes_recipe(), fit=fit)


@wrong("K171", "warning", "validation", "60 of 100")
def validation_that_overlaps() -> Example:
    x, y = pictures(49, rows=140)
    fit = {"validation_data": (x[40:], y[40:])}
    return Example(viewer(), x[:100], y[:100], binary_recipe(), fit=fit)


@wrong("K171", "warning", "validation_split=0.25", "of 50")
def a_split_of_rows_that_were_repeated() -> Example:
    x, y = measures(50, rows=100)
    order = numpy.random.default_rng(0).permutation(200)
    x, y = numpy.concatenate([x, x])[order], numpy.concatenate([y, y])[order]
    return Example(regressor(), x, y, numbers_recipe(), fit={"validation_split": 0.25})


@wrong("K200", "hint", "100 of 200 rows", "repeat")
def every_row_twice() -> Example:
    x, y = measures(51, rows=100)
    return Example(regressor(), numpy.concatenate([x, x]), numpy.concatenate([y, y]), numbers_recipe())


@wrong("K200", "hint", "150 of 240 rows", "repeat")
def rows_drawn_again_and_again() -> Example:
    x, y = kinds(52, rows=90)
    chosen = numpy.concatenate([numpy.arange(90), numpy.arange(30).repeat(5)])
    return Example(joined(4, 3, "softmax"), x[chosen], y[chosen], classes_recipe())


@wrong("K206", "warning", "validation", "0 … 255", "0 … 1")
def validation_pictures_that_were_not_scaled() -> Example:
    x, y = pictures(53, rows=160)
    x[120, 0, 0, 0] = 255
    fit = {"validation_data": (x[120:], y[120:])}
    return Example(viewer(scale=None), x[:120] / 255, y[:120], binary_recipe(), fit=fit)


@wrong("K206", "warning", "validation", "column 0")
def validation_rows_that_were_not_standardised() -> Example:
    x, y = measures(54, rows=240)
    raw = x * numpy.array([30, 5, 20, 8]) + numpy.array([400, 90, 300, 100])
    model = Sequential([Input((4,)), Dense(8, "relu"), Dense(1)])
    fit = {"validation_data": (raw[200:], y[200:])}
    return Example(model, x[:200], y[:200], numbers_recipe(), fit=fit)
