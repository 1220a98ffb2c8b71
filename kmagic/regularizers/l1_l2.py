from typing import Any

from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops
from kmagic.regularizers import Regularizer, registry


@registry.register(name="l1_l2")
class L1L2(Regularizer):
    """Both penalties together.

    Formula: l1·Σ|w| + l2·Σw²

    Shapes: [*d] -> []

    Example:

    >>> round(float(L1L2(0.1, 0.1)([1.0, -2.0])), 4)
    0.8

    Source: H. Zou and T. Hastie, J. R. Stat. Soc. B 67 (2005)
    """

    def __init__(self, l1: NonNegative | None = 0.0, l2: NonNegative | None = 0.0) -> None:
        self.l1, self.l2 = l1 or 0.0, l2 or 0.0

    def __call__(self, x: Any) -> Any:
        return self.l1 * ops.sum(ops.absolute(x)) + self.l2 * ops.sum(ops.square(x))
