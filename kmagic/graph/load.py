"""Loads every file of operations, so that the table is complete wherever `ops` is imported from here."""

from kmagic.graph.names import ops
from kmagic.graph.ops import (  # noqa: F401 - importing a file adds its rows
    control,
    indexing,
    linalg,
    movement,
    pointwise,
    random,
    reduce,
    source,
)
from kmagic.graph.ops.nn import activation  # noqa: F401

__all__ = ["ops"]
