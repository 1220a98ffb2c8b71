"""Targets that do not suit the output or the loss."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Activation, Dense, Flatten, Input
from kmagic.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from tests.models.diagnosis.example import Example, wrong
from tests.models.diagnosis.learnable import labels, places, points, quantities

SMALL = {"batch_size": 16}
SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def net(units: int, head: str | None = None, features: int = 4) -> Sequential:
    """One hidden layer and a head."""
    return Sequential([Input((features,)), Dense(8, "relu"), Dense(units, head)])


def two_heads(first: Dense, second: Dense, features: int = 4) -> Model:
    """A hidden layer that two heads share."""
    inputs = Input((features,))
    hidden = Dense(8, "relu")(inputs)
    return Model(inputs, [first(hidden), second(hidden)])


# ---- class numbers and one-hot rows ----


@wrong("K101", "error", "0 … 2", "(200,)", "3")
def class_numbers_for_one_hot_rows() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": ONE_HOT, "metrics": ["accuracy"]}
    return Example(net(3, "softmax"), x, y, choice, fit=SMALL)


@wrong("K101", "error", "0 … 3", "(60, 5)", "4")
def class_numbers_of_places_for_one_hot_rows() -> Example:
    x, y = places(60, (5,), 4)
    inputs = Input((5, 4))
    model = Model(inputs, Dense(4)(Dense(8, "relu")(inputs)))
    loss = CategoricalCrossentropy(from_logits=True)
    return Example(model, x, y, {"optimizer": "adam", "loss": loss}, fit={"batch_size": 8})


@wrong("K101", "error", "output 'kind'", "0 … 2", "(200, 1)")
def a_column_of_class_numbers_for_a_margin() -> Example:
    x, y = points(200, 3)
    model = two_heads(Dense(3, name="kind"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": {"kind": "categorical_hinge", "size": "mse"}}
    return Example(model, x, {"kind": y.reshape(-1, 1), "size": x[:, 0]}, choice, fit=SMALL)


@wrong("K102", "error", "one-hot", "(200, 3)")
def one_hot_rows_for_class_numbers() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], {"optimizer": "adam", "loss": SPARSE}, fit=SMALL)


@wrong("K102", "error", "output 'kind'", "one-hot", "(160, 4)")
def one_hot_rows_for_logits_of_class_numbers() -> Example:
    x, y = points(160, 4)
    model = two_heads(Dense(1, name="size"), Dense(4, name="kind"))
    choice = {"optimizer": "adam", "loss": ["mae", SparseCategoricalCrossentropy(from_logits=True)]}
    return Example(model, x, [x[:, 0], numpy.eye(4, dtype="int64")[y]], choice, fit=SMALL)


@wrong("K102", "error", "one-hot", "(60, 5, 3)")
def one_hot_places_for_class_numbers() -> Example:
    x, y = places(60, (5,), 3)
    model = Sequential([Input((5, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    return Example(model, x, numpy.eye(3)[y], {"optimizer": "adam", "loss": SPARSE}, fit={"batch_size": 8})


@wrong("K169", "error", "4", "3 units", "(200, 4)")
def one_hot_rows_wider_than_the_output() -> Example:
    x, y = points(200, 4)
    return Example(net(3, "softmax"), x, numpy.eye(4)[y], {"optimizer": "adam", "loss": ONE_HOT}, fit=SMALL)


@wrong("K169", "error", "output 'both'", "2", "3 units", "(200, 2)")
def fewer_quantities_than_units() -> Example:
    x, values = quantities(200, 2)
    model = two_heads(Dense(3, name="both"), Dense(1, name="sum"))
    choice = {"optimizer": "adam", "loss": "mse"}
    return Example(model, x, {"both": values, "sum": values.sum(axis=1)}, choice, fit=SMALL)


@wrong("K169", "error", "5", "2 units", "(200, 5)")
def more_labels_than_units() -> Example:
    x, y = labels(200, 5)
    inputs = Input((5,))
    model = Model(inputs, Activation("sigmoid")(Dense(2)(Dense(10, "relu")(inputs))))
    return Example(model, x, y, {"optimizer": "adam", "loss": BINARY}, fit=SMALL)


# ---- labels of a binary loss ----


@wrong("K112", "error", "0 … 2", "3 values")
def three_classes_for_a_binary_loss() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": BINARY, "metrics": ["accuracy"]}
    return Example(net(1, "sigmoid"), x, y, choice, fit=SMALL)


@wrong("K112", "error", "1 … 2", "2 values")
def classes_one_and_two_for_a_binary_loss() -> Example:
    x, y = points(200, 2)
    inputs = Input((4,))
    model = Model(inputs, Dense(1)(Dense(8, "relu")(inputs)))
    loss = BinaryCrossentropy(from_logits=True)
    return Example(model, x, (y + 1).reshape(-1, 1), {"optimizer": "adam", "loss": loss}, fit=SMALL)


@wrong("K112", "error", "output 'size'", "-3", "5")
def quantities_for_a_binary_loss() -> Example:
    x, _ = quantities(200)
    size = numpy.interp(x[:, 0] + x[:, 1], (-2, 2), (-3, 5))
    model = two_heads(Dense(1, "sigmoid", name="size"), Dense(1, name="sum"))
    return Example(model, x, [size, x.sum(axis=1)], {"optimizer": "adam", "loss": [BINARY, "mse"]}, fit=SMALL)


@wrong("K112", "error", "0 … 255", "2 values")
def masks_of_bytes_for_a_binary_loss() -> Example:
    x, y = places(40, (3, 3), 2)
    model = Sequential([Input((3, 3, 4)), Dense(8, "relu"), Dense(1, "sigmoid")])
    masks = (y * 255).astype("uint8")[..., None]
    return Example(model, x, masks, {"optimizer": "adam", "loss": "dice"}, fit={"batch_size": 8})


@wrong("K116", "error", "-1", "1", "binary_crossentropy")
def signs_for_a_binary_loss() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": BINARY, "metrics": ["accuracy"]}
    return Example(net(1, "sigmoid"), x, 2 * y - 1, choice, fit=SMALL)


@wrong("K116", "error", "-1", "1", "binary_focal_crossentropy")
def columns_of_signs_for_a_binary_loss() -> Example:
    x, y = labels(200, 3)
    inputs = Input((5,))
    model = Model(inputs, Dense(3, "sigmoid")(Dense(10, "relu")(inputs)))
    choice = {"optimizer": "adam", "loss": "binary_focal_crossentropy"}
    return Example(model, x, 2.0 * y - 1, choice, fit=SMALL)


@wrong("K189", "warning", "1 … 2", "2 values", "hinge", "-1 and 1")
def classes_one_and_two_for_a_margin() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, y + 1, {"optimizer": "adam", "loss": "hinge"}, fit=SMALL)


@wrong("K189", "warning", "output 'kind'", "0 … 2", "squared_hinge", "-1 and 1")
def three_classes_for_a_margin() -> Example:
    x, y = points(200, 3)
    model = two_heads(Dense(1, name="kind"), Dense(1, name="size"))
    return Example(model, x, [y, x[:, 0]], {"optimizer": "adam", "loss": ["squared_hinge", "mse"]}, fit=SMALL)


@wrong("K185", "error", "(200,)", "2 units", "binary_crossentropy")
def two_units_for_one_label() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": BINARY, "metrics": ["accuracy"]}
    return Example(net(2, "softmax"), x, y, choice, fit=SMALL)


@wrong("K185", "error", "output 'kind'", "(200, 1)", "3 units")
def three_units_for_one_column_of_labels() -> Example:
    x, y = points(200, 3)
    model = two_heads(Dense(3, "sigmoid", name="kind"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": [BINARY, "mse"]}
    return Example(model, x, [y.reshape(-1, 1) % 2, x[:, 0]], choice, fit=SMALL)


# ---- class numbers and the output ----


@wrong("K114", "error", "1 … 3", "3 units", "0 … 2")
def classes_counted_from_one() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]}
    return Example(net(3, "softmax"), x, y + 1, choice, fit=SMALL)


@wrong("K114", "error", "output 'kind'", "0 … 4", "3 units")
def more_classes_than_units() -> Example:
    x, y = points(200, 5)
    model = two_heads(Dense(1, name="size"), Dense(3, name="kind"))
    choice = {"optimizer": "adam", "loss": ["mse", SparseCategoricalCrossentropy(from_logits=True)]}
    return Example(model, x, [x[:, 0], y], choice, fit=SMALL)


@wrong("K114", "error", "10 … 40", "4 units")
def codes_for_class_numbers() -> Example:
    x, y = places(60, (4,), 4)
    inputs = Input((4, 4))
    model = Model(inputs, Dense(4, "softmax")(Dense(8, "relu")(inputs)))
    return Example(model, x, 10 * y + 10, {"optimizer": "adam", "loss": SPARSE}, fit={"batch_size": 8})


@wrong("K115", "error", "-1", "5")
def missing_labels_as_minus_one() -> Example:
    x, y = points(200, 3)
    y[[3, 40, 77, 120, 199]] = -1
    return Example(net(3, "softmax"), x, y, {"optimizer": "adam", "loss": SPARSE}, fit=SMALL)


@wrong("K115", "error", "-100", "60")
def padding_as_minus_one_hundred() -> Example:
    x, y = places(60, (5,), 3)
    y[:, -1] = -100
    inputs = Input((5, 4))
    model = Model(inputs, Dense(3)(Dense(8, "relu")(inputs)))
    loss = SparseCategoricalCrossentropy(from_logits=True)
    return Example(model, x, y, {"optimizer": "adam", "loss": loss}, fit={"batch_size": 8})


@wrong("K117", "error", "0.5", "fractions")
def stars_for_class_numbers() -> Example:
    x, y = points(200, 5)
    return Example(net(5, "softmax"), x, y / 2, {"optimizer": "adam", "loss": SPARSE}, fit=SMALL)


@wrong("K117", "error", "output 'size'", "fractions")
def quantities_for_class_numbers() -> Example:
    x, values = quantities(200)
    size = numpy.interp(values[:, 0], (values.min(), values.max()), (0, 3.99))
    model = two_heads(Dense(4, "softmax", name="size"), Dense(1, name="sum"))
    return Example(model, x, [size, x.sum(axis=1)], {"optimizer": "adam", "loss": [SPARSE, "mse"]}, fit=SMALL)


@wrong("K156", "warning", "30 units", "3 classes", "27")
def many_units_for_few_classes() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": SPARSE, "metrics": ["accuracy"]}
    return Example(net(30, "softmax"), x, y, choice, fit=SMALL)


@wrong("K156", "warning", "12 units", "4 classes", "8")
def columns_that_are_never_one() -> Example:
    x, y = points(200, 4)
    inputs = Input((4,))
    model = Model(inputs, Dense(12)(Dense(8, "relu")(inputs)))
    loss = CategoricalCrossentropy(from_logits=True)
    return Example(model, x, numpy.eye(12)[y], {"optimizer": "adam", "loss": loss}, fit=SMALL)


# ---- numbers for several outputs ----


@wrong("K120", "error", "(200, 1)", "3 units")
def one_column_for_three_outputs() -> Example:
    x, y = quantities(200)
    return Example(net(3), x, y, {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K120", "error", "output 'price'", "(200, 1)", "2 units")
def one_column_for_two_outputs() -> Example:
    x, y = quantities(200, 2)
    model = two_heads(Dense(2, name="price"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": {"price": "huber", "size": "mse"}}
    return Example(model, x, {"price": y[:, :1], "size": y[:, 1]}, choice, fit=SMALL)


@wrong("K121", "error", "(200,)", "3 units")
def one_number_for_three_outputs() -> Example:
    x, y = quantities(200)
    return Example(net(3), x, y[:, 0], {"optimizer": "adam", "loss": "mae"}, fit={"batch_size": 3})


@wrong("K121", "error", "(160,)", "8 units")
def one_number_and_no_head() -> Example:
    x, y = quantities(160)
    inputs = Input((2, 2))
    model = Model(inputs, Dense(8)(Dense(6, "relu")(Flatten()(inputs))))
    return Example(model, x.reshape(-1, 2, 2), y[:, 0], {"optimizer": "adam", "loss": "log_cosh"}, fit=SMALL)


# ---- targets on the whole ----


@wrong("K180", "warning", "1", "200", fixes=0)
def targets_of_one_class() -> Example:
    x, _ = points(200, 2)
    choice = {"optimizer": "adam", "loss": BINARY, "metrics": ["accuracy"]}
    return Example(net(1, "sigmoid"), x, numpy.ones(200, "int64"), choice, fit=SMALL)


@wrong("K180", "hint", "output 'size'", "5", "200", fixes=0)
def targets_of_one_number() -> Example:
    x, y = points(200, 2)
    model = two_heads(Dense(2, "softmax", name="kind"), Dense(1, name="size"))
    choice = {"optimizer": "adam", "loss": [SPARSE, "mse"]}
    return Example(model, x, [y, numpy.full((200, 1), 5.0)], choice, fit=SMALL)


@wrong("K181", "warning", "0 … 3", "sum", "categorical_crossentropy")
def several_labels_a_row_for_exclusive_classes() -> Example:
    x, y = labels(200, 3)
    return Example(net(3, "softmax", 5), x, y, {"optimizer": "adam", "loss": ONE_HOT}, fit=SMALL)


@wrong("K181", "warning", "sum", "100", "kl_divergence")
def percentages_for_shares() -> Example:
    x, y = points(200, 4)
    inputs = Input((4,))
    model = Model(inputs, Dense(4, "softmax")(Dense(8, "relu")(inputs)))
    shares = 80.0 * numpy.eye(4)[y] + 5
    return Example(model, x, shares, {"optimizer": "adam", "loss": "kl_divergence"}, fit=SMALL)


@wrong("K182", "error", "(200, 1)", "(200, 4)", "swapped")
def features_and_targets_swapped() -> Example:
    x, y = quantities(200)
    return Example(net(1), y, x, {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K182", "error", "(200,)", "(200, 6)", "swapped")
def features_and_class_numbers_swapped() -> Example:
    x, y = points(200, 3, features=6)
    inputs = Input((6,))
    model = Model(inputs, Dense(3, "softmax")(Dense(8, "relu")(inputs)))
    return Example(model, y, x, {"optimizer": "adam", "loss": SPARSE}, fit=SMALL)


@wrong("K183", "error", "2 outputs", "(200, 2)")
def one_array_for_two_outputs() -> Example:
    x, y = quantities(200, 2)
    model = two_heads(Dense(1, name="price"), Dense(1, name="size"))
    return Example(model, x, y, {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K183", "error", "2 outputs", "(200, 3)")
def one_array_for_outputs_of_other_widths() -> Example:
    x, y = quantities(200, 3)
    y[:, 2] = y[:, 2] > 0
    model = two_heads(Dense(2, name="place"), Dense(1, "sigmoid", name="kind"))
    choice = {"optimizer": "adam", "loss": {"place": "mse", "kind": BINARY}}
    return Example(model, x, y, choice, fit=SMALL)


@wrong("K186", "warning", "120", "targets")
def prices_as_they_are() -> Example:
    x, values = quantities(200)
    y = numpy.interp(values[:, 0], (values.min(), values.max()), (120_000, 910_000))
    return Example(net(1), x, y, {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, fit=SMALL)


@wrong("K186", "warning", "targets", "2000")
def distances_from_a_softplus() -> Example:
    x, values = quantities(200)
    y = numpy.interp(values[:, 0], (values.min(), values.max()), (2_000, 9_000))
    inputs = Input((4,))
    model = Model(inputs, Activation("softplus")(Dense(1)(Dense(8, "relu")(inputs))))
    return Example(model, x, y, {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K186", "warning", "output 'price'", "targets")
def prices_of_one_output_as_they_are() -> Example:
    x, values = quantities(200, 2)
    model = two_heads(Dense(1, name="price"), Dense(1, name="age"))
    y = {"price": 5000 + 900 * values[:, :1], "age": values[:, 1:]}
    return Example(model, x, y, {"optimizer": "adam", "loss": "mae"}, fit=SMALL)
