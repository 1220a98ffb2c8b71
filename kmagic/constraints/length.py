"""The length of weights, which constraints on norms share."""

from typing import Any

from kmagic.graph.load import ops


def length(w: Any, axis: Any) -> Any:
    """Euclidean norm √Σw² over any number of axes, which stay as axes of size 1."""
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))
