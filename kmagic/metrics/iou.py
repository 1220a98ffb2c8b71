from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Count
from kmagic.metrics import registry
from kmagic.metrics.overlap import OverlapMetric


@registry.register(
    name="iou", tags=("classes", "integer labels", "class numbers"), shapes="[batch *d], [batch *d] -> []"
)
class IoU(OverlapMetric):
    """Overlap of what a class should cover and what it does, averaged over the classes named; for segmentation.

    Formula: mean over target_class_ids of Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ − Cᵢᵢ)

    Symbols: Cᵢⱼ: sum of weights where the target is class i and the prediction class j

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = IoU(num_classes=2, target_class_ids=[0])
    >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1]); round(float(m.result()), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: Count,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        self.start(num_classes, target_class_ids, name, dtype)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
