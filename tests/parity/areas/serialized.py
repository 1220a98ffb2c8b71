"""Parts as plain data: what `serialize` writes for every class, and what `deserialize` makes of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..area import Area, Library, Results
from ..reading import plain
from .surface import Module, public

MODULES = tuple(
    Module(path)
    for path in (
        "constraints",
        "initializers",
        "losses",
        "metrics",
        "optimizers",
        "optimizers.schedules",
        "regularizers",
    )
)
# Bases, which are no parts.
BASES = ("Constraint", "Initializer", "LearningRateSchedule", "Loss", "Metric", "Optimizer", "Regularizer")

# What parts are made with, where the defaults are not enough or would show little.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "constraints.MaxNorm": {"max_value": 3, "axis": 1},
    "constraints.MinMaxNorm": {"min_value": 0.5, "rate": 0.25},
    "initializers.Constant": {"value": 2.5},
    "initializers.GlorotUniform": {"seed": 7},
    "initializers.Identity": {"gain": 2.0},
    "initializers.Orthogonal": {"gain": 2.0, "seed": 7},
    "initializers.RandomNormal": {"mean": 1.0, "stddev": 0.5, "seed": 7},
    "initializers.RandomUniform": {"minval": -1.0, "maxval": 2.0},
    "initializers.STFT": {"side": "imag", "window": None},
    "initializers.VarianceScaling": {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform", "seed": 7},
    "losses.BinaryCrossentropy": {"from_logits": True, "label_smoothing": 0.1, "axis": -1},
    "losses.BinaryFocalCrossentropy": {"alpha": 0.5, "gamma": 1.0, "apply_class_balancing": True},
    "losses.CategoricalCrossentropy": {"from_logits": True, "name": "mine"},
    "losses.MeanSquaredError": {"reduction": "sum"},
    "losses.SparseCategoricalCrossentropy": {"from_logits": True, "ignore_class": 3},
    "losses.Tversky": {"alpha": 0.25, "beta": 0.75},
    "metrics.AUC": {"num_thresholds": 5, "curve": "PR", "name": "area"},
    "metrics.BinaryAccuracy": {"threshold": 0.25},
    "metrics.F1Score": {"average": "macro"},
    "metrics.FBetaScore": {"beta": 2.0, "threshold": 0.5},
    "metrics.IoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "metrics.MeanIoU": {"num_classes": 3},
    "metrics.MeanMetricWrapper": {"fn": lambda library: library.losses.mean_squared_error, "name": "mine"},
    "metrics.OneHotIoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "metrics.OneHotMeanIoU": {"num_classes": 3},
    "metrics.Precision": {"thresholds": [0.25, 0.5], "class_id": 1},
    "metrics.PrecisionAtRecall": {"recall": 0.5},
    "metrics.RecallAtPrecision": {"precision": 0.5},
    "metrics.SensitivityAtSpecificity": {"specificity": 0.5, "num_thresholds": 7},
    "metrics.SpecificityAtSensitivity": {"sensitivity": 0.5},
    "metrics.TopKCategoricalAccuracy": {"k": 2},
    "optimizers.Adam": {"learning_rate": lambda library: library.optimizers.schedules.CosineDecay(0.5, 100)},
    "optimizers.LossScaleOptimizer": {"inner_optimizer": lambda library: library.optimizers.SGD(0.5, momentum=0.5)},
    "optimizers.MultiOptimizer": {"optimizer_map": lambda library: library.optimizers.OptimizerMap(sgd(library))},
    "optimizers.OptimizerMap": {"default_optimizer": lambda library: library.optimizers.SGD(0.5)},
    "optimizers.SGD": {"learning_rate": 0.25, "momentum": 0.5, "nesterov": True, "clipnorm": 1.0},
    "optimizers.schedules.CosineDecay": {"initial_learning_rate": 0.5, "decay_steps": 100, "warmup_target": 1.0},
    "optimizers.schedules.CosineDecayRestarts": {"initial_learning_rate": 0.5, "first_decay_steps": 10},
    "optimizers.schedules.ExponentialDecay": {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.5},
    "optimizers.schedules.InverseTimeDecay": {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.5},
    "optimizers.schedules.PiecewiseConstantDecay": {"boundaries": [5, 9], "values": [1.0, 0.5, 0.25]},
    "optimizers.schedules.PolynomialDecay": {"initial_learning_rate": 0.5, "decay_steps": 10, "cycle": True},
    "regularizers.L1L2": {"l1": 0.25, "l2": 0.5},
    "regularizers.OrthogonalRegularizer": {"factor": 0.5, "mode": "columns"},
}


def sgd(library: Library) -> Any:
    """An optimizer to hold."""
    return library.optimizers.SGD(0.5)


def made(library: Library, module: Module, name: str) -> Any:
    """A part of a class; an argument that is a function is one of the library."""
    given = ARGUMENTS.get(f"{module.path}.{name}", {})
    arguments = {key: value(library) if isinstance(value, Callable) else value for key, value in given.items()}
    return getattr(module.of(library), name)(**arguments)


def classes(library: Library, module: Module) -> list[str]:
    """The classes of a module that make parts, by their own names."""
    found = module.of(library)
    named = [name for name in public(found) if inspect.isclass(getattr(found, name)) and name not in BASES]
    return [name for name in named if getattr(found, name).__name__ == name]


def written(library: Library, module: Module) -> Results:
    """What `serialize` writes for each part."""
    return {name: described(library, module, made(library, module, name)) for name in classes(library, module)}


def described(library: Library, module: Module, part: Any) -> Any:
    """A part as plain data, in the same words for both libraries."""
    return plain(module.of(library).serialize(part))


AREAS = (Area("serialized", MODULES, written),)
