"""Optimizers: weights after one and several steps, and what they remember, with names and order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of, variable_facts
from ..small_models import layered


@dataclass(frozen=True)
class OptimizerCase:
    """One optimizer; every case is stepped on a model and on variables with given gradients."""

    part: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)

    def made(self, library: Library) -> Any:
        """The optimizer."""
        return getattr(library.optimizers, self.part)(**self.arguments)


OPTIMIZERS = (
    OptimizerCase("SGD"),
    OptimizerCase("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    OptimizerCase("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    OptimizerCase("RMSprop"),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "momentum": 0.8}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "centered": True}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "rho": 0.7, "momentum": 0.8, "centered": True, "epsilon": 0.01}),
    OptimizerCase("Adam"),
    OptimizerCase("Adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "amsgrad": True, "beta_2": 0.5}),
    OptimizerCase("AdamW"),
    OptimizerCase("AdamW", {"learning_rate": 0.02, "weight_decay": 0.2, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("AdamW", {"learning_rate": 0.02, "weight_decay": 0.2, "amsgrad": True, "beta_2": 0.5}),
    OptimizerCase("Adamax"),
    OptimizerCase("Adamax", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.5, "epsilon": 0.01}),
    OptimizerCase("Nadam"),
    OptimizerCase("Nadam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("Adagrad"),
    OptimizerCase("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 0.01}),
    OptimizerCase("Adadelta"),
    OptimizerCase("Adadelta", {"learning_rate": 1.0, "rho": 0.7, "epsilon": 0.01}),
    OptimizerCase("Ftrl"),
    OptimizerCase("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.3, "initial_accumulator_value": 0.5}),
    OptimizerCase("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.05, "beta": 0.3}),
    OptimizerCase("Ftrl", {"learning_rate": 0.1, "l2_regularization_strength": 0.1, "learning_rate_power": 0.0}),
    OptimizerCase("Ftrl", {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.2}),
    OptimizerCase("Lion"),
    OptimizerCase("Lion", {"learning_rate": 0.02, "beta_1": 0.6, "beta_2": 0.7}),
    OptimizerCase("Lamb"),
    OptimizerCase("Lamb", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("Adafactor"),
    OptimizerCase("Adafactor", {"learning_rate": 0.5, "relative_step": False, "beta_2_decay": -0.5}),
    OptimizerCase("Adafactor", {"learning_rate": 0.1, "epsilon_1": 0.01, "epsilon_2": 0.7, "clip_threshold": 0.5}),
    OptimizerCase("Muon"),
    OptimizerCase("Muon", {"learning_rate": 0.02, "nesterov": False, "rms_rate": None, "momentum": 0.6}),
    OptimizerCase("Muon", {"learning_rate": 0.02, "muon_a": 3.0, "muon_b": -4.0, "muon_c": 1.8, "ns_steps": 2}),
    OptimizerCase("Muon", {"learning_rate": 0.02, "adam_lr_ratio": 0.5, "adam_beta_1": 0.8, "adam_beta_2": 0.9}),
    OptimizerCase("Muon", {"learning_rate": 0.02, "weight_decay": 0.3, "adam_weight_decay": None, "epsilon": 0.01}),
    OptimizerCase("Muon", {"learning_rate": 0.02, "weight_decay": None, "exclude_layers": ["kern", "hidden"]}),
    OptimizerCase("ScheduleFreeAdamW"),
    OptimizerCase("ScheduleFreeAdamW", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("ScheduleFreeAdamW", {"learning_rate": 0.02, "warmup_steps": 4, "weight_decay": 0.2}),
    # What every optimizer takes.
    OptimizerCase("SGD", {"learning_rate": 0.1, "weight_decay": 0.05}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "weight_decay": 0.05}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "clipnorm": 0.1}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "clipvalue": 0.05}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.1}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "global_clipnorm": 0.1}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.7}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 2}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "gradient_accumulation_steps": 3}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "loss_scale_factor": 8.0}),
)
STEPS = 10

# Every optimizer at a learning rate that moves weights visibly, with some option of its own.
MOVING: Mapping[str, Arguments] = {
    "SGD": {"learning_rate": 0.05, "momentum": 0.8},
    "RMSprop": {"learning_rate": 0.02, "momentum": 0.5, "centered": True},
    "Adam": {"learning_rate": 0.05, "amsgrad": True},
    "AdamW": {"learning_rate": 0.05},
    "Adamax": {"learning_rate": 0.05},
    "Nadam": {"learning_rate": 0.05},
    "Adagrad": {"learning_rate": 0.1},
    "Adadelta": {"learning_rate": 2.0, "epsilon": 0.01},
    "Ftrl": {"learning_rate": 0.1, "l1_regularization_strength": 0.01, "beta": 0.1},
    "Lion": {"learning_rate": 0.05},
    "Lamb": {"learning_rate": 0.05},
    "Adafactor": {"learning_rate": 0.1},
    "Muon": {"learning_rate": 0.05},
    "ScheduleFreeAdamW": {"learning_rate": 0.05, "warmup_steps": 3},
}
# What surrounds every rule, alone and where two of them meet.
AROUND: tuple[Arguments, ...] = (
    {"weight_decay": 0.2},
    {"clipnorm": 0.5},
    {"clipvalue": 0.2},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 0.7},
    {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3},
    {"loss_scale_factor": 4.0},
    {"gradient_accumulation_steps": 3},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.5, "weight_decay": 0.2, "loss_scale_factor": 4.0},
)
SURROUNDED = tuple(
    OptimizerCase(part, {**arguments, **around}) for part, arguments in MOVING.items() for around in AROUND
)
SHAPED = tuple(OptimizerCase(part, arguments) for part, arguments in MOVING.items()) + (
    OptimizerCase("Adafactor", {"learning_rate": 0.1, "clip_threshold": 0.5, "weight_decay": 0.2}),
    OptimizerCase("Muon", {"learning_rate": 0.05, "exclude_embeddings": False}),
    OptimizerCase("Muon", {"learning_rate": 0.05, "exclude_layers": ["^ta", "cube"], "rms_rate": None}),
)
# The longer side of a matrix has a whole root: Keras on torch takes the root of a whole number in float32.
MATRIX = {"kernel": (4, 2), "bias": (2,)}
SHAPES = {"wide": (2, 4), "tall": (4, 1), "embeddings": (4, 2), "cube": (2, 3, 2), "vector": (3,), "number": ()}


def optimizer_on_model(library: Library, case: Any) -> Results:
    """A model's weights after the first and the last of several batches, all end to end, and what is remembered."""
    model = layered(library, (4, 4, 2), head="linear")
    optimizer = case.made(library)
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    results: Results = {}
    for step in range(STEPS):
        x, y = inputs.normal("x", step, shape=(8, 4)), inputs.normal("y", step, shape=(8, 2))
        model.train_on_batch(x, y)
        if step == 0:
            results["after one step"] = end_to_end(model.trainable_variables)
    return results | {"after all steps": end_to_end(model.trainable_variables)} | state_in_short(optimizer)


def optimizer_state(optimizer: Any) -> Results:
    """The optimizer's variables in order: what they are, and their values."""
    values = {f"variable/{place}": numpy_of(variable) for place, variable in enumerate(optimizer.variables)}
    return values | {
        "variables": [variable_facts(variable) for variable in optimizer.variables],
        "iterations": int(numpy_of(optimizer.iterations)),
        "config": config_of(optimizer),
    }


def stepped(library: Library, optimizer: Any, shapes: Mapping[str, tuple[int, ...]]) -> list[Any]:
    """Variables moved by `apply` with given gradients, of which some elements, and once a whole one, are zero."""
    variables = [
        library.Variable(inputs.normal("variable", name, shape=shape), name=name) for name, shape in shapes.items()
    ]
    optimizer.build(variables)
    for step in range(STEPS):
        gradients = [inputs.normal("gradient", name, step, shape=shape) for name, shape in shapes.items()]
        gradients[0][step % len(gradients[0])] = 0.0
        gradients[1] = gradients[1] * (step != 4)
        optimizer.apply([library.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    return variables


def optimizer_on_variables(library: Library, case: OptimizerCase) -> Results:
    """A matrix and a vector, which decay leaves alone."""
    optimizer = case.made(library)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    variables = stepped(library, optimizer, MATRIX)
    return {variable.name: numpy_of(variable) for variable in variables} | optimizer_state(optimizer)


def in_short(library: Library, optimizer: Any, shapes: Mapping[str, tuple[int, ...]]) -> Results:
    """Weights and all state as one vector each, and the names of state; then what the end of training leaves."""
    variables = stepped(library, optimizer, shapes)
    results = {"weights": end_to_end(variables)} | state_in_short(optimizer)
    optimizer.finalize_variable_values(variables)
    return results | {"weights at the end": end_to_end(variables)}


def state_in_short(optimizer: Any) -> Results:
    """All state as one vector, and its names."""
    return {
        "state": end_to_end(optimizer.variables),
        "names": [variable_facts(variable)["path"] for variable in optimizer.variables],
        "iterations": int(numpy_of(optimizer.iterations)),
    }


def end_to_end(variables: Any) -> np.ndarray:
    """The numbers of all variables as one vector."""
    return np.concatenate([numpy_of(variable).astype(float).ravel() for variable in variables])


def surrounded_optimizer(library: Library, case: OptimizerCase) -> Results:
    """What every optimizer takes, with each of them."""
    return in_short(library, case.made(library), MATRIX)


def optimizer_on_shapes(library: Library, case: OptimizerCase) -> Results:
    """Weights of all shapes and some names."""
    return in_short(library, case.made(library), SHAPES)


AREAS = (
    Area("optimizers on a model", OPTIMIZERS, optimizer_on_model),
    Area("optimizers on variables", OPTIMIZERS, optimizer_on_variables),
    Area("arguments of all optimizers", SURROUNDED, surrounded_optimizer),
    Area("optimizers on other shapes", SHAPED, optimizer_on_shapes),
)
