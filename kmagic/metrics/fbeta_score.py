from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Bound, Positive
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.losses.loss import align_ranks, as_float
from kmagic.metrics import registry
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.metric import Metric

Average = Literal["micro", "macro", "weighted"] | None
Threshold = Annotated[float, Bound(above=0, at_most=1)]
_STATE = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")
_NOTHING = 1e-9  # a largest score that is smaller names no class


@registry.register(
    "fbeta",
    name="fbeta_score",
    tags=("classes", "one-hot labels"),
    shapes="[batch classes], [batch classes] -> [*classes]",
)
class FBetaScore(Metric):
    """Weighted harmonic mean of precision and recall, for each class or averaged.

    Formula: (1 + β²)·P·R / (β²·P + R + ε), P = TP / (TP + FP + ε), R = TP / (TP + FN + ε)

    Symbols: TP, FP, FN: outcomes of each class, answers being the largest score of a row or those above threshold,
    β: beta, ε: 1e-7; micro counts all classes as one, macro averages them, weighted does so by their frequency

    Shapes: [batch classes], [batch classes] -> [*classes]

    Example:

    >>> m = FBetaScore(average="micro", beta=2.0)
    >>> m.update_state([[1, 0], [0, 1]], [[0.9, 0.1], [0.8, 0.2]]); round(float(m.result()), 4)
    0.5
    """

    _direction = "up"
    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    intermediate_weights: Variable

    def __init__(
        self,
        average: Average = None,
        beta: Positive = 1.0,
        threshold: Threshold | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.average, self.beta, self.threshold = average, beta, threshold

    @in_blocks
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch; sample_weight is one number a row."""
        truth, scores = align_ranks(as_float(y_true, self.dtype), as_float(y_pred, self.dtype))
        self._make_state(ops.shape(truth), ops.shape(scores))
        said = ops.cast(self._answers(scores), self.dtype)
        if sample_weight is not None:
            weight = ops.expand_dims(as_float(sample_weight, self.dtype), 1)
            weighted_truth, weighted = truth * weight, said * weight
        else:
            weighted_truth, weighted = truth, said
        hits, answers, targets = (self._sum(x) for x in (weighted * truth, weighted, weighted_truth))
        self.true_positives.assign_add(hits)
        self.false_positives.assign_add(answers - hits)
        self.false_negatives.assign_add(targets - hits)
        self.intermediate_weights.assign_add(targets)

    def result(self) -> Any:
        """The score: one for each class, or their average; 0 before anything was seen."""
        if not hasattr(self, _STATE[0]):
            return np.zeros((), self.dtype)
        hits, small = self.true_positives.value, epsilon()
        precision = hits / (hits + self.false_positives.value + small)
        recall = hits / (hits + self.false_negatives.value + small)
        square = self.beta**2
        scores = precision * recall / (square * precision + recall + small) * (1 + square)
        if self.average == "weighted":
            frequency = self.intermediate_weights.value
            return ops.sum(scores * (frequency / (ops.sum(frequency) + small)))
        return scores if self.average is None else ops.mean(scores)

    def _make_state(self, target: Any, prediction: Any) -> None:
        """Variables for as many classes as there are columns."""
        if len(target) != 2 or target != prediction:
            raise ShapeMismatch(
                f"target {written(target)} and prediction {written(prediction)}",
                where=f"metric {self.name}",
                expected="2D inputs of equal shape (batch_size, output_dim)",
                fix="kmagic.utils.to_categorical(y) for class numbers" if len(target) < len(prediction) else None,
            )
        self.remake_variables(() if self.average == "micro" else (prediction[1],), _STATE)

    def _answers(self, scores: Any) -> Any:
        """Which classes a row names: the most probable, or those above the threshold."""
        if self.threshold is not None:
            return scores > self.threshold
        best = ops.max(scores, axis=-1, keepdims=True)
        return ops.logical_and(scores >= best, ops.absolute(scores) > _NOTHING)

    def _sum(self, x: Any) -> Any:
        return ops.sum(x, axis=None if self.average == "micro" else 0)
