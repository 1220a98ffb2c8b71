"""Metrics that do not measure what their name says: logits, labels and shapes that they are not made for."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Activation, Dense, Input
from kmagic.losses import BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy
from kmagic.losses import SparseCategoricalCrossentropy as SparseCrossentropy
from kmagic.metrics import (
    AUC,
    Accuracy,
    BinaryAccuracy,
    F1Score,
    FBetaScore,
    MeanIoU,
    PearsonCorrelation,
    Precision,
    PrecisionAtRecall,
    R2Score,
    Recall,
    TopKCategoricalAccuracy,
    TruePositives,
)
from tests.models.diagnosis.example import Example, wrong
from tests.models.diagnosis.learnable import labels, places, points, quantities

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


def chosen(loss: object, *metrics: object) -> dict[str, object]:
    return {"optimizer": "adam", "loss": loss, "metrics": list(metrics)}


# ---- logits ----


@wrong("K109", "warning", "accuracy", "0.5", "logits")
def accuracy_of_logits() -> Example:
    x, y = points(200, 2)
    return Example(net(1), x, y, chosen(BinaryCrossentropy(from_logits=True), "accuracy"), fit=SMALL)


@wrong("K109", "warning", "output 'ill'", "binary_accuracy", "0.5", "logits")
def accuracy_of_several_logits_beside_a_number() -> Example:
    x, y = labels(200, 3, features=4)
    model = two(Dense(3, name="ill"), Dense(1, name="age"))
    loss = {"ill": BinaryFocalCrossentropy(from_logits=True), "age": "mse"}
    choice = {"optimizer": "adam", "loss": loss, "metrics": {"ill": ["binary_accuracy"]}}
    return Example(model, x, {"ill": y, "age": x[:, :1] * 2}, choice, fit=SMALL)


@wrong("K109", "warning", "accuracy", "0.5", "hinge")
def accuracy_of_scores_of_a_margin() -> Example:
    x, y = points(200, 2)
    return Example(net(1), x, y, chosen("hinge", "accuracy"), fit=SMALL)


@wrong("K110", "warning", "auc", "logits")
def area_of_logits() -> Example:
    x, y = points(200, 2)
    return Example(net(1), x, y, chosen(BinaryCrossentropy(from_logits=True), AUC()), fit=SMALL)


@wrong("K110", "warning", "precision", "0.5", "logits")
def precision_of_logits() -> Example:
    x, y = labels(200, 2)
    loss = BinaryCrossentropy(from_logits=True)
    return Example(net(2, None, 5), x, y, chosen(loss, Precision(), Recall(0.3)), fit=SMALL)


@wrong("K110", "warning", "sparse_categorical_crossentropy", "logits")
def crossentropy_metric_of_logits() -> Example:
    x, y = points(200, 3)
    return Example(net(3), x, y, chosen(SparseCrossentropy(from_logits=True), SPARSE), fit=SMALL)


@wrong("K110", "warning", "precision_at_recall", "logits")
def a_trade_off_of_logits() -> Example:
    x, y = points(200, 2)
    loss = BinaryCrossentropy(from_logits=True)
    return Example(net(1), x, y.reshape(-1, 1), chosen(loss, PrecisionAtRecall(0.8)), fit=SMALL)


# ---- accuracies of what is no class ----


@wrong("K113", "warning", "accuracy", "mse", "200")
def accuracy_of_numbers() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse", "accuracy"), fit=SMALL)


@wrong("K113", "warning", "output 'price'", "accuracy", "huber")
def accuracy_of_prices_beside_a_class() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    choice = {"optimizer": "adam", "loss": ["huber", SPARSE], "metrics": [["mae", "accuracy"], ["accuracy"]]}
    return Example(model, x, [x[:, 0] * 3, y], choice, fit=SMALL)


@wrong("K113", "warning", "binary_accuracy", "mae", "1 … 5")
def accuracy_of_ratings() -> Example:
    x, y = points(200, 5)
    return Example(net(1), x, y + 1, chosen("mae", "binary_accuracy"), fit=SMALL)


@wrong("K140", "error", "Accuracy()", "equal", "sigmoid")
def exact_equality_with_a_probability() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, Accuracy()), fit=SMALL)


@wrong("K140", "error", "Accuracy()", "equal", "softmax")
def exact_equality_with_rows_of_probabilities() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT, Accuracy(name="hits")), fit=SMALL)


@wrong("K143", "warning", "accuracy", "4", "binary_accuracy")
def accuracy_of_independent_labels() -> Example:
    x, y = labels(200, 4)
    return Example(net(4, "sigmoid", 5), x, y, chosen(BINARY, "accuracy"), fit=SMALL)


@wrong("K143", "warning", "output 'marks'", "categorical_accuracy", "3")
def accuracy_of_independent_logits() -> Example:
    x, y = labels(200, 3, features=4)
    model = two(Dense(3, name="marks"), Dense(1, name="age"))
    loss = [BinaryCrossentropy(from_logits=True), "mse"]
    choice = {"optimizer": "adam", "loss": loss, "metrics": [["categorical_accuracy"], []]}
    return Example(model, x, [y, x[:, 0]], choice, fit=SMALL)


@wrong("K143", "warning", "binary_accuracy", "0.67", "3 classes")
def share_of_right_zeros() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT, "binary_accuracy"), fit=SMALL)


@wrong("K143", "warning", "output 'kind'", "right", "0.8", "5 classes")
def share_of_right_zeros_from_logits() -> Example:
    x, y = points(200, 5)
    model = two(Dense(1, name="price"), Dense(5, name="kind"))
    loss = ["mse", CategoricalCrossentropy(from_logits=True)]
    metrics = [["mae"], ["accuracy", BinaryAccuracy(name="right", threshold=0.0)]]
    choice = {"optimizer": "adam", "loss": loss, "metrics": metrics}
    return Example(model, x, [x[:, 0], numpy.eye(5)[y]], choice, fit=SMALL)


@wrong("K198", "warning", "accuracy", "-1", "hinge")
def accuracy_of_signs() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, 2 * y - 1, chosen("hinge", "accuracy"), fit=SMALL)


@wrong("K198", "warning", "binary_accuracy", "-1", "squared_hinge")
def accuracy_of_signs_in_a_column() -> Example:
    x, y = points(200, 2)
    choice = chosen("squared_hinge", BinaryAccuracy(threshold=0.0))
    return Example(net(1), x, 2.0 * y.reshape(-1, 1) - 1, choice, fit=SMALL)


# ---- class numbers ----


@wrong("K138", "error", "precision", "2 units", "(200,)")
def precision_of_two_units() -> Example:
    x, y = points(200, 2)
    return Example(net(2, "softmax"), x, y, chosen(SPARSE, "accuracy", Precision()), fit=SMALL)


@wrong("K138", "error", "output 'kind'", "true_positives", "3 units", "(200, 1)")
def hits_of_three_units() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    choice = {"optimizer": "adam", "loss": ["mse", SPARSE], "metrics": {"kind": [TruePositives()]}}
    return Example(model, x, [x[:, 0], y.reshape(-1, 1)], choice, fit=SMALL)


@wrong("K138", "error", "recall", "2 units", "(200,)")
def recall_of_one_of_two_units() -> Example:
    x, y = points(200, 2)
    loss = SparseCrossentropy(from_logits=True)
    return Example(net(2), x, y, chosen(loss, Recall(class_id=1)), fit=SMALL)


@wrong("K139", "error", "auc", "(200,)", "3 units")
def area_of_class_numbers() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, AUC()), fit=SMALL)


@wrong("K139", "error", "mean_io_u", "(40, 4, 4)", "3 units")
def overlap_of_probabilities() -> Example:
    x, y = places(40, (4, 4), 3)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    return Example(model, x, y, chosen(SPARSE, MeanIoU(num_classes=3)), fit={"batch_size": 8})


@wrong("K139", "error", "binary_accuracy", "(200,)", "4 units")
def yes_or_no_of_class_numbers() -> Example:
    x, y = points(200, 4)
    return Example(net(4, "softmax"), x, y, chosen(SPARSE, "binary_accuracy"), fit=SMALL)


@wrong("K139", "error", "accuracy", "(200, 1)", "3 units")
def exact_equality_with_class_numbers() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y.reshape(-1, 1), chosen(SPARSE, Accuracy()), fit=SMALL)


@wrong("K139", "error", "categorical_accuracy", "(200,)", "3 units")
def accuracy_of_rows_for_class_numbers() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "categorical_accuracy"), fit=SMALL)


@wrong("K139", "error", "sparse_categorical_accuracy", "(200, 3)", "one-hot")
def accuracy_of_class_numbers_for_rows() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT, "sparse_categorical_accuracy"), fit=SMALL)


@wrong("K139", "error", "mean_io_u", "0.9", "class 0")
def overlap_of_a_sigmoid() -> Example:
    x, y = places(40, (4, 4), 2)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(1, "sigmoid")])
    return Example(model, x, y[..., None], chosen(BINARY, MeanIoU(num_classes=2)), fit={"batch_size": 8})


@wrong("K139", "error", "mean_io_u, top_k_categorical_accuracy want", "(200,)", "6 units")
def several_metrics_of_rows() -> Example:
    x, y = points(200, 6)
    metrics = ["accuracy", MeanIoU(6), TopKCategoricalAccuracy(k=2)]
    return Example(net(6, "softmax"), x, y, chosen(SPARSE, *metrics), fit=SMALL)


@wrong("K141", "error", "f1_score", "1 unit", "threshold")
def f1_of_one_unit() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, y.reshape(-1, 1), chosen(BINARY, F1Score()), fit=SMALL)


@wrong("K141", "error", "output 'ill'", "fbeta_score", "1 unit", "threshold")
def fbeta_of_one_unit_beside_a_number() -> Example:
    x, y = points(200, 2)
    model = two(Dense(1, "sigmoid", name="ill"), Dense(1, name="age"))
    metrics = [[FBetaScore(average="macro", beta=2.0), "accuracy"], ["mae"]]
    choice = {"optimizer": "adam", "loss": [BINARY, "mse"], "metrics": metrics}
    return Example(model, x, [y, x[:, 0]], choice, fit=SMALL)


@wrong("K142", "error", "f1_score", "(200,)", "3 units")
def f1_of_class_numbers() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, F1Score(average="macro")), fit=SMALL)


@wrong("K142", "error", "fbeta_score", "(200, 1)", "4 units")
def fbeta_of_class_numbers_in_a_column() -> Example:
    x, y = points(200, 4)
    inputs = Input((4,))
    model = Model(inputs, Activation("softmax")(Dense(4)(Dense(8, "tanh")(inputs))))
    return Example(model, x, y.reshape(-1, 1), chosen(SPARSE, FBetaScore(beta=0.5)), fit=SMALL)


@wrong("K156", "warning", "k=5", "3 classes")
def top_five_of_three() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "sparse_top_k_categorical_accuracy"), fit=SMALL)


@wrong("K156", "warning", "output 'kind'", "k=4", "4 classes")
def top_four_of_four() -> Example:
    x, y = points(200, 4)
    model = two(Dense(1, name="price"), Dense(4, name="kind"))
    metrics = {"kind": ["accuracy", TopKCategoricalAccuracy(k=4)]}
    loss = ["mse", CategoricalCrossentropy(from_logits=True)]
    choice = {"optimizer": "adam", "loss": loss, "metrics": metrics}
    return Example(model, x, [x[:, 0], numpy.eye(4)[y]], choice, fit=SMALL)


# ---- other targets ----


@wrong("K190", "warning", "precision", "-1", "positive")
def precision_of_signs() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, 2 * y - 1, chosen("mse", Precision()), fit=SMALL)


@wrong("K190", "warning", "auc", "0.05", "0.95", "positive")
def area_of_soft_labels() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "sigmoid"), x, 0.05 + 0.9 * y, chosen(BINARY, AUC()), fit=SMALL)


@wrong("K191", "warning", "mean_io_u", "num_classes=2", "3 units")
def overlap_of_fewer_classes() -> Example:
    x, y = places(40, (4, 4), 3)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    metric = MeanIoU(num_classes=2, sparse_y_pred=False)
    return Example(model, x, y, chosen(SPARSE, metric), fit={"batch_size": 8})


@wrong("K191", "warning", "overlap", "num_classes=21", "4 units")
def overlap_of_more_classes() -> Example:
    x, y = points(200, 4)
    metric = MeanIoU(21, name="overlap", sparse_y_true=False, sparse_y_pred=False)
    return Example(net(4, "softmax"), x, numpy.eye(4)[y], chosen(ONE_HOT, metric), fit=SMALL)


@wrong("K196", "warning", "r2_score", "3", "constant")
def explained_share_of_a_constant() -> Example:
    x, _ = quantities(200)
    return Example(net(1), x, numpy.full(200, 3.0), chosen("mse", "r2_score"), fit=SMALL)


@wrong("K196", "warning", "output 'places'", "r2", "column 1", "constant")
def explained_share_of_a_constant_column() -> Example:
    x, y = quantities(200, 2)
    y[:, 1] = -2.0
    model = two(Dense(2, name="places"), Dense(1, name="price"))
    choice = {"optimizer": "adam", "loss": "mse", "metrics": {"places": [R2Score(name="r2")], "price": ["mae"]}}
    return Example(model, x, [y, x[:, 0]], choice, fit=SMALL)


@wrong("K197", "warning", "pearson_correlation", "1 unit", "axis=0")
def correlation_of_one_number() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y, chosen("mse", PearsonCorrelation()), fit=SMALL)


@wrong("K197", "warning", "cosine_similarity", "1 unit", "sign")
def angle_of_one_number() -> Example:
    x, y = quantities(200)
    return Example(net(1), x, y[:, 0], chosen("mae", "mae", "cosine_similarity"), fit=SMALL)
