"""Operations on arrays and symbols, under Keras's names: `kmagic.ops.mean(x, axis=-1)`.

On arrays they run at once with NumPy; on symbols they become part of the program that is being traced.
"""

from __future__ import annotations

import sys
from typing import Any

from kmagic.graph.load import ops

# Keras sorts its operations into modules too; all of them are here.
_SORTED = ("image", "linalg", "nn", "numpy")


def __getattr__(name: str) -> Any:
    return sys.modules[__name__] if name in _SORTED else getattr(ops, name)


def __dir__() -> list[str]:
    return sorted(ops.functions)
