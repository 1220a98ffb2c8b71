"""Heads, losses and targets that suit each other: nothing above a hint."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Activation, Dense, Dropout, Flatten, Input, LeakyReLU, Reshape, Softmax
from kmagic.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    Dice,
    Huber,
    SparseCategoricalCrossentropy,
)
from kmagic.metrics import BinaryAccuracy
from tests.models.diagnosis.example import Example, correct
from tests.models.diagnosis.learnable import labels, places, points, quantities

SMALL = {"batch_size": 16}
SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def net(units: int, head: str | None = None, features: int = 4) -> Sequential:
    """One hidden layer and a head."""
    return Sequential([Input((features,)), Dense(8, "relu"), Dense(units, head)])


def chosen(loss: object, *metrics: object) -> dict[str, object]:
    return {"optimizer": "adam", "loss": loss, "metrics": list(metrics)}


# ---- numbers ----


@correct("numbers from a linear head")
def numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y[:, 0], chosen("mse", "mae"), fit=SMALL)


@correct("several numbers a row, huber")
def several_numbers() -> Example:
    x, y = quantities(200, 3)
    return Example(net(3), x, y, chosen(Huber(delta=0.5), "mae", "mse"), fit=SMALL)


@correct("a loss in a list for one output, sample weights")
def weighted_numbers() -> Example:
    x, y = quantities(200)
    weights = numpy.random.default_rng(4).uniform(0.5, 2, 200)
    return Example(net(1), x, y, chosen(["mae"]), fit={"batch_size": 16, "sample_weight": weights})


@correct("shares between 0 and 1 from a sigmoid")
def shares_of_one() -> Example:
    x, y = quantities(200)
    return Example(net(1, "sigmoid"), x, 1 / (1 + numpy.exp(-y)), chosen("mse", "mae"), fit=SMALL)


@correct("shares between 0 and 1 from a sigmoid, with crossentropy")
def soft_labels_of_two_classes() -> Example:
    x, y = quantities(200)
    return Example(net(1, "sigmoid"), x, 1 / (1 + numpy.exp(-y[:, 0])), chosen(BINARY), fit=SMALL)


@correct("numbers between -1 and 1 from a tanh")
def bounded_numbers() -> Example:
    x, y = quantities(200, 2)
    return Example(net(2, "tanh"), x, numpy.tanh(y), chosen("mse"), fit=SMALL)


@correct("counts from a softplus, poisson")
def counts() -> Example:
    x, y = quantities(200)
    return Example(
        net(1, "softplus"), x, numpy.floor(numpy.exp(0.5 * y)).clip(0, 20), chosen("poisson", "mae"), fit=SMALL
    )


@correct("counts from an exponential, poisson")
def counts_from_an_exponential() -> Example:
    x, y = quantities(200)
    counted = numpy.floor(numpy.exp(0.5 * y[:, 0])).clip(0, 20).astype(int)
    return Example(Sequential([Input((4,)), Dense(1, "exponential")]), x, counted, chosen("poisson"), fit=SMALL)


@correct("positive numbers from a softplus, msle and mape")
def positive_numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1, "softplus"), x, numpy.exp(0.4 * y), chosen("msle", "mape"), fit=SMALL)


@correct("positive numbers from a linear head, mape")
def relative_error() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, 3 + numpy.exp(0.4 * y), chosen("mape"), fit=SMALL)


@correct("non-negative numbers from a relu")
def non_negative_numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1, "relu"), x, numpy.exp(0.4 * y), chosen("mse"), fit=SMALL)


@correct("directions, cosine similarity")
def directions() -> Example:
    x, y = quantities(200, 3)
    return Example(net(3), x, y / numpy.linalg.norm(y, axis=1, keepdims=True), chosen("cosine_similarity"), fit=SMALL)


@correct("a linear model")
def a_linear_model() -> Example:
    x, y = quantities(200, 2)
    return Example(Sequential([Input((4,)), Dense(2)]), x, y, chosen("log_cosh"), fit=SMALL)


@correct("principal components: two linear layers with a narrow one in the middle, x is y")
def linear_autoencoder() -> Example:
    _, x = quantities(200, 6)
    return Example(Sequential([Input((6,)), Dense(2), Dense(6)]), x, x, chosen("mse"), fit=SMALL)


@correct("pictures that are their own targets, sigmoid with crossentropy")
def autoencoder_of_pictures() -> Example:
    _, values = quantities(200, 16)
    pictures = (1 / (1 + numpy.exp(-values))).reshape(-1, 4, 4)
    layers = [Input((4, 4)), Flatten(), Dense(6, "relu"), Dense(16, "sigmoid"), Reshape((4, 4))]
    return Example(Sequential(layers), pictures, pictures, chosen(BINARY), fit=SMALL)


@correct("a number for each step of a row")
def a_number_each_step() -> Example:
    x, y = quantities(400)
    model = Sequential([Input((4, 4)), Dense(8, "relu"), Dense(1)])
    return Example(model, x.reshape(100, 4, 4), y.reshape(100, 4), chosen("mse"), fit={"batch_size": 8})


# ---- two classes ----


@correct("two classes, sigmoid, labels as a row")
def two_classes() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, "accuracy"), fit=SMALL)


@correct("two classes, sigmoid as a layer, labels as truth values in a column")
def two_classes_as_truth_values() -> Example:
    x, y = points(200, 2)
    inputs = Input((4,))
    hidden = Dropout(0.2)(Dense(8, "relu")(inputs))
    model = Model(inputs, Activation("sigmoid")(Dense(1)(hidden)))
    return Example(model, x, y.reshape(-1, 1).astype(bool), chosen(BINARY, "accuracy"), fit=SMALL)


@correct("two classes from logits, the threshold of accuracy at 0")
def two_classes_from_logits() -> Example:
    x, y = points(200, 2)
    loss = BinaryCrossentropy(from_logits=True)
    return Example(net(1), x, y, chosen(loss, BinaryAccuracy(threshold=0.0)), fit=SMALL)


@correct("two classes, smoothed labels, weights of classes")
def two_classes_smoothed() -> Example:
    x, y = points(200, 2)
    loss = BinaryCrossentropy(label_smoothing=0.1)
    return Example(net(1, "sigmoid"), x, y, chosen(loss), fit={"class_weight": {0: 1.0, 1: 2.0}})


@correct("two classes, two units, class numbers")
def two_classes_of_two_units() -> Example:
    x, y = points(200, 2)
    return Example(net(2, "softmax"), x, y, chosen(SPARSE, "accuracy"), fit=SMALL)


@correct("signs with hinge")
def signs() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, 2 * y - 1, chosen("hinge"), fit=SMALL)


@correct("signs in a column with squared hinge, no bound on the output")
def signs_without_bound() -> Example:
    x, y = points(200, 2)
    return Example(net(1), x, 2.0 * y.reshape(-1, 1) - 1, chosen("squared_hinge"), fit=SMALL)


@correct("independent labels")
def independent_labels() -> Example:
    x, y = labels(200, 4)
    return Example(net(4, "sigmoid", 5), x, y, chosen(BINARY, "binary_accuracy"), fit=SMALL)


@correct("independent labels from logits, focal")
def independent_labels_from_logits() -> Example:
    x, y = labels(200, 4)
    loss = BinaryFocalCrossentropy(from_logits=True)
    return Example(net(4, None, 5), x, y.astype("float32"), chosen(loss), fit=SMALL)


@correct("one class against each of the others: sigmoid on one-hot rows")
def one_against_the_others() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "sigmoid"), x, numpy.eye(3)[y], chosen(BINARY), fit=SMALL)


@correct("masks of places, dice")
def masks() -> Example:
    x, y = places(40, (4, 4), 2)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(1, "sigmoid")])
    return Example(model, x, y[..., None], chosen(Dice()), fit={"batch_size": 8})


# ---- several classes ----


@correct("classes as numbers")
def classes() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "accuracy"), fit=SMALL)


@correct("classes as numbers in a column of floats, softmax as a layer")
def classes_in_a_column() -> Example:
    x, y = points(200, 3)
    model = Sequential([Input((4,)), Dense(8), LeakyReLU(), Dense(3), Softmax()])
    return Example(model, x, y.reshape(-1, 1).astype("float32"), chosen(SPARSE), fit=SMALL)


@correct("classes from logits")
def classes_from_logits() -> Example:
    x, y = points(200, 4)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    return Example(net(4), x, y, chosen(loss, "sparse_categorical_accuracy"), fit=SMALL)


@correct("classes as one-hot rows, smoothed")
def one_hot_classes() -> Example:
    x, y = points(200, 3)
    loss = CategoricalCrossentropy(label_smoothing=0.1)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(loss, "accuracy"), fit=SMALL)


@correct("classes as one-hot rows, categorical hinge")
def one_hot_classes_with_a_margin() -> Example:
    x, y = points(200, 3)
    return Example(net(3), x, numpy.eye(3)[y], chosen("categorical_hinge"), fit=SMALL)


@correct("any crossentropy")
def any_crossentropy() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen("crossentropy"), fit=SMALL)


@correct("a teacher's probabilities, crossentropy from logits")
def probabilities_of_a_teacher() -> Example:
    x, y = points(200, 3)
    soft = numpy.float32(0.9) * numpy.eye(3, dtype="float32")[y] + numpy.float32(0.1 / 3)
    return Example(net(3), x, soft, chosen(CategoricalCrossentropy(from_logits=True)), fit=SMALL)


@correct("a teacher's probabilities, divergence")
def divergence_from_a_teacher() -> Example:
    x, values = quantities(200, 4)
    soft = numpy.exp(values) / numpy.exp(values).sum(axis=1, keepdims=True)
    return Example(net(4, "softmax"), x, soft, chosen("kl_divergence"), fit=SMALL)


@correct("a class for each place, some left out")
def classes_of_places() -> Example:
    x, y = places(40, (4, 4), 3)
    y[:, 0, 0] = 255
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    return Example(model, x, y, chosen(SparseCategoricalCrossentropy(ignore_class=255)), fit={"batch_size": 8})


@correct("a class for each place as one-hot rows, from logits")
def one_hot_classes_of_places() -> Example:
    x, y = places(40, (4, 4), 3)
    inputs = Input((4, 4, 4))
    model = Model(inputs, Dense(3)(Dense(8, "relu")(inputs)))
    loss = CategoricalCrossentropy(from_logits=True)
    return Example(model, x, numpy.eye(3)[y], chosen(loss), fit={"batch_size": 8})


@correct("missing labels as -1 that do not count")
def missing_labels() -> Example:
    x, y = points(200, 3)
    y[::10] = -1
    loss = SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    return Example(net(3), x, y, chosen(loss), fit=SMALL)


@correct("a class that no row of a sample has")
def a_class_without_rows() -> Example:
    x, y = points(200, 3)
    return Example(net(4, "softmax"), x, y, chosen(SPARSE), fit=SMALL)


@correct("next words out of a vocabulary that is larger than what the sample holds")
def next_words() -> Example:
    x, y = places(60, (5,), 12)
    model = Sequential([Input((5, 4)), Dense(8, "relu"), Dense(40, "softmax")])
    return Example(model, x, y, chosen(SPARSE), fit={"batch_size": 8})


@correct("embeddings, circle")
def embeddings() -> Example:
    x, y = points(200, 4)
    return Example(net(2), x, y, chosen("circle"), fit=SMALL)


@correct("softmax as weights of features, a gate")
def a_gate() -> Example:
    x, y = points(200, 3)
    inputs = Input((4,))
    gated = inputs * Dense(4, "softmax")(inputs)
    model = Model(inputs, Dense(3, "softmax")(Dense(8, "relu")(gated)))
    return Example(model, x, y, chosen(SPARSE), fit=SMALL)


# ---- several outputs ----


@correct("a number and a class")
def a_number_and_a_class() -> Example:
    x, y = points(200, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, {"size": Dense(1, name="size")(hidden), "kind": Dense(3, "softmax", name="kind")(hidden)})
    choice = chosen({"size": "mse", "kind": SPARSE})
    choice["metrics"] = {"size": ["mae"], "kind": ["accuracy"]}
    return Example(model, x, {"size": x[:, 0] + x[:, 1], "kind": y}, choice, fit=SMALL)


@correct("one loss for two outputs")
def one_loss_for_two_outputs() -> Example:
    x, y = quantities(200, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="first")(hidden), Dense(2, name="others")(hidden)])
    return Example(model, x, [y[:, 0], y[:, 1:]], {"optimizer": "adam", "loss": "mse"}, fit=SMALL)


@correct("an output without a loss, on purpose")
def an_output_to_look_at() -> Example:
    x, y = points(200, 3)
    inputs = Input((4,))
    hidden = Dense(8, "relu", name="hidden")(inputs)
    model = Model(inputs, [Dense(3, "softmax", name="kind")(hidden), hidden])
    return Example(model, x, [y, None], {"optimizer": "adam", "loss": [SPARSE, None]}, fit=SMALL)
