"""Callbacks of Keras that are outside the surface: whoever makes one is told what to use instead."""

from __future__ import annotations

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback

_FILES = "files of models, which are not there yet"

# name -> what it needs, and what serves instead
EXCLUDED = {
    "BackupAndRestore": (_FILES, "the model itself, which keeps its weights when a run is stopped or fails"),
    "ModelCheckpoint": (_FILES, "EarlyStopping(restore_best_weights=True), or a callback that keeps get_weights()"),
    "TensorBoard": ("TensorFlow", "the live panel of %kfit in a notebook, or CSVLogger for a file"),
    "OrbaxCheckpoint": ("Orbax and JAX", "weights kept in memory by EarlyStopping(restore_best_weights=True)"),
}

for _name, (_needs, _instead) in EXCLUDED.items():
    registry.exclude(_name, Callback, _needs, _instead, __name__)
