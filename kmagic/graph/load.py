"""Loads every file of operations, so that the table is complete wherever `ops` is imported from here."""

import importlib
import pkgutil

from kmagic.graph import ops as files
from kmagic.graph.names import ops

for _file in pkgutil.walk_packages(files.__path__, f"{files.__name__}."):
    importlib.import_module(_file.name)

__all__ = ["ops"]
