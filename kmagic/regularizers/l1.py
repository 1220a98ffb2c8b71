from typing import Any

from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops
from kmagic.regularizers import Regularizer, registry


@registry.register(name="l1")
class L1(Regularizer):
    """Penalty on the size of weights, which drives many of them to 0.

    Formula: l1·Σ|w|

    Shapes: [*d] -> []

    Example:

    >>> round(float(L1(0.1)([1.0, -2.0])), 4)
    0.3

    Source: R. Tibshirani, J. R. Stat. Soc. B 58 (1996)
    """

    def __init__(self, l1: NonNegative | None = 0.01) -> None:
        self.l1 = 0.01 if l1 is None else l1

    def __call__(self, x: Any) -> Any:
        return self.l1 * ops.sum(ops.absolute(x))
