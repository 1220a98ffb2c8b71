"""Heads and losses that do not suit each other, and hidden layers that do no work."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Activation, Dense, Dropout, Input, LeakyReLU, Softmax
from kmagic.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from tests.models.diagnosis.example import Example, wrong
from tests.models.diagnosis.learnable import labels, places, points, quantities

SMALL = {"batch_size": 16}


def net(units: int, head: str | None = None, features: int = 4, hidden: str | None = "relu") -> Sequential:
    """One hidden layer and a head."""
    return Sequential([Input((features,)), Dense(8, hidden), Dense(units, head)])


# ---- softmax and classes with one output ----


@wrong("K103", "error", "softmax", "1 unit")
def softmax_of_one_for_two_classes() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "softmax"), x, y, {"optimizer": "adam", "loss": "binary_crossentropy"}, fit=SMALL)


@wrong("K103", "error", "output 'kind'", "1 unit")
def softmax_layer_of_one_beside_a_price() -> Example:
    x, y = points(160, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    outputs = [Dense(1, name="price")(hidden), Softmax(name="kind")(Dense(1)(hidden))]
    choice = {"optimizer": "adam", "loss": {"price": "mse", "kind": "sparse_categorical_crossentropy"}}
    return Example(Model(inputs, outputs), x, {"price": x[:, :1] * 2, "kind": y}, choice, fit=SMALL)


@wrong("K104", "error", "categorical_crossentropy", "1 output", "2 classes")
def classes_loss_for_one_sigmoid() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    return Example(net(1, "sigmoid"), x, y.reshape(-1, 1), choice, fit=SMALL)


@wrong("K104", "error", "sparse_categorical_crossentropy", "1 output", "4 classes")
def classes_loss_for_one_logit() -> Example:
    x, y = points(200, 4)
    inputs = Input((4,))
    model = Model(inputs, Dense(1)(Dense(8, "tanh")(inputs)))
    return Example(model, x, y, {"loss": SparseCategoricalCrossentropy(from_logits=True)}, fit=SMALL)


# ---- logits and probabilities ----


@wrong("K105", "error", "sigmoid", "from_logits")
def sigmoid_taken_for_logits() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": BinaryCrossentropy(from_logits=True)}
    return Example(net(1, "sigmoid"), x, y, choice, fit=SMALL)


@wrong("K105", "error", "sigmoid", "from_logits")
def sigmoid_layer_taken_for_logits() -> Example:
    x, y = labels(200, 3)
    inputs = Input((5,))
    model = Model(inputs, Activation("sigmoid")(Dense(3)(Dense(10, "relu")(inputs))))
    loss = BinaryFocalCrossentropy(from_logits=True, gamma=1.0)
    return Example(model, x, y, {"optimizer": "adam", "loss": loss}, fit=SMALL)


@wrong("K106", "error", "softmax", "from_logits")
def softmax_taken_for_logits() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": SparseCategoricalCrossentropy(from_logits=True), "metrics": ["accuracy"]}
    return Example(net(3, "softmax"), x, y, choice, fit=SMALL)


@wrong("K106", "error", "softmax", "from_logits")
def softmax_layer_of_places_taken_for_logits() -> Example:
    x, y = places(60, (5,), 4)
    model = Sequential([Input((5, 4)), Dense(8, "relu"), Dense(4), Softmax()])
    loss = CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    return Example(model, x, numpy.eye(4)[y], {"optimizer": "adam", "loss": loss}, fit={"batch_size": 8})


@wrong("K107", "error", "linear", "binary_crossentropy", "probabilit")
def numbers_taken_for_probabilities() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
    return Example(net(1), x, y, choice, fit=SMALL)


@wrong("K107", "error", "relu", "binary_focal_crossentropy")
def positive_numbers_taken_for_probabilities() -> Example:
    x, y = labels(200, 3)
    inputs = Input((5,))
    model = Model(inputs, Dense(3, "relu")(Dense(10, "tanh")(inputs)))
    return Example(model, x, y, {"optimizer": "adam", "loss": "binary_focal_crossentropy"}, fit=SMALL)


@wrong("K108", "error", "linear", "sparse_categorical_crossentropy")
def numbers_taken_for_shares() -> Example:
    x, y = points(200, 3)
    return Example(net(3), x, y, {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}, fit=SMALL)


@wrong("K108", "error", "output 'share'", "tanh", "kl_divergence")
def bounded_numbers_taken_for_shares() -> Example:
    x, numbers = points(200, 4)
    shares = 0.85 * numpy.eye(4)[numbers] + 0.0375
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, {"share": Dense(4, "tanh", name="share")(hidden), "size": Dense(1, name="size")(hidden)})
    choice = {"optimizer": "adam", "loss": {"share": "kl_divergence", "size": "mse"}}
    return Example(model, x, {"share": shares, "size": x[:, :1]}, choice, fit=SMALL)


@wrong("K108", "error", "linear", "categorical_crossentropy")
def an_activation_layer_too_early() -> Example:
    x, numbers = points(200, 3)
    model = Sequential([Input((4,)), Dense(8), Activation("relu"), Dense(3)])
    choice = {"optimizer": "adam", "loss": "categorical_crossentropy"}
    return Example(model, x, numpy.eye(3)[numbers], choice, fit=SMALL)


@wrong("K111", "warning", "3 classes", "binary_crossentropy")
def binary_loss_for_exclusive_classes() -> Example:
    x, numbers = points(200, 3)
    choice = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
    return Example(net(3, "softmax"), x, numpy.eye(3)[numbers], choice, fit=SMALL)


@wrong("K111", "warning", "output 'kind'", "5 classes", "binary_focal_crossentropy")
def focal_binary_loss_for_exclusive_classes() -> Example:
    x, numbers = points(200, 5)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="size")(hidden), Softmax(name="kind")(Dense(5)(hidden))])
    choice = {"optimizer": "adam", "loss": ["mse", "binary_focal_crossentropy"]}
    return Example(model, x, [x[:, 1], numpy.eye(5)[numbers]], choice, fit=SMALL)


@wrong("K184", "hint", "sigmoid", "sparse_categorical_crossentropy", "3")
def sigmoid_for_exclusive_classes() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}
    return Example(net(3, "sigmoid"), x, y, choice, fit=SMALL)


@wrong("K184", "hint", "sigmoid", "categorical_crossentropy", "4")
def sigmoid_layer_for_exclusive_classes() -> Example:
    x, numbers = points(200, 4)
    inputs = Input((4,))
    model = Model(inputs, Activation("sigmoid")(Dense(4)(Dense(8, "relu")(inputs))))
    choice = {"optimizer": "adam", "loss": "categorical_crossentropy"}
    return Example(model, x, numpy.eye(4)[numbers], choice, fit=SMALL)


@wrong("K160", "hint", "hinge", "0 and 1")
def margin_loss_for_bits() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, y, {"optimizer": "adam", "loss": "hinge"}, fit=SMALL)


@wrong("K160", "hint", "squared_hinge", "0 and 1")
def squared_margin_loss_for_truth_values() -> Example:
    x, y = points(200, 2)
    inputs = Input((4,))
    model = Model(inputs, Dense(1)(Dense(8, "relu")(inputs)))
    return Example(model, x, y.reshape(-1, 1).astype(bool), {"optimizer": "adam", "loss": "squared_hinge"}, fit=SMALL)


@wrong("K160", "hint", "softmax", "mse")
def squared_error_for_classes() -> Example:
    x, numbers = points(200, 3)
    return Example(net(3, "softmax"), x, numpy.eye(3)[numbers], {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K175", "hint", "sigmoid", "mean_squared_error", "0 and 1")
def squared_error_for_two_classes() -> Example:
    x, y = points(200, 2)
    choice = {"optimizer": "adam", "loss": "mean_squared_error", "metrics": ["accuracy"]}
    return Example(net(1, "sigmoid"), x, y, choice, fit=SMALL)


@wrong("K175", "hint", "sigmoid", "mae", "0 and 1")
def absolute_error_for_labels() -> Example:
    x, y = labels(200, 3)
    inputs = Input((5,))
    model = Model(inputs, Activation("sigmoid")(Dense(3)(Dense(10, "relu")(inputs))))
    return Example(model, x, y.astype("float32"), {"optimizer": "adam", "loss": "mae"}, fit=SMALL)


# ---- what the head can give, and what is wanted ----


@wrong("K147", "warning", "poisson", "linear", "negative")
def counts_from_a_linear_head() -> Example:
    x, values = quantities(200)
    counts = numpy.floor(numpy.exp(0.5 * values)).clip(0, 30)
    return Example(net(1), x, counts, {"optimizer": "adam", "loss": "poisson"}, fit=SMALL)


@wrong("K147", "warning", "output 'calls'", "poisson", "tanh")
def counts_from_a_head_between_minus_one_and_one() -> Example:
    x, values = quantities(200)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, "tanh", name="calls")(hidden), Dense(1, name="size")(hidden)])
    choice = {"optimizer": "adam", "loss": {"calls": "poisson", "size": "mse"}}
    return Example(model, x, {"calls": (values > 0) * 1.0, "size": values}, choice, fit=SMALL)


@wrong("K147", "warning", "mean_absolute_percentage_error", "0", "targets")
def share_of_nothing() -> Example:
    x, values = quantities(200)
    y = values.clip(0, None)
    choice = {"optimizer": "adam", "loss": "mean_absolute_percentage_error"}
    return Example(net(1), x, y, choice, fit=SMALL)


@wrong("K147", "warning", "msle", "-2.5")
def logarithm_of_negative_targets() -> Example:
    x, values = quantities(200, 2)
    y = values.clip(-2.5, None)
    y[7, 1] = -2.5
    return Example(net(2, "softplus"), x, y, {"optimizer": "adam", "loss": "msle"}, fit=SMALL)


@wrong("K148", "error", "sigmoid", "-850", "900", "0 … 1")
def sigmoid_for_quantities() -> Example:
    x, values = quantities(200)
    y = numpy.interp(values[:, 0], (values.min(), values.max()), (-850, 900))
    return Example(net(1, "sigmoid"), x, y, {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, fit=SMALL)


@wrong("K148", "error", "relu", "-9", "-2", "0 or more")
def relu_for_temperatures_below_zero() -> Example:
    x, values = quantities(200, 2)
    y = numpy.interp(values, (values.min(), values.max()), (-9, -2))
    model = Sequential([Input((4,)), Dense(8, "tanh"), Dense(2), Activation("relu")])
    return Example(model, x, y, {"optimizer": "adam", "loss": "mae"}, fit=SMALL)


@wrong("K148", "error", "output 'size'", "tanh", "-4", "6", "-1 … 1")
def tanh_for_quantities() -> Example:
    x, numbers = points(200, 3)
    y = numpy.interp(x[:, 0], (x[:, 0].min(), x[:, 0].max()), (-4, 6))
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(3, "softmax", name="kind")(hidden), Dense(1, "tanh", name="size")(hidden)])
    choice = {"optimizer": "adam", "loss": {"kind": "sparse_categorical_crossentropy", "size": "huber"}}
    return Example(model, x, {"kind": numbers, "size": y}, choice, fit=SMALL)


@wrong("K188", "error", "cosine_similarity", "1 unit")
def direction_of_one_number() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, {"optimizer": "adam", "loss": "cosine_similarity"}, fit=SMALL)


@wrong("K188", "error", "output 'size'", "cosine_proximity", "1 unit")
def direction_of_one_number_beside_a_row() -> Example:
    x, y = quantities(200, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="size")(hidden), Dense(2, name="place")(hidden)])
    choice = {"optimizer": "adam", "loss": ["cosine_proximity", "cosine_similarity"]}
    return Example(model, x, [y[:, :1], y[:, 1:]], choice, fit=SMALL)


# ---- losses and outputs that do not pair ----


@wrong("K149", "error", "1 loss", "2 outputs", "'kind'")
def one_loss_in_a_list_for_two_outputs() -> Example:
    x, values = quantities(200)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="price")(hidden), Dense(1, "sigmoid", name="kind")(hidden)])
    choice = {"optimizer": "adam", "loss": ["mse"]}
    return Example(model, x, [values, (values > 0).astype(int)], choice, fit=SMALL)


@wrong("K149", "error", "output 'age'", "no loss")
def a_name_left_out() -> Example:
    x, values = quantities(200, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, {name: Dense(1, name=name)(hidden) for name in ("price", "age", "size")})
    y = {"price": values[:, 0], "age": values[:, 1], "size": values[:, 2]}
    return Example(model, x, y, {"optimizer": "adam", "loss": {"price": "mse", "size": "mae"}}, fit=SMALL)


@wrong("K151", "error", "2 losses", "mse", "mae", "1 output")
def two_losses_for_numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, {"optimizer": "adam", "loss": ["mse", "mae"]}, fit=SMALL)


@wrong("K151", "error", "2 losses", "binary_crossentropy", "dice")
def two_losses_for_classes() -> Example:
    x, y = points(200, 2)
    inputs = Input((4,))
    model = Model(inputs, Dense(1, "sigmoid")(Dense(8, "relu")(inputs)))
    choice = {"optimizer": "adam", "loss": ("binary_crossentropy", "dice"), "metrics": ["accuracy"]}
    return Example(model, x, y, choice, fit=SMALL)


# ---- layers ----


@wrong("K164", "error", "(None, 6, 3)", "(200,)", "Flatten")
def classes_for_each_place_of_a_row() -> Example:
    _, y = points(200, 3)
    x = numpy.random.default_rng(5).normal(size=(200, 6, 4)) * 0.3 + numpy.eye(4)[y][:, None, :]
    model = Sequential([Input((6, 4)), Dense(6, "relu"), Dense(3, "softmax")])
    choice = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}
    return Example(model, x, y, choice, fit=SMALL)


@wrong("K164", "error", "(None, 5, 1)", "(200, 1)", "Flatten")
def a_number_for_each_place_of_a_row() -> Example:
    x = numpy.random.default_rng(6).normal(size=(200, 5, 3))
    inputs = Input((5, 3))
    model = Model(inputs, Dense(1)(Dense(4, "relu")(inputs)))
    return Example(model, x, x.sum(axis=(1, 2)).reshape(-1, 1), {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K164", "error", "(None, 4, 4, 3)", "(200, 3)", "Flatten")
def one_hot_rows_for_pictures() -> Example:
    _, numbers = points(200, 3)
    x = numpy.random.default_rng(7).normal(size=(200, 4, 4, 1)) * 0.2 + numbers.reshape(-1, 1, 1, 1)
    model = Sequential([Input((4, 4, 1)), Dense(4, "relu"), Dense(3, "softmax")])
    choice = {"optimizer": "adam", "loss": "categorical_crossentropy"}
    return Example(model, x, numpy.eye(3)[numbers], choice, fit=SMALL)


@wrong("K187", "error", "(200, 2, 3)", "(None, 3)", fixes=0)
def more_axes_than_the_output() -> Example:
    x, y = quantities(200, 6)
    return Example(net(3), x, y.reshape(200, 2, 3), {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K187", "error", "output 'mask'", "(60, 5)", "(None, 4, 1)", "dice", fixes=0)
def a_mask_of_another_length() -> Example:
    x, y = places(60, (4,), 2)
    inputs = Input((4, 4))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, "sigmoid", name="mask")(hidden), Dense(1, name="size")(hidden)])
    wrong_mask = numpy.concatenate([y, y[:, :1]], axis=1)
    choice = {"optimizer": "adam", "loss": ["dice", "mse"]}
    return Example(model, x, [wrong_mask, x[..., :1]], choice, fit={"batch_size": 8})


@wrong("K165", "hint", "Dense(16)", "no activation")
def a_hidden_layer_without_activation() -> Example:
    x, y = points(200, 3)
    model = Sequential([Input((4,)), Dense(16), Dense(3, "softmax")])
    return Example(model, x, y, {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}, fit=SMALL)


@wrong("K165", "hint", "Dense(12)", "Dense(8)", "no activation")
def two_hidden_layers_without_activation() -> Example:
    x, y = quantities(200, features=5)
    inputs = Input((5,))
    model = Model(inputs, Dense(1)(Dense(8)(Dropout(0.1)(Dense(12)(inputs)))))
    return Example(model, x, y, {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@wrong("K166", "warning", "hidden", "softmax", "8")
def softmax_in_the_middle() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}
    return Example(net(3, "softmax", hidden="softmax"), x, y, choice, fit=SMALL)


@wrong("K166", "warning", "hidden", "softmax", "10")
def softmax_layer_in_the_middle() -> Example:
    x, y = quantities(200)
    inputs = Input((4,))
    hidden = LeakyReLU()(Dense(6)(Activation("softmax")(Dense(10)(inputs))))
    return Example(Model(inputs, Dense(1)(hidden)), x, y, {"optimizer": "adam", "loss": "mae"}, fit=SMALL)
