from typing import Any

from kmagic.base.parameters import Count
from kmagic.metrics import registry
from kmagic.metrics.overlap import OverlapMetric


@registry.register(
    name="mean_iou", tags=("classes", "integer labels", "class numbers"), shapes="[batch *d], [batch *d] -> []"
)
class MeanIoU(OverlapMetric):
    """Overlap of what each class should cover and what it does, averaged over all classes; for segmentation.

    Formula: mean over i of Cᵢᵢ / (Σⱼ Cᵢⱼ + Σⱼ Cⱼᵢ − Cᵢᵢ)

    Symbols: Cᵢⱼ: sum of weights where the target is class i and the prediction class j

    Shapes: [batch *d], [batch *d] -> []

    Example:

    >>> m = MeanIoU(num_classes=2)
    >>> m.update_state([0, 0, 1, 1], [0, 1, 0, 1]); round(float(m.result()), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: Count,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        self.start(num_classes, range(num_classes), name, dtype)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
