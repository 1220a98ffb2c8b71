"""Clipping gradients: by the norm of each, by the norm of all, or element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.graph.load import ops


def by_norm(gradients: Sequence[Any], limit: float) -> list[Any]:
    """Each gradient shrunk to a norm of at most `limit`."""
    return [_shrunk(g, ops.norm(g), limit) for g in gradients]


def by_global_norm(gradients: Sequence[Any], limit: float) -> list[Any]:
    """All gradients shrunk alike, so that the norm of all together is at most `limit`."""
    squares = [ops.sum(ops.square(g)) for g in gradients]
    norm = ops.sqrt(sum(squares[1:], squares[0]))
    return [_shrunk(g, norm, limit) for g in gradients]


def by_value(gradients: Sequence[Any], limit: float) -> list[Any]:
    """Each element within `limit` of zero."""
    return [ops.clip(g, -limit, limit) for g in gradients]


def _shrunk(gradient: Any, norm: Any, limit: float) -> Any:
    return gradient * (limit / ops.maximum(norm, limit))
