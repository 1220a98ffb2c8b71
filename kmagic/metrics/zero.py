"""Division where nothing was counted."""

from typing import Any

from kmagic.graph.load import ops


def divide_or_zero(x1: Any, x2: Any) -> Any:
    """The quotient x1 / x2, and 0 where x2 is 0.

    >>> import numpy as np
    >>> divide_or_zero(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    empty = ops.equal(x2, 0)
    return ops.where(empty, 0, x1 / ops.where(empty, 1, x2))
