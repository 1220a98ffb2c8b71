from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Count
from kmagic.metrics import registry
from kmagic.metrics.overlap import OverlapMetric


@registry.register(
    name="one_hot_iou", tags=("classes", "one-hot labels"), shapes="[batch *d classes], [batch *d classes] -> []"
)
class OneHotIoU(OverlapMetric):
    """Overlap of what a class should cover and what it does, averaged over the classes named; targets are one-hot.

    Formula: mean over target_class_ids of Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ − Cᵢᵢ)

    Symbols: Cᵢⱼ: sum of weights where the target is class i and the largest score that of class j

    Shapes: [batch *d classes], [batch *d classes] -> []

    Example:

    >>> m = OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> m.update_state([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]); round(float(m.result()), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: Count,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        self.start(num_classes, target_class_ids, name, dtype)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = False, sparse_y_pred
