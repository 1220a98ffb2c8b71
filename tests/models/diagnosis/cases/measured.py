"""Metrics and weights that suit head, loss and targets: nothing above a hint."""

import numpy

from kmagic import Model, Sequential, ops
from kmagic.layers import Dense, Flatten, Input
from kmagic.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from kmagic.metrics import (
    AUC,
    BinaryAccuracy,
    BinaryIoU,
    ConcordanceCorrelation,
    CosineSimilarity,
    F1Score,
    FalseNegatives,
    FBetaScore,
    MeanIoU,
    OneHotMeanIoU,
    PearsonCorrelation,
    Precision,
    PrecisionAtRecall,
    R2Score,
    Recall,
    SensitivityAtSpecificity,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    TruePositives,
)
from tests.models.diagnosis.example import Example, correct
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


def chosen(loss: object, *metrics: object, **further: object) -> dict[str, object]:
    return {"optimizer": "adam", "loss": loss, "metrics": list(metrics), **further}


# ---- numbers ----


@correct("errors of numbers")
def errors_of_numbers() -> Example:
    x, y = quantities(200)
    metrics = ["mae", "mse", "root_mean_squared_error", "r2_score", "mean_absolute_percentage_error"]
    return Example(net(1), x, y + 20, chosen("huber", *metrics), fit=SMALL)


@correct("explained share and angles of several numbers")
def explained_share_of_several_numbers() -> Example:
    x, y = quantities(200, 3)
    metrics = [R2Score(class_aggregation=None), CosineSimilarity(), "log_cosh", PearsonCorrelation()]
    return Example(net(3), x, y, chosen("mse", *metrics), fit=SMALL)


@correct("correlations of one number over the rows of a batch")
def correlations_over_rows() -> Example:
    x, y = quantities(200)
    metrics = [PearsonCorrelation(axis=0), ConcordanceCorrelation(axis=0)]
    return Example(net(1), x, y, chosen("mse", *metrics), fit=SMALL)


@correct("classes learned with squares: accuracy of one-hot rows")
def accuracy_of_classes_learned_with_squares() -> Example:
    x, y = points(200, 3)
    return Example(net(3), x, numpy.eye(3)[y], chosen("mse", "accuracy"), fit=SMALL)


@correct("two classes learned with squares: accuracy of zeros and ones")
def accuracy_of_two_classes_learned_with_squares() -> Example:
    x, y = points(200, 2)
    return Example(net(1), x, y, chosen("mse", "accuracy", "mae"), fit=SMALL)


# ---- two classes ----


@correct("counts, shares and trade-offs of a sigmoid")
def counts_of_a_sigmoid() -> Example:
    x, y = points(200, 2)
    metrics = [
        "accuracy",
        Precision(),
        Recall(thresholds=[0.3, 0.5]),
        AUC(curve="PR"),
        FalseNegatives(),
        SensitivityAtSpecificity(0.5),
        PrecisionAtRecall(0.8),
    ]
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, *metrics), fit=SMALL)


@correct("f1 of a sigmoid with its threshold, targets as truth values")
def f1_of_a_sigmoid() -> Example:
    x, y = points(200, 2)
    metrics = [F1Score(threshold=0.5), FBetaScore(beta=2.0, threshold=0.3), BinaryIoU()]
    return Example(net(1, "sigmoid"), x, y.reshape(-1, 1).astype(bool), chosen(BINARY, *metrics), fit=SMALL)


@correct("logits with the threshold at 0 and areas that know of logits")
def metrics_of_logits() -> Example:
    x, y = points(200, 2)
    metrics = [
        BinaryAccuracy(threshold=0.0),
        AUC(from_logits=True),
        Precision(thresholds=0.0),
        Recall(thresholds=[0.0]),
        BinaryCrossentropy(from_logits=True),
    ]
    return Example(net(1), x, y, chosen(BinaryCrossentropy(from_logits=True), *metrics), fit=SMALL)


@correct("hinge on zeros and ones, the threshold of accuracy at 0")
def accuracy_of_a_margin() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, y, chosen("hinge", BinaryAccuracy(threshold=0.0)), fit=SMALL)


@correct("hinge on signs with hinge as a metric")
def margin_of_signs() -> Example:
    x, y = points(200, 2)
    return Example(net(1, "tanh"), x, 2 * y - 1, chosen("squared_hinge", "hinge"), fit=SMALL)


@correct("two units and one-hot rows: precision of one class")
def precision_of_one_class() -> Example:
    x, y = points(200, 2)
    metrics = ["accuracy", Precision(class_id=1), Recall(class_id=1), AUC()]
    return Example(net(2, "softmax"), x, numpy.eye(2)[y], chosen(ONE_HOT, *metrics), fit=SMALL)


@correct("a rare class with weights")
def a_rare_class_with_weights() -> Example:
    x, y = points(200, 2)
    y = y * (numpy.arange(200) % 10 == 0)
    x[:, 0] += 2 * y
    fit = {**SMALL, "class_weight": {0: 1.0, 1: 15.0}}
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, "accuracy"), fit=fit)


@correct("a rare class with metrics that see it")
def a_rare_class_with_metrics_that_see_it() -> Example:
    x, y = points(200, 2)
    y = y * (numpy.arange(200) % 10 == 0)
    x[:, 0] += 2 * y
    return Example(net(1, "sigmoid"), x, y, chosen(BINARY, "accuracy", Recall(), AUC(curve="PR")), fit=SMALL)


@correct("one class three times as frequent as the other")
def a_less_frequent_class() -> Example:
    x, y = points(200, 4)
    return Example(net(1, "sigmoid"), x, (y == 0).astype(int), chosen(BINARY, "accuracy"), fit=SMALL)


# ---- several labels and classes ----


@correct("independent labels: binary accuracy, areas of labels, f1 with a threshold")
def metrics_of_independent_labels() -> Example:
    x, y = labels(200, 4)
    metrics = ["binary_accuracy", AUC(multi_label=True), Precision(), F1Score(threshold=0.5, average="macro")]
    return Example(net(4, "sigmoid", 5), x, y, chosen(BINARY, *metrics), fit=SMALL)


@correct("one against the others: accuracy of sigmoids on one-hot rows")
def accuracy_of_one_against_the_others() -> Example:
    x, y = points(200, 3)
    return Example(net(3, "sigmoid"), x, numpy.eye(3)[y], chosen(BINARY, "accuracy"), fit=SMALL)


@correct("classes as one-hot rows: f1, top 2, areas, overlap")
def metrics_of_one_hot_rows() -> Example:
    x, y = points(200, 6)
    metrics = ["accuracy", F1Score(average="macro"), TopKCategoricalAccuracy(k=2), AUC(), OneHotMeanIoU(6)]
    return Example(net(6, "softmax"), x, numpy.eye(6)[y], chosen(ONE_HOT, *metrics), fit=SMALL)


@correct("classes as numbers: accuracy, top 5 of 8, overlap of the largest score")
def metrics_of_class_numbers() -> Example:
    x, y = points(200, 8)
    metrics = ["acc", "sparse_top_k_categorical_accuracy", MeanIoU(8, sparse_y_pred=False)]
    return Example(net(8, "softmax"), x, y, chosen(SPARSE, *metrics), fit=SMALL)


@correct("classes from logits: accuracies need no threshold")
def accuracies_of_logits() -> Example:
    x, y = points(200, 6)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    metrics = ["accuracy", SparseTopKCategoricalAccuracy(k=2), loss]
    return Example(net(6), x, y.reshape(-1, 1), chosen(loss, *metrics), fit=SMALL)


@correct("one-hot rows from logits: f1 of the largest score")
def f1_of_logits() -> Example:
    x, y = points(200, 3)
    loss = CategoricalCrossentropy(from_logits=True)
    return Example(net(3), x, numpy.eye(3)[y], chosen(loss, "accuracy", F1Score()), fit=SMALL)


@correct("a class for each place: overlap")
def overlap_of_places() -> Example:
    x, y = places(40, (4, 4), 3)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    metrics = ["accuracy", MeanIoU(3, sparse_y_pred=False)]
    return Example(model, x, y, chosen(SPARSE, *metrics), fit={"batch_size": 8})


@correct("a mask for each place: overlap of yes and no, shares of places")
def overlap_of_masks() -> Example:
    x, y = places(40, (4, 4), 2)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(1, "sigmoid")])
    metrics = ["accuracy", BinaryIoU(target_class_ids=[1]), Recall()]
    return Example(model, x, y[..., None], chosen(BINARY, *metrics), fit={"batch_size": 8})


@correct("a function of one's own that rounds")
def a_function_that_rounds() -> Example:
    x, y = points(200, 2)

    def hits(y_true: numpy.ndarray, y_pred: numpy.ndarray) -> numpy.ndarray:
        return ops.mean(ops.cast(ops.equal(y_true, ops.round(y_pred)), "float32"), axis=-1)

    return Example(net(1, "sigmoid"), x, y.reshape(-1, 1), chosen(BINARY, hits), fit=SMALL)


# ---- weights ----


@correct("weights of samples, weighted metrics, some rows left out with 0")
def weights_of_samples() -> Example:
    x, y = points(200, 3)
    weights = numpy.random.default_rng(5).uniform(0.5, 2, 200)
    weights[::7] = 0
    choice = chosen(SPARSE, "accuracy", weighted_metrics=["accuracy"])
    return Example(net(3, "softmax"), x, y, choice, fit={**SMALL, "sample_weight": weights})


@correct("weights of classes for class numbers")
def weights_of_classes() -> Example:
    x, y = points(200, 3)
    fit = {**SMALL, "class_weight": {0: 1.0, 1: 2.0, 2: 0.5}}
    return Example(net(3, "softmax"), x, y, chosen(SPARSE, "accuracy", weighted_metrics=["accuracy"]), fit=fit)


@correct("weights of classes for one-hot rows, NumPy numbers as classes")
def weights_of_classes_of_rows() -> Example:
    x, y = points(200, 3)
    fit = {**SMALL, "class_weight": dict(zip(numpy.unique(y), [1.0, 2.0, 0.5], strict=True))}
    return Example(net(3, "softmax"), x, numpy.eye(3)[y], chosen(ONE_HOT), fit=fit)


@correct("weights of samples for a loss of numbers, in a column")
def weights_of_numbers() -> Example:
    x, y = quantities(200)
    weights = numpy.linspace(0, 1, 200).reshape(-1, 1)
    return Example(net(1), x, y, chosen("mse", weighted_metrics=["mae"]), fit={**SMALL, "sample_weight": weights})


@correct("weights of places")
def weights_of_places() -> Example:
    x, y = places(40, (4, 4), 3)
    model = Sequential([Input((4, 4, 4)), Dense(8, "relu"), Dense(3, "softmax")])
    weights = numpy.ones((40, 4, 4))
    weights[:, 0] = 0
    return Example(model, x, y, chosen(SPARSE), fit={"batch_size": 8, "sample_weight": weights})


# ---- several outputs ----


@correct("a metric that suits each output, in a list")
def a_metric_for_each_output() -> Example:
    x, y = points(200, 3)
    model = two(Dense(1, name="price"), Dense(3, "softmax", name="kind"))
    choice = chosen(["mse", SPARSE], "mae", "accuracy", loss_weights=[0.5, 1.0])
    return Example(model, x, [2 * x[:, 0], y], choice, fit=SMALL)


@correct("the same metric for each output, in a list")
def the_same_metric_for_each_output() -> Example:
    x, y = quantities(200, 2)
    model = two(Dense(1, name="price"), Dense(1, name="size"))
    return Example(model, x, [y[:, 0], y[:, 1]], chosen("mse", "mae", "mae"), fit=SMALL)


@correct("lists of metrics for each output, weights for one of them")
def lists_of_metrics() -> Example:
    x, y = points(200, 2)
    model = two(Dense(1, "sigmoid", name="ill"), Dense(1, name="age"))
    metrics = [["accuracy", AUC(), TruePositives()], ["mae", "mse"]]
    fit = {**SMALL, "sample_weight": [numpy.linspace(0.5, 1.5, 200), None]}
    return Example(model, x, [y, 2 * x[:, 0]], chosen([BINARY, "mse"], *metrics), fit=fit)


@correct("an output whose loss does not count")
def an_output_that_does_not_count() -> Example:
    x, y = points(200, 3)
    inputs = Input((4, 1))
    hidden = Dense(8, "relu")(Flatten()(inputs))
    model = Model(inputs, {"price": Dense(1, name="price")(hidden), "kind": Dense(3, "softmax", name="kind")(hidden)})
    choice = {"optimizer": "adam", "loss": {"price": "mse", "kind": SPARSE}, "loss_weights": {"price": 0.0, "kind": 1}}
    return Example(model, x[..., None], {"price": x[:, 0], "kind": y}, choice, fit=SMALL)
