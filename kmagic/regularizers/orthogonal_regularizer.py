from typing import Any, Literal

import numpy as np

from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import NonNegative
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.regularizers import Regularizer, registry


@registry.register("orthogonal", shapes="[rows columns] -> []")
class OrthogonalRegularizer(Regularizer):
    """Penalty on rows, or columns, that are not at right angles to each other.

    Formula: factor·mean |aᵢ·aⱼ| over pairs i < j

    Symbols: aᵢ: row i (mode 'rows') or column i (mode 'columns'), scaled to length 1

    Shapes: [rows columns] -> []

    Example:

    >>> import numpy as np
    >>> round(float(OrthogonalRegularizer(0.5)(np.array([[3.0, 0.0], [3.0, 4.0]]))), 4)
    0.3

    Source: N. Bansal, X. Chen and Z. Wang, NeurIPS 2018
    """

    def __init__(self, factor: NonNegative = 0.01, mode: Literal["rows", "columns"] = "rows") -> None:
        self.factor, self.mode = factor, mode

    def __call__(self, x: Any) -> Any:
        shape = ops.shape(x)
        if len(shape) != 2:
            raise ShapeMismatch(
                f"a weight of shape {written(shape)}", where="OrthogonalRegularizer", expected="[rows columns]"
            )
        vectors = ops.normalize(x if self.mode == "rows" else ops.transpose(x), axis=1)
        count = ops.shape(vectors)[0]
        products = ops.absolute(ops.matmul(vectors, ops.transpose(vectors)))
        pairs = max(1, count * (count - 1) // 2)
        above = np.triu(np.ones((count, count), "bool"), 1)
        return self.factor * ops.sum(ops.where(above, products, 0)) / pairs
