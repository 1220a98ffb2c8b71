from typing import Any

from kmagic.metrics import registry
from kmagic.metrics.fbeta_score import Average, FBetaScore, Threshold


@registry.register("f1", tags=("classes", "one-hot labels"), shapes="[batch classes], [batch classes] -> [*classes]")
class F1Score(FBetaScore):
    """Harmonic mean of precision and recall, for each class or averaged.

    Formula: 2·P·R / (P + R + ε), P = TP / (TP + FP + ε), R = TP / (TP + FN + ε)

    Symbols: TP, FP, FN: outcomes of each class, answers being the largest score of a row or those above threshold,
    ε: 1e-7; micro counts all classes as one, macro averages them, weighted does so by their frequency

    Shapes: [batch classes], [batch classes] -> [*classes]

    Example:

    >>> m = F1Score()
    >>> m.update_state([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    >>> [round(score, 4) for score in m.result().tolist()]
    [0.6667, 0.6667]
    """

    def __init__(
        self,
        average: Average = None,
        threshold: Threshold | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, threshold=threshold, name=name, dtype=dtype)
