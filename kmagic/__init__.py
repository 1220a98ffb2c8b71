"""kmagic: Keras-style models in Jupyter, compiled by an engine of their own.

    %load_ext kmagic

    %%kmodel m
    Dense(32, activation="relu", input_dim=100)
    Dense(1, activation="sigmoid")

    %kcompile m --optimizer rmsprop --loss binary_crossentropy --metrics accuracy
    %kfit m X y --epochs 10

In plain Python the names are Keras's: `from kmagic.models import Sequential`. Everything loads on first use.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Model": "kmagic.models",
    "Sequential": "kmagic.models",
    "Layer": "kmagic.layers",
    "Input": "kmagic.layers",
    "InputSpec": "kmagic.layers",
    "Loss": "kmagic.losses",
    "Metric": "kmagic.metrics",
    "Optimizer": "kmagic.optimizers",
    "Initializer": "kmagic.initializers",
    "Regularizer": "kmagic.regularizers",
    "Constraint": "kmagic.constraints",
    "Variable": "kmagic.graph.variable",
    "DTypePolicy": "kmagic.base.policies",
    "FloatDTypePolicy": "kmagic.base.policies",
    "GradientTape": "kmagic.graph.ops.derivatives",
    "remat": "kmagic.graph.ops.rematerialization",
    "RematScope": "kmagic.layers.rematerialization",
    "grad": "kmagic.graph.ops.derivatives",
    "gradients": "kmagic.graph.ops.derivatives",
    "value_and_grad": "kmagic.graph.ops.derivatives",
    "diagnose": "kmagic.models.diagnosis",
    "preview": "kmagic.models.diagnosis.preview",
    "compile_panel": "kmagic.models.compilable",
}
_PACKAGES = (
    "activations",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "dtype_policies",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "utils",
)
# name -> what it needs, and what serves instead
_EXCLUDED = {
    "applications": ("models with weights to download", "a model of kmagic.layers, trained by fit"),
    "backend": ("other engines", "kmagic.config for settings, and kmagic.ops for operations"),
    "distribution": ("several machines", "one machine"),
    "quantizers": ("layers with fewer bits", "a policy of 16 bits, such as dtype='mixed_bfloat16'"),
    "saving": ("files of models, which are not there yet", "keep model.get_weights()"),
}


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    if name == "KerasTensor":
        return importlib.import_module("kmagic.graph.symbol").Symbol
    if name in _PLACES:
        # the operations load with the first name that can need them
        importlib.import_module("kmagic.graph.load")
        return getattr(importlib.import_module(_PLACES[name]), name)
    attributes = importlib.import_module("kmagic.base.excluded").attributes
    return attributes(__name__, _EXCLUDED, (*_PACKAGES, *_PLACES))(name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PACKAGES, *_PLACES, "KerasTensor"])


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext kmagic`: add the magics to this shell."""
    importlib.import_module("kmagic.notebook").load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext kmagic`: stop runs and take everything back."""
    importlib.import_module("kmagic.notebook").unload(ipython)
