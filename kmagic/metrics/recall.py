from typing import ClassVar

from kmagic.metrics import registry
from kmagic.metrics.shares import ShareMetric


@registry.register(tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> [*t]")
class Recall(ShareMetric):
    """Share of the targets that are 1 whose score is above a threshold.

    Formula: TP / (TP + FN)

    Symbols: TP: targets 1 that score above θ, FN: targets 1 that do not, θ: threshold;
    with top_k only the k largest scores of a row count as yes, with class_id only that column counts

    Shapes: [batch *d], [batch *d] -> [*t], t: none for one threshold

    Example:

    >>> m = Recall()
    >>> m.update_state([0, 1, 1, 1], [0.6, 0.9, 0.4, 0.3]); round(float(m.result()), 4)
    0.3333
    >>> m = Recall(top_k=1)
    >>> m.update_state([[0, 1, 1]], [[0.2, 0.1, 0.7]]); float(m.result())
    0.5
    """

    outcomes: ClassVar[tuple[str, ...]] = ("true_positives", "false_negatives")
