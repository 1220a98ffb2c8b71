from typing import Any

from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops
from kmagic.regularizers import Regularizer, registry


@registry.register(name="l2")
class L2(Regularizer):
    """Penalty on the square of weights, which keeps all of them small.

    Formula: l2·Σw²

    Shapes: [*d] -> []

    Example:

    >>> round(float(L2(0.1)([1.0, -2.0])), 4)
    0.5

    Source: A. Hoerl and R. Kennard, Technometrics 12 (1970)
    """

    def __init__(self, l2: NonNegative | None = 0.01) -> None:
        self.l2 = 0.01 if l2 is None else l2

    def __call__(self, x: Any) -> Any:
        return self.l2 * ops.sum(ops.square(x))
