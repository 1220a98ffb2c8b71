"""Rare classes, weights of classes, samples and losses, and metrics in lists for several outputs."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Dense, Input
from kmagic.metrics import MeanAbsoluteError, MeanSquaredError, SparseCategoricalAccuracy
from tests.models.diagnosis.example import Example, wrong
from tests.models.diagnosis.learnable import points, quantities

SMALL = {"batch_size": 16}
SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def net(units: int, head: str | None = None, features: int = 4) -> Sequential:
    """One hidden layer and a head."""
    return Sequential([Input((features,)), Dense(8, "relu"), Dense(units, head)])


def two(first: Dense, second: Dense) -> Model:
    """A model with two outputs."""
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    return Model(inputs, [first(hidden), second(hidden)])


def chosen(loss: object, *metrics: object, **further: object) -> dict[str, object]:
    return {"optimizer": "adam", "loss": loss, "metrics": list(metrics), **further}


def rare(rows: int, counts: list[int], seed: int = 0) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Points of classes of which some are rare, in random order."""
    generator = numpy.random.default_rng(seed)
    numbers = generator.permutation(numpy.repeat(numpy.arange(len(counts)), counts))
    assert len(numbers) == rows
    centres = generator.normal(size=(len(counts), 4)) * 1.5
    return centres[numbers] + 0.4 * generator.normal(size=(rows, 4)), numbers


# ---- rare classes ----


@wrong("K125", "warning", "class 1", "3 %", "0.97")
def a_rare_class_of_two() -> Example:
    x, y = rare(400, [388, 12])
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, "accuracy"), fit=SMALL)


@wrong("K125", "warning", "class 0", "2 %", "0.94")
def rare_classes_as_one_hot_rows() -> Example:
    x, y = rare(400, [8, 376, 16], seed=1)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT, "accuracy"), fit=SMALL)


@wrong("K125", "warning", "output 'ill'", "class 1", "5 %", "0.95")
def a_rare_class_beside_a_number() -> Example:
    x, y = rare(400, [380, 20], seed=2)
    model = two(Dense(1, "sigmoid", name="ill"), Dense(1, name="age"))
    choice = {"optimizer": "adam", "loss": [BINARY, "mse"], "metrics": [["accuracy"], ["mae"]]}
    return Example(model, x, [y, x[:, 0]], choice, fit=SMALL)


# ---- weights of classes ----


@wrong("K146", "warning", "class_weight", "class 2")
def weights_that_leave_out_a_class() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE), fit={**SMALL, "class_weight": {0: 1.0, 1: 3.0}})


@wrong("K146", "error", "class_weight", "'0'", "text")
def weights_of_classes_named_by_text() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY), fit={**SMALL, "class_weight": {"0": 1.0, "1": 2.0}})


@wrong("K146", "warning", "class_weight", "mse", "numbers")
def weights_of_classes_for_numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse"), fit={**SMALL, "class_weight": {0: 1.0, 1: 2.0}})


@wrong("K146", "warning", "class_weight", "class 3", "3 classes")
def weights_of_a_class_that_does_not_exist() -> Example:
    x, y = points(200, 3)
    weights = {1: 1.0, 2: 1.0, 3: 2.0}
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT), fit={**SMALL, "class_weight": weights})


@wrong("K146", "error", "class_weight", "'balanced'", "dictionary")
def weights_of_classes_as_another_library_takes_them() -> Example:
    x, y = rare(200, [150, 50])
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY), fit={**SMALL, "class_weight": "balanced"})


@wrong("K146", "error", "class_weight", "list", "dictionary")
def weights_of_classes_in_a_list() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE), fit={**SMALL, "class_weight": [1.0, 2.0, 0.5]})


@wrong("K146", "error", "class_weight", "class 1", "-2")
def a_class_that_training_gets_wrong() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY), fit={**SMALL, "class_weight": {0: 1.0, 1: -2.0}})


@wrong("K146", "error", "class_weight", "class 2", "'high'")
def a_weight_in_words() -> Example:
    x, y = points(200, 3)
    fit = {**SMALL, "class_weight": {0: 1.0, 1: 1.0, 2: "high"}}
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT), fit=fit)


@wrong("K194", "error", "class_weight", "sample_weight")
def weights_of_classes_and_of_samples() -> Example:
    x, y = points(200, 2)
    fit = {**SMALL, "class_weight": {0: 1.0, 1: 2.0}, "sample_weight": numpy.linspace(0.5, 1.5, 200)}
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY), fit=fit)


@wrong("K194", "error", "class_weight", "sample_weight")
def weights_of_three_classes_and_of_samples() -> Example:
    x, y = points(200, 3)
    fit = {**SMALL, "class_weight": {0: 1.0, 1: 2.0, 2: 0.5}, "sample_weight": numpy.ones(200)}
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT, "accuracy"), fit=fit)


# ---- weights of samples ----


@wrong("K155", "error", "sample_weight", "0", "200")
def weights_that_are_all_zero() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse"), fit={**SMALL, "sample_weight": numpy.zeros(200)})


@wrong("K155", "error", "sample_weight", "0", "160")
def integer_weights_that_are_all_zero() -> Example:
    x, y = points(160, 3)
    fit = {**SMALL, "sample_weight": numpy.zeros(160, "int64")}
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "accuracy"), fit=fit)


@wrong("K155", "error", "loss_weights", "-0.5", "'kind'")
def a_loss_that_training_makes_large() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    choice = {"optimizer": "adam", "loss": ["mse", SPARSE], "loss_weights": [1.0, -0.5]}
    return Example(model, x, [x[:, 0], y], choice, fit=SMALL)


@wrong("K155", "error", "loss_weights", "-1")
def the_only_loss_that_training_makes_large() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse", loss_weights=-1.0), fit=SMALL)


@wrong("K192", "error", "sample_weight", "150", "200")
def fewer_weights_than_rows() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse"), fit={**SMALL, "sample_weight": numpy.ones(150)})


@wrong("K192", "error", "sample_weight", "3", "200", "class_weight")
def a_weight_for_each_class() -> Example:
    x, y = points(200, 3)
    fit = {**SMALL, "sample_weight": numpy.array([1.0, 2.0, 0.5])}
    return Example(net(3, "softmax"), x, y, chosen(SPARSE), fit=fit)


@wrong("K193", "warning", "sample_weight", "-1", "negative")
def weights_with_a_sign() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY), fit={**SMALL, "sample_weight": 2.0 * y - 1})


@wrong("K193", "error", "sample_weight", "nan", "row 7")
def weights_with_holes() -> Example:
    x, y = quantities(200)
    weights = numpy.ones(200)
    weights[7::40] = numpy.nan
    return Example(net(1), x, y, chosen("mae"), fit={**SMALL, "sample_weight": weights})


@wrong("K199", "hint", "weighted_metrics", "weights")
def weighted_metrics_without_weights() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, weighted_metrics=["accuracy"]), fit=SMALL)


@wrong("K199", "hint", "weighted_metrics", "weights")
def weighted_metrics_of_two_outputs_without_weights() -> Example:
    x, y = quantities(200, 2)
    model = two(Dense(1, name="price"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": "mse", "weighted_metrics": {"size": ["mae"]}}
    return Example(model, x, [y[:, 0], y[:, 1]], choice, fit=SMALL)


# ---- lists and names of metrics ----


@wrong("K150", "warning", "'price': mae", "'size': mse")
def a_metric_for_each_output_by_accident() -> Example:
    x, y = quantities(200, 2)
    model = two(Dense(1, name="price"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": "mse", "metrics": ["mae", "mse"]}
    return Example(model, x, [y[:, 0], y[:, 1]], choice, fit=SMALL)


@wrong("K150", "warning", "'colour': accuracy", "'shape': sparse_top_k_categorical_accuracy")
def an_accuracy_for_each_output_by_accident() -> Example:
    x, y = points(200, 8)
    model = two(Dense(8, "softmax", name="colour"), Dense(8, "softmax", name="shape"))
    choice = chosen([SPARSE, SPARSE], "accuracy", "sparse_top_k_categorical_accuracy")
    return Example(model, x, [y, (y + 1) % 8], choice, fit=SMALL)


@wrong("K152", "warning", "'loss'", "loss_1")
def a_metric_called_loss() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse", MeanAbsoluteError(name="loss")), fit=SMALL)


@wrong("K152", "warning", "output 'price'", "'price_loss'", "price_loss_1")
def a_metric_called_like_the_loss_of_its_output() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    metrics = {"price": [MeanSquaredError(name="loss")], "kind": ["accuracy"]}
    choice = {"optimizer": "adam", "loss": ["mae", SPARSE], "metrics": metrics}
    return Example(model, x, [x[:, 0], y], choice, fit=SMALL)


@wrong("K195", "hint", "accuracy", "acc", "twice")
def one_metric_under_two_names() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "accuracy", "acc"), fit=SMALL)


@wrong("K195", "hint", "output 'kind'", "sparse_categorical_accuracy", "twice")
def one_metric_as_a_word_and_as_an_object() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    metrics = {"kind": ["accuracy", SparseCategoricalAccuracy()]}
    choice = {"optimizer": "adam", "loss": ["mse", SPARSE], "metrics": metrics}
    return Example(model, x, [x[:, 0], y], choice, fit=SMALL)
