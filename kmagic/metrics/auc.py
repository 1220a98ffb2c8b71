from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import Bound
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.metrics import registry
from kmagic.metrics.confusion import OUTCOMES, ConfusionMetric, Thresholds, checked_thresholds, is_even

Curve = Literal["ROC", "PR", "PRGAIN", "roc", "pr", "prgain"]
Summation = Literal["interpolation", "minoring", "majoring", "Interpolation", "Minoring", "Majoring"]


@registry.register(tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> []")
class AUC(ConfusionMetric):
    """Area under the curve of true against false positives (ROC), or of precision against recall (PR).

    Formula: Σᵢ (xᵢ − xᵢ₊₁)·h(yᵢ, yᵢ₊₁) over thresholds; ROC: x = FP / (FP + TN), y = TP / (TP + FN); PR: x = TP / (TP +
    FN), y = TP / (TP + FP); h: mean, least or largest of the two; PR interpolates TP and FP instead of precision

    Symbols: TP, FP, TN, FN: outcomes of p > θ for targets of 1 and 0, at num_thresholds numbers from 0 to 1

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = AUC(num_thresholds=3)
    >>> m.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]); float(m.result())
    0.75
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: Annotated[int, Bound(at_least=2, whole=True)] = 200,
        curve: Curve = "ROC",
        summation_method: Summation = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.curve, self.summation_method = curve.upper(), summation_method.lower()
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights, self.dtype)
        inner = _inner_thresholds(thresholds, num_thresholds)
        self.num_thresholds, self.given = len(inner) + 2, thresholds is not None
        self.thresholds = [0.0 - epsilon(), *inner, 1.0 + epsilon()]
        self.ladder = Thresholds(tuple(self.thresholds), is_even([0.0, *inner, 1.0]))
        if num_labels and not multi_label:
            raise BadValue("num_labels without multi_label", where="AUC", expected="multi_label=True")
        if not multi_label:
            self.make_counters()
        elif num_labels:
            self.remake_variables((self.num_thresholds, num_labels), OUTCOMES)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        if self.multi_label:
            shape = np.shape(y_pred) if not hasattr(y_pred, "shape") else y_pred.shape
            if len(shape) != 2:
                raise ShapeMismatch(
                    f"prediction {written(tuple(shape))}",
                    where=f"metric {self.name}",
                    expected="`y_pred` must have rank 2 when `multi_label=True`",
                )
            self.remake_variables((self.num_thresholds, shape[1]), OUTCOMES)
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred if hasattr(y_pred, "dtype") else np.asarray(y_pred, self.dtype))
        over_labels = None if self.multi_label else self.label_weights
        self.count(y_true, y_pred, sample_weight, by_label=self.multi_label, label_weights=over_labels)

    def result(self) -> Any:
        """The area; of several labels their mean, weighted by label_weights. 0 before anything was seen."""
        if self.multi_label and not hasattr(self, OUTCOMES[0]):
            return np.zeros((), self.dtype)
        areas = ops.sum(self._interpolated() if self._interpolates_counts else self._strips(), axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        return ops.divide_no_nan(ops.sum(areas * self.label_weights), ops.sum(self.label_weights))

    @property
    def _interpolates_counts(self) -> bool:
        return self.curve == "PR" and self.summation_method == "interpolation"

    def _strips(self) -> Any:
        """The area between each two thresholds, where the curve is a line, or a step below or above."""
        x, y = _CURVES[self.curve](*(self.counter(outcome).value for outcome in OUTCOMES))
        high, low = y[:-1], y[1:]
        heights = {
            "interpolation": lambda: (high + low) / 2,
            "minoring": lambda: ops.minimum(high, low),
            "majoring": lambda: ops.maximum(high, low),
        }[self.summation_method]()
        return (x[:-1] - x[1:]) * heights

    def _interpolated(self) -> Any:
        """The area between each two thresholds, where true positives grow in proportion to all positives.

        Source: J. Davis and M. Goadrich, ICML 2006.
        """
        hits, missed = self.true_positives.value, self.false_negatives.value
        said = hits + self.false_positives.value
        gained = hits[:-1] - hits[1:]
        slope = ops.divide_no_nan(gained, ops.maximum(said[:-1] - said[1:], 0))
        intercept = hits[1:] - slope * said[1:]
        both = ops.logical_and(said[:-1] > 0, said[1:] > 0)
        ratio = ops.where(both, ops.divide_no_nan(said[:-1], said[1:]), 1)
        return ops.divide_no_nan(slope * (gained + intercept * ops.log(ratio)), hits[1:] + missed[1:])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric; thresholds only if they were given."""
        config = super().get_config()
        del config["thresholds"]
        return {**config, **({"thresholds": self.thresholds[1:-1]} if self.given else {})}


def _inner_thresholds(given: Sequence[float] | None, number: int) -> list[float]:
    """The thresholds between the two ends, from the lowest on."""
    if given is not None:
        return sorted(checked_thresholds(list(given), 0.5, "AUC"))
    return [i / (number - 1) for i in range(1, number - 1)]


def _receiver(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    return ops.divide_no_nan(fp, fp + tn), ops.divide_no_nan(tp, tp + fn)


def _precision(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    return ops.divide_no_nan(tp, tp + fn), ops.divide_no_nan(tp, tp + fp)


def _gain(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    """Precision and recall on the scale where always saying yes is 0: P. Flach and M. Kull, NeurIPS 2015."""
    odds = ops.divide_no_nan(tp + fn, tn + fp)
    none = ops.equal(tp, 0)
    recall = ops.where(none, 0, 1 - odds * ops.divide_no_nan(fn, tp))
    precision = ops.where(none, 1, 1 - odds * ops.divide_no_nan(fp, tp))
    return ops.maximum(recall, 0), precision


_CURVES = {"ROC": _receiver, "PR": _precision, "PRGAIN": _gain}
