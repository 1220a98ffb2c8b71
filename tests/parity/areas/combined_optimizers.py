"""Optimizers that are made of others: scaled losses, and several optimizers for one model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..reading import numpy_of, plain
from .optimizers import MATRIX, optimizer_on_model, optimizer_state

Part = Any


@dataclass(frozen=True)
class CombinedCase:
    """An optimizer around others, made by a function of the library's optimizers."""

    name: str
    make: Callable[[Any], Part]

    def made(self, library: Library) -> Part:
        """The optimizer."""
        return self.make(library.optimizers)


COMBINED = (
    CombinedCase("scaled SGD", lambda o: o.LossScaleOptimizer(o.SGD(0.1), initial_scale=8.0, dynamic_growth_steps=2)),
    CombinedCase(
        "scaled Adam with all around it",
        lambda o: o.LossScaleOptimizer(
            o.Adam(0.05, weight_decay=0.1, clipnorm=0.5, use_ema=True), initial_scale=8.0, dynamic_growth_steps=3
        ),
    ),
    CombinedCase(
        "scaled Adamax that accumulates",
        lambda o: o.LossScaleOptimizer(o.Adamax(0.05, gradient_accumulation_steps=2), 4.0, 3, name="scaled"),
    ),
    CombinedCase("scaled with defaults", lambda o: o.LossScaleOptimizer(o.RMSprop())),
    CombinedCase("several, one alone", lambda o: o.MultiOptimizer(o.OptimizerMap(o.Adam(0.05)))),
    CombinedCase(
        "several by pattern",
        lambda o: o.MultiOptimizer(o.OptimizerMap(o.SGD(0.1), {".*kernel": o.Adam(0.05, weight_decay=0.2)})),
    ),
    CombinedCase(
        "several by path",
        lambda o: o.MultiOptimizer(
            o.OptimizerMap(o.SGD(0.1), {"kernel": o.Lion(0.05), "net/hidden/bias": o.RMSprop(0.02)}),
            loss_scale_factor=4.0,
            name="several",
        ),
    ),
    CombinedCase(
        "several, one with averages",
        lambda o: o.MultiOptimizer(o.OptimizerMap(o.SGD(0.1, use_ema=True), {".*bias": o.Adagrad(0.1)})),
    ),
)
STEPS = 10


def combined_on_variables(library: Library, case: CombinedCase) -> Results:
    """Variables moved by scaled gradients, of which a scaled optimizer gets two that are not finite."""
    variables = [
        library.Variable(inputs.normal("variable", name, shape=shape), name=name) for name, shape in MATRIX.items()
    ]
    optimizer = case.made(library)
    optimizer.build(variables)
    scales = []
    for step in range(STEPS):
        scale = float(numpy_of(optimizer.scale_loss(library.ops.convert_to_tensor(1.0))))
        gradients = [scale * inputs.normal("gradient", name, step, shape=shape) for name, shape in MATRIX.items()]
        if step in (3, 7) and case.name.startswith("scaled"):
            gradients[step == 3][0] = np.inf if step == 3 else np.nan
        one_step(optimizer, variables, [library.ops.convert_to_tensor(gradient) for gradient in gradients])
        scales.append(scale)
    results = {variable.name: numpy_of(variable) for variable in variables} | optimizer_state(optimizer)
    optimizer.finalize_variable_values(variables)
    at_end = {f"{variable.name} at the end": numpy_of(variable) for variable in variables}
    return results | at_end | {"scales": np.array(scales), "serialized": plain(library.optimizers.serialize(optimizer))}


def one_step(optimizer: Part, variables: list[Any], gradients: list[Any]) -> None:
    """One update by the stateless form: with JAX, Keras's scaled optimizer knows no other outside of a model."""
    own = optimizer.variables
    values = optimizer.stateless_apply([v.value for v in own], gradients, [v.value for v in variables])
    for variable, value in zip([*variables, *own], [*values[0], *values[1]], strict=True):
        variable.assign(value)


AREAS = (
    Area("combined optimizers on variables", COMBINED, combined_on_variables),
    Area("combined optimizers on a model", COMBINED, optimizer_on_model),
)
