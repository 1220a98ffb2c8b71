"""Losses and metrics that a user wrote, on targets of (n,) and outputs of (n, 1)."""

import numpy

from kmagic import Model, Sequential, ops
from kmagic.layers import Dense, Input
from kmagic.losses import Loss
from kmagic.metrics import Metric
from tests.models.diagnosis.example import Example, correct, wrong
from tests.models.diagnosis.learnable import points, quantities

SMALL = {"batch_size": 16}


class SquaredDistance(Loss):
    """Pairs target and prediction as they come."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred), axis=-1)


class CarefulDistance(Loss):
    """Brings both into one shape first."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.square(ops.reshape(y_true, (-1, 1)) - ops.reshape(y_pred, (-1, 1))), axis=-1)


class WholeDistance(Loss):
    """One number for the batch."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred))


class Bias(Metric):
    """The mean of prediction minus target over all that a batch pairs."""

    def __init__(self, name="bias", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        distance = ops.abs(ops.cast(y_pred, self.dtype) - ops.cast(y_true, self.dtype))
        self.total.assign_add(ops.sum(distance))
        self.count.assign_add(ops.sum(ops.ones_like(distance)))

    def result(self):
        return self.total / self.count


def mean_distance(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred))


def squared(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def careful(y_true, y_pred):
    return ops.mean(ops.abs(ops.reshape(y_true, (-1,)) - ops.reshape(y_pred, (-1,))))


def net(units: int = 1, head: str | None = None) -> Sequential:
    return Sequential([Input((4,)), Dense(8, "relu"), Dense(units, head)])


def two_heads() -> Model:
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    return Model(inputs, [Dense(1, name="price")(hidden), Dense(3, "softmax", name="kind")(hidden)])


@wrong("K118", "error", "mean_distance", "(16,)", "(16, 1)", "(16, 16)")
def metric_that_pairs_all_with_all() -> Example:
    x, y = quantities(200)
    return Example(net(), x, y[:, 0], {"optimizer": "adam", "loss": "mse", "metrics": [mean_distance]}, fit=SMALL)


@wrong("K118", "error", "output 'price'", "bias", "(32,)", "(32, 1)", "(32, 32)")
def metric_object_that_pairs_all_with_all() -> Example:
    x, y = points(200, 3)
    choice = {
        "optimizer": "adam",
        "loss": {"price": "mse", "kind": "sparse_categorical_crossentropy"},
        "metrics": {"price": [Bias()]},
    }
    return Example(two_heads(), x, {"price": x[:, 0] - x[:, 1], "kind": y}, choice)


@wrong("K119", "error", "SquaredDistance", "(16,)", "(16, 1)", "(16, 16)")
def loss_that_pairs_all_with_all() -> Example:
    x, y = quantities(200)
    return Example(net(), x, y[:, 0], {"optimizer": "adam", "loss": SquaredDistance()}, fit=SMALL)


@wrong("K119", "error", "output 'price'", "WholeDistance", "(8,)", "(8, 1)", "(8, 8)")
def loss_of_one_output_that_pairs_all_with_all() -> Example:
    x, y = points(200, 3)
    choice = {"optimizer": "adam", "loss": [WholeDistance(), "sparse_categorical_crossentropy"]}
    return Example(two_heads(), x, [x[:, 2], y], choice, fit={"batch_size": 8})


def rounded_distance(y_true, y_pred):
    return ops.mean(ops.abs(y_true - ops.round(y_pred)))


@wrong("K232", "error", "no weight gets a gradient from loss rounded_distance", fixes=0)
def loss_of_rounded_predictions() -> Example:
    x, y = quantities(200)
    return Example(net(), x, y, {"optimizer": "adam", "loss": rounded_distance}, fit=SMALL)


@wrong("K232", "error", "output 'kind'", "no weight gets a gradient from loss Misses", fixes=0)
def loss_of_the_likeliest_class() -> Example:
    class Misses(Loss):
        def __init__(self):
            super().__init__(name="Misses")

        def call(self, y_true, y_pred):
            missed = ops.not_equal(ops.cast(ops.argmax(y_pred, -1), "float32"), ops.cast(y_true, "float32"))
            return ops.cast(missed, "float32")

    x, y = points(200, 3)
    return Example(two_heads(), x, [x[:, 2:3], y], {"optimizer": "adam", "loss": ["mse", Misses()]})


@correct("a loss of one's own that counts only some rows, by comparisons")
def loss_with_a_threshold() -> Example:
    def beyond(y_true, y_pred):
        return ops.mean(ops.where(ops.abs(y_true - y_pred) > 0.1, ops.square(y_true - ops.round(y_pred) + y_pred), 0.0))

    x, y = quantities(200)
    return Example(net(), x, y, {"optimizer": "adam", "loss": beyond}, fit=SMALL)


@correct("a loss of one's own that looks at weights only")
def loss_of_weights() -> Example:
    model = net()
    kernel = model.layers[-1].kernel

    def size(y_true, y_pred):
        return ops.sum(ops.square(kernel))

    x, y = quantities(200)
    return Example(model, x, y, {"optimizer": "adam", "loss": size}, fit=SMALL)


@correct("a loss of one's own, with a column of targets")
def own_loss_on_a_column() -> Example:
    x, y = quantities(200)
    choice = {"optimizer": "adam", "loss": SquaredDistance(), "metrics": [mean_distance, Bias()]}
    return Example(net(), x, y, choice, fit=SMALL)


@correct("a loss and a metric of one's own that bring both into one shape")
def careful_functions() -> Example:
    x, y = quantities(200)
    choice = {"optimizer": "adam", "loss": CarefulDistance(), "metrics": [careful]}
    return Example(net(), x, y[:, 0], choice, fit=SMALL)


@correct("a function as a loss: its targets are brought into shape")
def function_as_a_loss() -> Example:
    x, y = quantities(200)
    return Example(net(), x, y[:, 0], {"optimizer": "adam", "loss": squared}, fit=SMALL)


@correct("a loss of one's own over several columns")
def own_loss_over_columns() -> Example:
    x, y = quantities(200, 3)
    choice = {"optimizer": "adam", "loss": SquaredDistance(), "metrics": [mean_distance]}
    return Example(net(3), x, y, choice, fit=SMALL)


@correct("a loss of one's own over class numbers")
def own_loss_over_class_numbers() -> Example:
    class Surprise(Loss):
        def call(self, y_true, y_pred):
            rows = ops.one_hot(ops.cast(y_true, "int32"), 3)
            return -ops.sum(rows * ops.log(y_pred + 1e-7), axis=-1)

    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, {"optimizer": "adam", "loss": Surprise()}, fit=SMALL)


@correct("rows of weights as second column of targets for a loss of one's own")
def targets_that_carry_weights() -> Example:
    class Weighted(Loss):
        def call(self, y_true, y_pred):
            return y_true[:, 1] * ops.square(y_true[:, 0] - y_pred[:, 0])

    x, y = quantities(200)
    pairs = numpy.concatenate([y, numpy.random.default_rng(3).uniform(0.5, 1.5, (200, 1))], axis=1)
    return Example(net(), x, pairs, {"optimizer": "adam", "loss": Weighted()}, fit=SMALL)


def masked_distance(y_true, y_pred):
    known = ops.where(ops.isnan(y_true), 0.0, 1.0)
    distance = ops.where(ops.isnan(y_true), 0.0, y_true) - y_pred
    return ops.sum(known * ops.square(distance), axis=-1)


class MaskedDistance(Loss):
    """Leaves out targets that are NaN."""

    def call(self, y_true, y_pred):
        return masked_distance(y_true, y_pred)


@correct("targets with gaps, and a loss that leaves them out")
def targets_with_gaps() -> Example:
    x, y = quantities(200)
    targets = numpy.concatenate([y, -y, y / 2], axis=-1)
    targets[::7, 1] = numpy.nan
    return Example(
        Sequential([Input((x.shape[1],)), Dense(3)]), x, targets, {"optimizer": "adam", "loss": MaskedDistance()}
    )
