from typing import Any

from kmagic.base.parameters import Count
from kmagic.metrics import registry
from kmagic.metrics.overlap import OverlapMetric


@registry.register(
    name="one_hot_mean_iou", tags=("classes", "one-hot labels"), shapes="[batch *d classes], [batch *d classes] -> []"
)
class OneHotMeanIoU(OverlapMetric):
    """Overlap of what each class should cover and what it does, averaged over all classes; targets are one-hot.

    Formula: mean over i of Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ − Cᵢᵢ)

    Symbols: Cᵢⱼ: sum of weights where the target is class i and the largest score that of class j

    Shapes: [batch *d classes], [batch *d classes] -> []

    Example:

    >>> m = OneHotMeanIoU(num_classes=2)
    >>> m.update_state([[1, 0], [1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]); round(float(m.result()), 4)
    0.5
    """

    def __init__(
        self,
        num_classes: Count,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        self.start(num_classes, range(num_classes), name, dtype)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = False, sparse_y_pred
