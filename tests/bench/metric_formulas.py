"""Every metric as one would write it in NumPy on one big array, and the data that it is timed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
EPSILON = np.float32(1e-7)
CLASSES = 10


def _numbers(rows: int, columns: int) -> tuple[Array, Array]:
    stream = np.random.default_rng(0)
    first, second = (stream.random((rows, columns), dtype=np.float32) + np.float32(0.1) for _ in range(2))
    return first, second


def _probabilities(rows: int) -> Array:
    scores = np.random.default_rng(1).random((rows, CLASSES), dtype=np.float32) + np.float32(0.01)
    return scores / scores.sum(-1, keepdims=True)


def _labels(rows: int) -> Array:
    return np.random.default_rng(2).integers(0, CLASSES, rows).astype(np.int32)


DATA: dict[str, Callable[[int], tuple[Array, ...]]] = {
    "one number": lambda n: _numbers(n, 1),
    "four numbers": lambda n: _numbers(n, 4),
    "yes or no": lambda n: (
        np.random.default_rng(3).integers(0, 2, (n, 1)).astype(np.float32),
        np.random.default_rng(4).random((n, 1), dtype=np.float32),
    ),
    "one-hot": lambda n: (np.eye(CLASSES, dtype=np.float32)[_labels(n)], _probabilities(n)),
    "classes": lambda n: (_labels(n), _probabilities(n)),
    "class numbers": lambda n: (_labels(n), np.roll(_labels(n), 1)),
    "values": lambda n: (np.random.default_rng(5).random(n, dtype=np.float32),),
}


@dataclass(frozen=True)
class Formula:
    """A metric written out, the kind of data that it takes, and the arguments that the metric needs."""

    data: str
    compute: Callable[..., Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)


def said_and_true(y: Array, p: Array, threshold: float = 0.5) -> tuple[Array, Array]:
    """Answers and targets as truth values."""
    return p > threshold, y == 1


def clipped(p: Array) -> Array:
    """Probabilities away from 0 and 1."""
    return np.clip(p, EPSILON, 1 - EPSILON)


def precision(y: Array, p: Array) -> Any:
    """Right answers among all."""
    said, true = said_and_true(y, p)
    return np.sum(said & true) / np.sum(said)


def recall(y: Array, p: Array) -> Any:
    """Found targets among all."""
    said, true = said_and_true(y, p)
    return np.sum(said & true) / np.sum(true)


def counts(y: Array, p: Array, thresholds: int = 200) -> tuple[Array, Array, Array, Array]:
    """Outcomes at evenly spaced thresholds: histograms of scores, summed from above."""
    true = y == 1
    hits, misses = (np.histogram(p[chosen], thresholds - 1, (0, 1))[0] for chosen in (true, ~true))
    tp, fp = (np.cumsum(histogram[::-1])[::-1] for histogram in (hits, misses))
    return tp, fp, misses.sum() - fp, hits.sum() - tp


def area(y: Array, p: Array) -> Any:
    """Area under the ROC curve by trapezoids."""
    tp, fp, tn, fn = counts(y, p)
    return -np.trapezoid(tp / (tp + fn), fp / (fp + tn))


def rate_at_rate(best: Callable[..., Array], bound: Callable[..., Array]) -> Callable[[Array, Array], Any]:
    """The best rate where another is at least one half."""

    def compute(y: Array, p: Array) -> Any:
        outcomes = [count + EPSILON for count in counts(y, p)]
        return np.max(np.where(bound(*outcomes) >= 0.5, best(*outcomes), 0))

    return compute


def table(y: Array, p: Array, classes: int = CLASSES) -> Array:
    """How often a class is taken for another."""
    return np.bincount(y.ravel() * classes + p.ravel(), minlength=classes * classes).reshape(classes, classes)


def overlap(counted: Array, classes: Any = slice(None)) -> Any:
    """Mean intersection over union of classes."""
    hits = np.diag(counted)
    return np.mean((hits / (counted.sum(0) + counted.sum(1) - hits))[classes])


def f_score(y: Array, p: Array) -> Array:
    """Harmonic mean of precision and recall of each class."""
    said = (p >= p.max(-1, keepdims=True)).astype(np.float32)
    tp, fp, fn = (said * y).sum(0), (said * (1 - y)).sum(0), ((1 - said) * y).sum(0)
    precise, found = tp / (tp + fp), tp / (tp + fn)
    return 2 * precise * found / (precise + found)


def explained(y: Array, p: Array) -> Any:
    """Share of the variance that is explained."""
    return np.mean(1 - ((y - p) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0))


def correlation(y: Array, p: Array) -> Any:
    """Mean of the correlations within rows."""
    y, p = y - y.mean(-1, keepdims=True), p - p.mean(-1, keepdims=True)
    return np.mean((y * p).sum(-1) / np.sqrt((y * y).sum(-1) * (p * p).sum(-1)))


def concordance(y: Array, p: Array) -> Any:
    """Mean of the concordances within rows."""
    y_mean, p_mean = y.mean(-1, keepdims=True), p.mean(-1, keepdims=True)
    covariance = ((y - y_mean) * (p - p_mean)).mean(-1)
    return np.mean(2 * covariance / (y.var(-1) + p.var(-1) + (y_mean - p_mean)[:, 0] ** 2))


def cosine(y: Array, p: Array) -> Any:
    """Mean cosine of the angles between rows."""
    return np.mean((y * p).sum(-1) / (np.linalg.norm(y, axis=-1) * np.linalg.norm(p, axis=-1)))


def binary_crossentropy(y: Array, p: Array) -> Array:
    """− y ln p − (1 − y) ln(1 − p)."""
    p = clipped(p)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def top(labels: Array, p: Array, k: int) -> Any:
    """Share of labels among the k largest."""
    return np.mean(np.any(np.argpartition(-p, k, axis=-1)[:, :k] == labels[:, None], axis=-1))


def percentage(y: Array, p: Array) -> Any:
    """Errors in percent of targets."""
    return 100 * np.mean(np.abs((y - p) / np.maximum(np.abs(y), EPSILON)))


def logarithm(x: Array) -> Array:
    """ln(x + 1) of what is not negative."""
    return np.log(np.maximum(x, EPSILON) + 1)


def hinge(y: Array, p: Array) -> Array:
    """max(1 − y·p, 0), with targets of 0 and 1 as −1 and 1."""
    y = np.where(np.all((y == 0) | (y == 1)), 2 * y - 1, y)
    return np.maximum(1 - y * p, 0)


def categorical_hinge(y: Array, p: Array) -> Any:
    """max(0, 1 + the best of the others − the right one)."""
    return np.mean(np.maximum(((1 - y) * p).max(-1) - (y * p).sum(-1) + 1, 0))


def huber(y: Array, p: Array) -> Any:
    """Squares of small errors, sizes of large ones."""
    error = np.abs(y - p)
    return np.mean(np.where(error <= 1, 0.5 * error**2, error - 0.5))


def log_cosh(y: Array, p: Array) -> Any:
    """ln cosh of errors, without overflow."""
    error = p - y
    return np.mean(error + np.log1p(np.exp(-2 * error)) - np.log(2))


def categorical_crossentropy(y: Array, p: Array) -> Any:
    """− Σ y ln p of probabilities that are made to sum to 1."""
    return -np.mean((y * np.log(clipped(p / p.sum(-1, keepdims=True)))).sum(-1))


def sparse_categorical_crossentropy(labels: Array, p: Array) -> Any:
    """− ln of the right class's probability."""
    return -np.mean(np.log(clipped(p / p.sum(-1, keepdims=True))[np.arange(len(p)), labels]))


def binary_focal(y: Array, p: Array) -> Any:
    """Crossentropy by (1 − the right one's probability)²."""
    right = np.where(y == 1, p, 1 - p)
    return np.mean((1 - right) ** 2 * binary_crossentropy(y, p))


def categorical_focal(y: Array, p: Array) -> Any:
    """− 0.25 Σ (1 − p)² y ln p."""
    p = clipped(p / p.sum(-1, keepdims=True))
    return -np.mean((0.25 * (1 - p) ** 2 * y * np.log(p)).sum(-1))


def sensitivity(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    """TP / (TP + FN)."""
    return tp / (tp + fn)


def specificity(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    """TN / (TN + FP)."""
    return tn / (tn + fp)


def precise(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    """TP / (TP + FP)."""
    return tp / (tp + fp)


_TWO = {"target_class_ids": [0, 3], "num_classes": CLASSES}
FORMULAS: dict[str, Formula] = {
    "accuracy": Formula("class numbers", lambda y, p: np.mean(y == p)),
    "auc": Formula("yes or no", area),
    "binary_accuracy": Formula("yes or no", lambda y, p: np.mean((p > 0.5) == y)),
    "binary_crossentropy": Formula("yes or no", lambda y, p: np.mean(binary_crossentropy(y, p))),
    "binary_focal_crossentropy": Formula("yes or no", binary_focal),
    "binary_iou": Formula("yes or no", lambda y, p: overlap(table(y.astype(int), (p >= 0.5).astype(int), 2))),
    "categorical_accuracy": Formula("one-hot", lambda y, p: np.mean(y.argmax(-1) == p.argmax(-1))),
    "categorical_crossentropy": Formula("one-hot", categorical_crossentropy),
    "categorical_focal_crossentropy": Formula("one-hot", categorical_focal),
    "categorical_generalized_cross_entropy": Formula(
        "classes", lambda y, p: np.mean((1 - p[np.arange(len(p)), y] ** 0.5) / 0.5)
    ),
    "categorical_hinge": Formula("one-hot", categorical_hinge),
    "concordance_correlation": Formula("four numbers", concordance),
    "cosine_similarity": Formula("four numbers", cosine),
    "f1_score": Formula("one-hot", f_score),
    "false_negatives": Formula("yes or no", lambda y, p: np.sum((y == 1) & ~(p > 0.5))),
    "false_positives": Formula("yes or no", lambda y, p: np.sum((y != 1) & (p > 0.5))),
    "fbeta_score": Formula("one-hot", f_score),
    "hinge": Formula("yes or no", lambda y, p: np.mean(hinge(y, p))),
    "huber": Formula("one number", huber),
    "iou": Formula("class numbers", lambda y, p: overlap(table(y, p), [0, 3]), _TWO),
    "kl_divergence": Formula("one-hot", lambda y, p: np.mean((clipped(y) * np.log(clipped(y) / clipped(p))).sum(-1))),
    "log_cosh": Formula("one number", log_cosh),
    "log_cosh_error": Formula("one number", log_cosh),
    "mean": Formula("values", np.mean),
    "mean_absolute_error": Formula("one number", lambda y, p: np.mean(np.abs(y - p))),
    "mean_absolute_percentage_error": Formula("one number", percentage),
    "mean_iou": Formula("class numbers", lambda y, p: overlap(table(y, p)), {"num_classes": CLASSES}),
    "mean_squared_error": Formula("one number", lambda y, p: np.mean((y - p) ** 2)),
    "mean_squared_logarithmic_error": Formula("one number", lambda y, p: np.mean((logarithm(y) - logarithm(p)) ** 2)),
    "one_hot_iou": Formula("one-hot", lambda y, p: overlap(table(y.argmax(-1), p.argmax(-1)), [0, 3]), _TWO),
    "one_hot_mean_iou": Formula(
        "one-hot", lambda y, p: overlap(table(y.argmax(-1), p.argmax(-1))), {"num_classes": CLASSES}
    ),
    "pearson_correlation": Formula("four numbers", correlation),
    "poisson": Formula("one number", lambda y, p: np.mean(p - y * np.log(p + EPSILON))),
    "precision": Formula("yes or no", precision),
    "precision_at_recall": Formula("yes or no", rate_at_rate(precise, sensitivity), {"recall": 0.5}),
    "r2_score": Formula("four numbers", explained),
    "recall": Formula("yes or no", recall),
    "recall_at_precision": Formula("yes or no", rate_at_rate(sensitivity, precise), {"precision": 0.5}),
    "root_mean_squared_error": Formula("one number", lambda y, p: np.sqrt(np.mean((y - p) ** 2))),
    "sensitivity_at_specificity": Formula("yes or no", rate_at_rate(sensitivity, specificity), {"specificity": 0.5}),
    "sparse_categorical_accuracy": Formula("classes", lambda y, p: np.mean(y == p.argmax(-1))),
    "sparse_categorical_crossentropy": Formula("classes", sparse_categorical_crossentropy),
    "sparse_top_k_categorical_accuracy": Formula("classes", lambda y, p: top(y, p, 5)),
    "specificity_at_sensitivity": Formula("yes or no", rate_at_rate(specificity, sensitivity), {"sensitivity": 0.5}),
    "squared_hinge": Formula("yes or no", lambda y, p: np.mean(hinge(y, p) ** 2)),
    "sum": Formula("values", np.sum),
    "top_k_categorical_accuracy": Formula("one-hot", lambda y, p: top(y.argmax(-1), p, 5)),
    "true_negatives": Formula("yes or no", lambda y, p: np.sum((y != 1) & ~(p > 0.5))),
    "true_positives": Formula("yes or no", lambda y, p: np.sum((y == 1) & (p > 0.5))),
}
