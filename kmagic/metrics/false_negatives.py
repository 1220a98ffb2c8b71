from typing import ClassVar

from kmagic.metrics import registry
from kmagic.metrics.counts import CountMetric


@registry.register("fn", tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> [*t]")
class FalseNegatives(CountMetric):
    """How many of the targets that are 1 do not score above a threshold.

    Formula: Σ w·[t = 1]·[p ≤ θ]

    Symbols: t: 0 or 1, p: score, θ: threshold, w: weight, 1 by default, [·]: 1 where true

    Shapes: [batch *d], [batch *d] -> [*t], t: none for one threshold

    Example:

    >>> m = FalseNegatives()
    >>> m.update_state([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.7]); float(m.result())
    1.0
    >>> m = FalseNegatives(thresholds=[0.1, 0.8])
    >>> m.update_state([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.7]); m.result().tolist()
    [0.0, 1.0]
    """

    outcomes: ClassVar[tuple[str, ...]] = ("false_negatives",)
