"""Callbacks of Keras that are outside the surface: whoever makes one is told what to use instead."""

from __future__ import annotations

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback

# name -> what it needs, and what serves instead
EXCLUDED = {
    "TensorBoard": ("TensorFlow", "the live panel of %kfit in a notebook, or CSVLogger for a file"),
    "OrbaxCheckpoint": ("Orbax and JAX", "weights kept in memory by EarlyStopping(restore_best_weights=True)"),
}

for _name, (_needs, _instead) in EXCLUDED.items():
    registry.exclude(_name, Callback, _needs, _instead, __name__)
