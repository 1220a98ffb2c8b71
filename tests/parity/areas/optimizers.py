"""Optimizers: weights after one and several steps, and what they remember, with names and order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of, variable_facts
from ..scenarios import weights_of
from ..small_models import layered


@dataclass(frozen=True)
class OptimizerCase:
    """One optimizer; every case is stepped on a model and on variables with given gradients."""

    part: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)


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
    OptimizerCase("Adamax"),
    OptimizerCase("Adamax", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.5, "epsilon": 0.01}),
    OptimizerCase("Adagrad"),
    OptimizerCase("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 0.01}),
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
STEPS = 7


def optimizer_on_model(library: Library, case: OptimizerCase) -> Results:
    """Weights of a model after the first and the last of several batches, and what the optimizer remembers."""
    model = layered(library, (5, 4, 2), head="linear")
    optimizer = getattr(library.optimizers, case.part)(**case.arguments)
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    results: Results = {}
    for step in range(STEPS):
        x, y = inputs.normal("x", step, shape=(8, 5)), inputs.normal("y", step, shape=(8, 2))
        model.train_on_batch(x, y)
        if step == 0:
            results |= weights_of(model, "after one step")
    results |= weights_of(model, "after all steps") | optimizer_state(optimizer)
    return results


def optimizer_state(optimizer: Any) -> Results:
    """The optimizer's variables in order: what they are, and their values."""
    values = {f"variable/{place}": numpy_of(variable) for place, variable in enumerate(optimizer.variables)}
    return values | {
        "variables": [variable_facts(variable) for variable in optimizer.variables],
        "iterations": int(numpy_of(optimizer.iterations)),
        "config": config_of(optimizer),
    }


def optimizer_on_variables(library: Library, case: OptimizerCase) -> Results:
    """Variables moved by `apply` with given gradients, some of them zero; decay leaves the bias alone."""
    shapes = {"kernel": (3, 2), "bias": (2,)}
    variables = [
        library.Variable(inputs.normal("variable", name, shape=shape), name=name) for name, shape in shapes.items()
    ]
    optimizer = getattr(library.optimizers, case.part)(**case.arguments)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(variables)
    for step in range(STEPS):
        gradients = [inputs.normal("gradient", name, step, shape=shape) for name, shape in shapes.items()]
        gradients[0][step % 3] = 0.0
        optimizer.apply([library.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    moved = {variable.name: numpy_of(variable) for variable in variables}
    return moved | optimizer_state(optimizer)


AREAS = (
    Area("optimizers on a model", OPTIMIZERS, optimizer_on_model),
    Area("optimizers on variables", OPTIMIZERS, optimizer_on_variables),
)
