"""Choices of compile and fit: optimizer, learning rate, names, recompiling, callbacks, batch and memory."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy

from kmagic.layers import Dense, Input
from kmagic.losses import BinaryCrossentropy
from kmagic.models import Model, Sequential
from kmagic.optimizers import SGD, Adagrad, Adam, AdamW, MultiOptimizer, Optimizer, OptimizerMap, registry
from kmagic.optimizers.schedules import CosineDecay, ExponentialDecay, PiecewiseConstantDecay
from tests.models.diagnosis.example import Example, correct, wrong

SPARSE = "sparse_categorical_crossentropy"


def numbers(seed: int, rows: int = 200, columns: int = 4) -> tuple[Any, Any]:
    """Rows, and a number that follows from each."""
    generator = numpy.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)).astype("float32")
    slope = generator.normal(size=(columns, 1))
    return x, (x @ slope + 0.05 * generator.normal(size=(rows, 1))).astype("float32")


def classes(seed: int, rows: int = 200, columns: int = 4, count: int = 3) -> tuple[Any, Any]:
    """Rows, and the class of each: the direction in which it points farthest."""
    generator = numpy.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)).astype("float32")
    return x, (x @ generator.normal(size=(columns, count))).argmax(1)


def regressor(columns: int = 4, hidden: int = 8) -> Sequential:
    return Sequential([Input((columns,)), Dense(hidden, activation="relu"), Dense(1)])


def classifier(columns: int = 4, count: int = 3) -> Model:
    x = Input((columns,))
    return Model(x, Dense(count, activation="softmax")(Dense(8, activation="relu")(x)))


# ---- learning rates ----


@wrong("K123", "warning", "learning_rate", "10", "SGD")
def sgd_with_rate_ten() -> Example:
    return Example(regressor(), *numbers(1), {"optimizer": SGD(10.0), "loss": "mse"})


@wrong("K123", "warning", "learning_rate", "5", "Adam")
def adam_with_rate_five() -> Example:
    return Example(classifier(), *classes(2), {"optimizer": Adam(5.0), "loss": SPARSE, "metrics": ["accuracy"]})


@wrong("K176", "warning", "learning_rate", "1e-09", "Adam")
def adam_that_hardly_moves() -> Example:
    return Example(classifier(), *classes(3), {"optimizer": Adam(1e-9), "loss": SPARSE})


@wrong("K176", "warning", "learning_rate", "0.05", "Lion")
def lion_with_the_rate_of_sgd() -> Example:
    lion = registry.attribute("Lion")(learning_rate=0.05)
    return Example(regressor(), *numbers(4), {"optimizer": lion, "loss": "huber"})


@wrong("K176", "warning", "learning_rate", "1e-09", "SGD")
def schedule_that_starts_at_nearly_nothing() -> Example:
    return Example(regressor(), *numbers(40), {"optimizer": SGD(ExponentialDecay(1e-9, 100, 0.9)), "loss": "mse"})


@wrong("K211", "warning", "momentum", "0.99", "0.1")
def heavy_momentum_on_a_large_rate() -> Example:
    return Example(regressor(), *numbers(5), {"optimizer": SGD(0.1, momentum=0.99), "loss": "mse"})


@wrong("K211", "warning", "momentum", "0.999", "0.05")
def heavier_momentum_on_classes() -> Example:
    optimizer = SGD(0.05, momentum=0.999, nesterov=True)
    return Example(classifier(), *classes(6), {"optimizer": optimizer, "loss": SPARSE})


@wrong("K212", "warning", "clipnorm", "1e-06")
def clipping_that_leaves_nothing() -> Example:
    return Example(regressor(), *numbers(7), {"optimizer": SGD(0.01, clipnorm=1e-6), "loss": "mse"})


@wrong("K212", "warning", "clipvalue", "1e-07")
def values_clipped_to_nothing() -> Example:
    optimizer = SGD(0.1, momentum=0.9, clipvalue=1e-7)
    return Example(classifier(), *classes(8), {"optimizer": optimizer, "loss": SPARSE})


@wrong("K213", "warning", "weight_decay", "5", "0.1")
def decay_that_eats_the_weights() -> Example:
    return Example(regressor(), *numbers(9), {"optimizer": SGD(0.1, weight_decay=5.0), "loss": "mse"})


@wrong("K213", "warning", "weight_decay", "200")
def decay_of_adamw_as_a_percentage() -> Example:
    return Example(classifier(), *classes(10), {"optimizer": AdamW(0.001, weight_decay=200.0), "loss": SPARSE})


# ---- what is missing, or misspelt ----


@wrong("K126", "error", "compile")
def regressor_that_was_never_compiled() -> Example:
    return Example(regressor(), *numbers(11), {})


@wrong("K126", "error", "compile")
def classifier_that_was_never_compiled() -> Example:
    return Example(classifier(), *classes(12), {})


@wrong("K127", "error", "no loss")
def regressor_without_loss() -> Example:
    return Example(regressor(), *numbers(13), {"optimizer": "adam"})


@wrong("K127", "error", "no loss")
def classifier_with_metrics_and_no_loss() -> Example:
    return Example(classifier(), *classes(14), {"optimizer": "sgd", "metrics": ["accuracy"]})


@wrong("K131", "error", "'adamm'", "adam")
def misspelt_optimizer() -> Example:
    return Example(regressor(), *numbers(15), {"optimizer": "adamm", "loss": "mse"})


@wrong("K131", "error", "'mean_square_error'", "mean_squared_error")
def misspelt_loss() -> Example:
    return Example(regressor(), *numbers(16), {"optimizer": "adam", "loss": "mean_square_error", "metrics": ["mae"]})


@wrong("K131", "error", "'accuarcy'", "accuracy")
def misspelt_metric() -> Example:
    return Example(classifier(), *classes(17), {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuarcy"]})


@wrong("K131", "error", "'prize'", "price")
def misspelt_output() -> Example:
    x, y = numbers(18)
    entry = Input((4,))
    hidden = Dense(8, activation="relu")(entry)
    model = Model(entry, [Dense(1, name="price")(hidden), Dense(1, name="rent")(hidden)])
    return Example(model, x, [y, -y], {"optimizer": "adam", "loss": {"prize": "mse", "rent": "mae"}})


@wrong("K132", "hint", "metrics", "'mae'")
def one_metric_as_a_string() -> Example:
    return Example(regressor(), *numbers(19), {"optimizer": "adam", "loss": "mse", "metrics": "mae"})


@wrong("K132", "hint", "Adam")
def class_of_an_optimizer() -> Example:
    return Example(classifier(), *classes(20), {"optimizer": Adam, "loss": SPARSE})


@wrong("K132", "hint", "Adam()", "BinaryCrossentropy()")
def classes_of_an_optimizer_and_a_loss() -> Example:
    x = numpy.random.default_rng(23).normal(size=(60, 6))
    model = Sequential([Input((6,)), Dense(1, "sigmoid")])
    return Example(model, x, (x[:, 0] > 0).astype(int), {"optimizer": Adam, "loss": BinaryCrossentropy})


@wrong("K132", "error", "lr")
def old_name_of_the_learning_rate() -> Example:
    described = {"class_name": "Adam", "config": {"lr": 0.01}}
    return Example(classifier(), *classes(21), {"optimizer": described, "loss": SPARSE})


@wrong("K155", "error", "beta_1", "1.0")
def moments_that_never_change() -> Example:
    described = {"class_name": "Adam", "config": {"beta_1": 1.0}}
    return Example(regressor(), *numbers(22), {"optimizer": described, "loss": "mse"})


@wrong("K155", "error", "learning_rate", "-0.1")
def negative_rate() -> Example:
    described = {"class_name": "SGD", "config": {"learning_rate": -0.1, "momentum": 0.9}}
    return Example(classifier(), *classes(23), {"optimizer": described, "loss": SPARSE})


def decayed(make: Any, rate: float, decay: float) -> Optimizer:
    """An optimizer made with the old `decay=`, which warns by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: Optimizer = make(rate, decay=decay)
    return made


@wrong("K133", "warning", "decay", "0.001", "0.05")
def old_decay_of_sgd() -> Example:
    return Example(regressor(), *numbers(24), {"optimizer": decayed(SGD, 0.05, 0.001), "loss": "mse"})


@wrong("K133", "warning", "decay", "0.0001", "0.01")
def old_decay_of_adam() -> Example:
    return Example(classifier(), *classes(25), {"optimizer": decayed(Adam, 0.01, 0.0001), "loss": SPARSE})


# ---- compiling again, and sharing ----


def trained(model: Model, data: tuple[Any, Any], **recipe: Any) -> Model:
    """A model that has learned for two epochs."""
    model.compile(**recipe)
    model.fit(*data, epochs=2, verbose=0)
    return model


@wrong("K128", "hint", "Adam", "14 steps")
def compiled_again_by_name() -> Example:
    data = numbers(26)
    model = trained(regressor(), data, optimizer="adam", loss="mse")
    return Example(model, *data, {"optimizer": "adam", "loss": "mae"})


@wrong("K128", "hint", "SGD", "14 steps")
def compiled_again_with_a_new_object() -> Example:
    data = classes(27)
    model = trained(classifier(), data, optimizer=SGD(0.05, momentum=0.9), loss=SPARSE)
    return Example(model, *data, {"optimizer": SGD(0.02, momentum=0.9), "loss": SPARSE, "metrics": ["accuracy"]})


@wrong("K129", "error", "'base'", "40")
def unfrozen_after_training() -> Example:
    data = numbers(28)
    model = Sequential([Input((4,)), Dense(8, activation="relu", name="base"), Dense(1)])
    model.get_layer("base").trainable = False
    trained(model, data, optimizer=Adam(0.01), loss="mse")
    model.get_layer("base").trainable = True
    return Example(model, *data, {})


@wrong("K129", "hint", "'base'", "40")
def frozen_after_training() -> Example:
    data = classes(29)
    entry = Input((4,))
    base = Dense(8, activation="relu", name="base")
    model = Model(entry, Dense(3, activation="softmax")(base(entry)))
    trained(model, data, optimizer=SGD(0.05, momentum=0.9), loss=SPARSE)
    base.trainable = False
    return Example(model, *data, {})


@wrong("K130", "error", "Adam", "another model")
def one_optimizer_for_two_models() -> Example:
    data, shared = numbers(30), Adam(0.01)
    trained(regressor(), data, optimizer=shared, loss="mse")
    return Example(regressor(), *data, {"optimizer": shared, "loss": "mse"})


@wrong("K130", "error", "SGD", "another model")
def optimizer_of_a_model_that_was_rebuilt() -> Example:
    data, shared = classes(31), SGD(0.1, momentum=0.9)
    trained(classifier(), data, optimizer=shared, loss=SPARSE)
    return Example(classifier(), *data, {"optimizer": shared, "loss": SPARSE, "metrics": ["accuracy"]})


# ---- correct ----


RATES = {
    "SGD": (0.3, 0.001), "RMSprop": (1e-4, 0.01), "Adam": (0.05, 3e-4, 1e-5), "AdamW": (5e-5, 0.003),
    "Adadelta": (1.0, 0.1), "Adagrad": (0.5, 0.01), "Adamax": (0.002, 0.02), "Nadam": (0.002, 1e-4),
    "Ftrl": (0.1, 0.5), "Lion": (1e-4, 3e-5), "Lamb": (0.01, 0.002), "Adafactor": (0.01, 1e-3),
    "Muon": (0.02, 0.001), "ScheduleFreeAdamW": (0.0025, 0.02),
}  # fmt: skip


def optimized(make: Callable[[], Any]) -> Callable[[], Example]:
    """A regression with an optimizer."""
    return lambda: Example(regressor(), *numbers(50), {"optimizer": make(), "loss": "mse"})


def at_rate(kind: str, rate: float) -> Callable[[], Optimizer]:
    """The optimizer of this name at a rate."""
    return lambda: registry.attribute(kind)(learning_rate=rate)


for _kind, _rates in RATES.items():
    for _rate in _rates:
        correct(f"{_kind} at a rate of {_rate:g}")(optimized(at_rate(_kind, _rate)))


for _entry in registry.entries():
    if not any(parameter.required for parameter in _entry.parameters):
        correct(f"{_entry.name} as it comes")(optimized(functools.partial(str, _entry.name)))


@correct("nesterov momentum of 0.9 at a rate of 0.1")
def nesterov() -> Example:
    optimizer = SGD(0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    return Example(classifier(), *classes(52), {"optimizer": optimizer, "loss": SPARSE, "metrics": ["accuracy"]})


@correct("momentum of 0.99 at a small rate")
def heavy_and_slow() -> Example:
    return Example(regressor(), *numbers(53), {"optimizer": SGD(0.005, momentum=0.99), "loss": "mse"})


correct("clipped norms")(optimized(lambda: SGD(0.05, clipnorm=1.0)))
correct("the norm of all gradients clipped")(optimized(lambda: Adam(1e-3, global_clipnorm=0.5)))
correct("values clipped for Adam")(optimized(lambda: Adam(1e-3, clipvalue=0.01)))
correct("values clipped for SGD")(optimized(lambda: SGD(clipvalue=0.5)))


correct("weight decay of 0.1 in AdamW")(optimized(lambda: AdamW(1e-3, weight_decay=0.1)))
correct("weight decay of 0.0005 in SGD")(optimized(lambda: SGD(0.1, weight_decay=5e-4)))


def warm() -> SGD:
    """From nothing to 0.1, and back."""
    return SGD(CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=10), momentum=0.9)


correct("a warm start")(optimized(warm))
correct("exponential decay")(optimized(lambda: Adam(ExponentialDecay(0.01, 100, 0.9))))
correct("rates by pieces")(optimized(lambda: SGD(PiecewiseConstantDecay([50, 100], [0.1, 0.01, 0.001]))))


@correct("trained, and trained on")
def trained_on() -> Example:
    data = numbers(60)
    return Example(trained(regressor(), data, optimizer="adam", loss="mse"), *data, {})


@correct("compiled again with the same optimizer object")
def same_optimizer() -> Example:
    data = classes(61)
    model = trained(classifier(), data, optimizer=Adam(0.01), loss=SPARSE)
    return Example(model, *data, {"optimizer": model.optimizer, "loss": SPARSE, "metrics": ["accuracy"]})


@correct("compiled twice before any training")
def compiled_twice() -> Example:
    model = regressor()
    model.compile("adam", "mse")
    return Example(model, *numbers(62), {"optimizer": "sgd", "loss": "mae"})


@correct("an optimizer for each half of a model")
def several_optimizers() -> Example:
    model = Sequential([Input((4,)), Dense(8, activation="relu", name="body"), Dense(1, name="head")])
    optimizer = MultiOptimizer(OptimizerMap(Adagrad(0.05), {"head": Adam(0.001)}))
    return Example(model, *numbers(63), {"optimizer": optimizer, "loss": "mse"})


correct("a name in capitals")(optimized(lambda: "ADAM"))
correct("the name of a class")(optimized(lambda: "RMSprop"))


@correct("names of classes for loss and metrics")
def names_of_classes() -> Example:
    recipe = {"optimizer": "Adam", "loss": "MeanSquaredError", "metrics": ["RootMeanSquaredError", "mae"]}
    return Example(regressor(), *numbers(64), recipe)
