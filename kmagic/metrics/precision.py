from typing import ClassVar

from kmagic.metrics import registry
from kmagic.metrics.shares import ShareMetric


@registry.register(tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> [*t]")
class Precision(ShareMetric):
    """Share of the answers above a threshold that are right.

    Formula: TP / (TP + FP)

    Symbols: TP: targets 1 that score above θ, FP: targets 0 that do, θ: threshold;
    with top_k only the k largest scores of a row count as yes, with class_id only that column counts

    Shapes: [batch *d], [batch *d] -> [*t], t: none for one threshold

    Example:

    >>> m = Precision()
    >>> m.update_state([0, 1, 1, 1], [0.6, 0.9, 0.4, 0.3]); round(float(m.result()), 4)
    0.5
    >>> m = Precision(top_k=1)
    >>> m.update_state([[0, 1, 1]], [[0.2, 0.1, 0.7]]); float(m.result())
    1.0
    """

    outcomes: ClassVar[tuple[str, ...]] = ("true_positives", "false_positives")
