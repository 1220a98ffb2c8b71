"""Class numbers as vectors."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.graph.ops.movement import shape_of
from kmagic.graph.table import ops, public


@public
def multi_hot(inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None) -> Any:
    """1 at every place that one of the numbers in a row names, 0 elsewhere; rows lie along the second axis.

    >>> multi_hot([[0, 2], [1, 1]], 4).tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    """
    if num_classes is None:
        raise BadValue("num_classes is missing", where="multi_hot", fix="num_classes=10")
    return ops.max(ops.one_hot(inputs, num_classes, axis, dtype), 1 if len(shape_of(inputs)) > 1 else 0)
