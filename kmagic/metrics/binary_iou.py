from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Number
from kmagic.losses.loss import as_float
from kmagic.metrics import registry
from kmagic.metrics.overlap import OverlapMetric


@registry.register(name="binary_iou", tags=("binary",), shapes="[batch *d], [batch *d] -> []")
class BinaryIoU(OverlapMetric):
    """Overlap of yes-or-no answers with their targets, averaged over the classes 0 and 1.

    Formula: mean over target_class_ids of Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ − Cᵢᵢ)

    Symbols: Cᵢⱼ: sum of weights where the target is i and the answer [p ≥ threshold] is j

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = BinaryIoU(threshold=0.3)
    >>> m.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]); round(float(m.result()), 4)
    0.3333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: Number = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.start(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        super().update_state(y_true, as_float(y_pred, "float32") >= self.threshold, sample_weight)
