"""Names and defaults of arguments, read off a library's own functions and classes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .areas import activations, layers, losses, metrics, optimizers
from .reading import plain

# Methods of a model whose arguments and defaults users type.
MODEL_METHODS = (
    "compile",
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
    "summary",
    "get_layer",
)
# Parts that no table of cases names: module -> names.
OTHER_PARTS: Mapping[str, tuple[str, ...]] = {
    "layers": ("Input", "InputLayer"),
    "callbacks": ("Callback", "History", "EarlyStopping", "LambdaCallback", "TerminateOnNaN"),
    "losses": (
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "squared_hinge",
        "hinge",
        "categorical_hinge",
        "log_cosh",
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "huber",
        "cosine_similarity",
        "poisson",
        "kl_divergence",
        "binary_focal_crossentropy",
        "categorical_focal_crossentropy",
        "dice",
        "tversky",
        "circle",
    ),
    "metrics": ("Mean",),
    "models": ("Sequential",),
}


def parts() -> dict[str, tuple[str, ...]]:
    """Every part that some case names, by module, sorted and once."""
    tables = {
        "losses": losses.LOSSES,
        "optimizers": optimizers.OPTIMIZERS,
        "activations": activations.ACTIVATIONS,
        "metrics": metrics.METRICS,
        "layers": layers.LAYERS,
    }
    named = {module: {case.part for case in table} for module, table in tables.items()}
    for module, others in OTHER_PARTS.items():
        named[module] = named.get(module, set()) | set(others)
    return {module: tuple(sorted(names)) for module, names in sorted(named.items())}


@dataclass(frozen=True)
class Signature:
    """A callable of the public surface: `losses.Hinge`, or a method `models.Sequential.fit`."""

    path: str

    @property
    def name(self) -> str:
        return self.path


SIGNATURES = tuple(Signature(f"{module}.{part}") for module, names in parts().items() for part in names) + tuple(
    Signature(f"models.Sequential.{method}") for method in MODEL_METHODS
)


def read(library: ModuleType, case: Signature) -> dict[str, Any]:
    """The arguments of a callable in order: name, kind and default."""
    target: Any = library
    for step in case.path.split("."):
        target = getattr(target, step)
    parameters = [entry for entry in inspect.signature(target).parameters.values() if entry.name != "self"]
    return {"arguments": [describe(parameter) for parameter in parameters]}


def describe(parameter: inspect.Parameter) -> dict[str, Any]:
    """One argument as data; a required one has no default."""
    described = {"name": parameter.name, "kind": parameter.kind.name}
    if parameter.default is not inspect.Parameter.empty:
        described["default"] = plain(parameter.default)
    return described
