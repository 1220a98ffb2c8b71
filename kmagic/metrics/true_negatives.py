from typing import ClassVar

from kmagic.metrics import registry
from kmagic.metrics.counts import CountMetric


@registry.register("tn", tags=("binary", "thresholds"), shapes="[batch *d], [batch *d] -> [*t]")
class TrueNegatives(CountMetric):
    """How many of the targets that are 0 do not score above a threshold.

    Formula: Σ w·[t = 0]·[p ≤ θ]

    Symbols: t: 0 or 1, p: score, θ: threshold, w: weight, 1 by default, [·]: 1 where true

    Shapes: [batch *d], [batch *d] -> [*t], t: none for one threshold

    Example:

    >>> m = TrueNegatives()
    >>> m.update_state([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.7]); float(m.result())
    1.0
    >>> m = TrueNegatives(thresholds=[0.1, 0.8])
    >>> m.update_state([0, 1, 1, 0], [0.2, 0.9, 0.4, 0.7]); m.result().tolist()
    [0.0, 2.0]
    """

    outcomes: ClassVar[tuple[str, ...]] = ("true_negatives",)
