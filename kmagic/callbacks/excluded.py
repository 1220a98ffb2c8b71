"""Callbacks of Keras that are outside the surface: whoever makes one is told what to use instead."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import Unsupported
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback

# name -> what it needs, and what serves instead
EXCLUDED = {
    "TensorBoard": ("TensorFlow", "the live panel of %kfit in a notebook, or CSVLogger for a file"),
    "OrbaxCheckpoint": ("Orbax and JAX", "weights kept in memory by EarlyStopping(restore_best_weights=True)"),
}


def _excluded(name: str, needs: str, instead: str) -> type[Callback]:
    """A class that only says why it cannot be made."""

    def refuse(self: Callback, *args: Any, **kwargs: Any) -> None:
        raise Unsupported(f"{name} needs {needs}", where="callbacks", expected=instead)

    return type(
        name, (Callback,), {"__init__": refuse, "__doc__": f"Not offered: needs {needs}.", "__module__": __name__}
    )


for _name, (_needs, _instead) in EXCLUDED.items():
    registry.export(_name, _excluded(_name, _needs, _instead))
