"""Metrics: running results over batches, and metrics given to compile by name."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of, variable_facts
from ..small_models import layered


@dataclass(frozen=True)
class MetricCase:
    """One metric, updated with several batches."""

    part: str
    targets: str
    head: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{written(self.part, self.arguments)} of {self.targets}, {self.head}"


METRICS = (
    MetricCase("BinaryAccuracy", "zeros and ones", "sigmoid"),
    MetricCase("BinaryAccuracy", "column of zeros and ones", "sigmoid"),
    MetricCase("BinaryAccuracy", "zeros and ones", "sigmoid", {"threshold": 0.3}),
    MetricCase("CategoricalAccuracy", "one-hot", "softmax"),
    MetricCase("SparseCategoricalAccuracy", "classes", "softmax"),
    MetricCase("SparseCategoricalAccuracy", "column of classes", "softmax"),
    MetricCase("MeanSquaredError", "real", "linear"),
    MetricCase("MeanAbsoluteError", "real", "linear"),
    MetricCase("MeanAbsolutePercentageError", "real", "linear"),
    MetricCase("MeanSquaredLogarithmicError", "positive", "softplus"),
    MetricCase("LogCoshError", "real", "linear"),
    MetricCase("SquaredHinge", "signs", "tanh"),
    MetricCase("Hinge", "zeros and ones", "tanh"),
    MetricCase("CategoricalHinge", "one-hot", "softmax"),
    MetricCase("BinaryCrossentropy", "zeros and ones", "sigmoid"),
    MetricCase("BinaryCrossentropy", "zeros and ones", "linear", {"from_logits": True, "label_smoothing": 0.2}),
    MetricCase("CategoricalCrossentropy", "one-hot", "softmax", {"label_smoothing": 0.1}),
    MetricCase("CategoricalCrossentropy", "one-hot", "linear", {"from_logits": True}),
    MetricCase("SparseCategoricalCrossentropy", "classes", "softmax"),
    MetricCase("SparseCategoricalCrossentropy", "column of classes", "linear", {"from_logits": True}),
)
# Sizes of the batches that a metric is updated with; the last is smaller, as at the end of an epoch.
METRIC_BATCHES = (5, 5, 2)


@dataclass(frozen=True)
class CompiledMetricsCase:
    """Metrics given to compile: by name, some twice, some weighted."""

    name: str
    targets: str
    head: str
    loss: str
    metrics: tuple[str, ...]
    weighted: tuple[str, ...] = ()


# Left out: counts by name, whose logs on torch are views of a state that validation has cleared by the time they are
# read, and weighted areas, which torch adds up in float32.
COMPILED_METRICS = (
    CompiledMetricsCase(
        "regression",
        "real",
        "linear",
        "mean_squared_error",
        ("mse", "mae", "MAPE", "mean_absolute_error", "MeanSquaredError", "LogCoshError"),
        ("mae", "mse"),
    ),
    CompiledMetricsCase(
        "counts",
        "positive",
        "softplus",
        "mean_squared_logarithmic_error",
        ("msle", "mean_absolute_percentage_error"),
        ("msle",),
    ),
    CompiledMetricsCase(
        "margins",
        "signs",
        "tanh",
        "squared_hinge",
        ("hinge", "squared_hinge", "mse"),
        ("hinge",),
    ),
    CompiledMetricsCase(
        "one column",
        "column of zeros and ones",
        "sigmoid",
        "binary_crossentropy",
        ("accuracy", "binary_accuracy", "binary_crossentropy", "mae"),
        ("accuracy", "bce"),
    ),
    CompiledMetricsCase(
        "several labels",
        "zeros and ones",
        "sigmoid",
        "binary_crossentropy",
        ("acc", "binary_accuracy"),
        ("acc",),
    ),
    CompiledMetricsCase(
        "one-hot",
        "one-hot",
        "softmax",
        "categorical_crossentropy",
        ("accuracy", "categorical_accuracy", "categorical_crossentropy", "categorical_hinge", "mse"),
        ("accuracy",),
    ),
    CompiledMetricsCase(
        "classes",
        "classes",
        "softmax",
        "sparse_categorical_crossentropy",
        ("accuracy", "sparse_categorical_accuracy", "sparse_categorical_crossentropy"),
        ("accuracy",),
    ),
    CompiledMetricsCase(
        "scores of one column",
        "column of zeros and ones",
        "sigmoid",
        "binary_crossentropy",
        ("auc", "Precision", "recall", "binary_io_u", "root_mean_squared_error"),
        ("precision", "f_beta_score", "binary_io_u"),
    ),
    CompiledMetricsCase(
        "scores of classes",
        "one-hot",
        "softmax",
        "categorical_crossentropy",
        ("f1_score", "cosine_similarity", "auc", "kl_divergence", "precision"),
        ("f1_score", "recall"),
    ),
    CompiledMetricsCase(
        "scores of numbers",
        "real",
        "linear",
        "mean_squared_error",
        (
            "r2_score",
            "R2Score",
            "pearson_correlation",
            "concordance_correlation",
            "cosine_similarity",
            "log_cosh_error",
        ),
        ("r2_score", "root_mean_squared_error", "pearson_correlation"),
    ),
    CompiledMetricsCase(
        "column of classes",
        "column of classes",
        "softmax",
        "sparse_categorical_crossentropy",
        ("acc",),
        (),
    ),
)


@dataclass(frozen=True)
class MetricUpdates:
    """A metric, updated with or without sample weights."""

    metric: MetricCase
    weighted: bool

    @property
    def name(self) -> str:
        return f"{self.metric.name}, {'weighted' if self.weighted else 'unweighted'}"


METRIC_UPDATES = tuple(
    MetricUpdates(metric, weighted) for metric, weighted in itertools.product(METRICS, (False, True))
)


def metric_batches(case: MetricCase) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of targets and predictions, the last one awkward."""
    batches = [
        (
            inputs.targets_of(case.targets, (size,), place),
            inputs.predictions_of(case.head, case.targets, (size,), place),
        )
        for place, size in enumerate(METRIC_BATCHES)
    ]
    return [*batches, (inputs.AWKWARD_TARGETS[case.targets], inputs.awkward_predictions(case.head, case.targets))]


def metric_updates(library: Library, case: MetricUpdates) -> Results:
    """Running results after each batch, the state at the end, and the result after a reset."""
    metric = getattr(library.metrics, case.metric.part)(**case.metric.arguments)
    running = []
    for targets, predictions in metric_batches(case.metric):
        weights = inputs.sample_weights(len(targets), len(running)) if case.weighted else None
        metric.update_state(targets, predictions, sample_weight=weights)
        running.append(numpy_of(metric.result()))
    state = [numpy_of(variable) for variable in metric.variables]
    metric.reset_state()
    return {
        "running": np.array(running),
        "state": np.array(state),
        "reset": numpy_of(metric.result()),
        "called": numpy_of(metric(*metric_batches(case.metric)[0])),
        "stateless": stateless(metric, metric_batches(case.metric)[1]),
        "variables": [variable_facts(variable) for variable in metric.variables],
        "config": config_of(metric),
    }


def stateless(metric: Any, batch: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The result of one batch from a fresh state that is handed in and out."""
    return numpy_of(metric.stateless_result(metric.stateless_update_state(metric.stateless_reset_state(), *batch)))


def compiled_metrics(library: Library, case: CompiledMetricsCase) -> Results:
    """Metrics by name through compile: two epochs with validation, and an evaluation, all with sample weights."""
    model = layered(library, (5, 4, inputs.columns(case.targets)), head=case.head)
    model.compile(
        optimizer=library.optimizers.SGD(learning_rate=0.1),
        loss=case.loss,
        metrics=list(case.metrics),
        weighted_metrics=list(case.weighted),
    )
    x, y, weights = inputs.normal("x", shape=(10, 5)), inputs.targets_of(case.targets, (10,)), inputs.sample_weights(10)
    validation = x[::2], y[::2], weights[::2]
    history = model.fit(
        x, y, sample_weight=weights, validation_data=validation, batch_size=4, epochs=2, shuffle=False, verbose=0
    )
    evaluated = model.evaluate(x, y, sample_weight=weights, batch_size=4, verbose=0, return_dict=True)
    results = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    return results | {f"evaluated/{name}": np.array(value) for name, value in evaluated.items()}


AREAS = (Area("metrics", METRIC_UPDATES, metric_updates), Area("compiled metrics", COMPILED_METRICS, compiled_metrics))
