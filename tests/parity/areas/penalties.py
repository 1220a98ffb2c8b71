"""Regularizers and constraints: values, gradients, configurations, and what they do to a model that trains."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of


@dataclass(frozen=True)
class PenaltyCase:
    """One regularizer or constraint."""

    module: str
    part: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)


def _cases(module: str, *given: tuple[str, Arguments]) -> tuple[PenaltyCase, ...]:
    return tuple(PenaltyCase(module, part, arguments) for part, arguments in given)


REGULARIZERS = _cases(
    "regularizers",
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.1}),
    ("L1L2", {"l2": 0.2}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.5}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
)
CONSTRAINTS = _cases(
    "constraints",
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5}),
    ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    ("MaxNorm", {"max_value": 0.5, "axis": [0, 1]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2}),
    ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "rate": 0.3}),
    ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
    ("UnitNorm", {"axis": [0, 1]}),
)
WEIGHTS = {
    "usual": inputs.normal("penalised", shape=(4, 3)),
    "small": inputs.normal("penalised, small", shape=(3, 5), scale=1e-6),
    "corners": np.array([[0.0, 1.0, -1.0], [-0.0, 1e3, 1e-9], [0.0, 0.0, 2.0]]),
}


def part_of(library: Library, case: PenaltyCase) -> object:
    """The regularizer or constraint of a case."""
    return getattr(getattr(library, case.module), case.part)(**case.arguments)


def values(library: Library, case: PenaltyCase) -> Results:
    """What the part makes of weights, as tensors."""
    made = part_of(library, case)
    results: Results = {
        label: numpy_of(made(library.ops.convert_to_tensor(weights))) for label, weights in WEIGHTS.items()
    }
    if case.module == "constraints" and case.part != "NonNeg":
        kernel = inputs.normal("penalised kernel", shape=(2, 2, 3, 4))
        results["window"] = numpy_of(made(library.ops.convert_to_tensor(kernel)))
    return results | {"config": config_of(made)}


def steps(library: Library, case: PenaltyCase) -> Results:
    """Losses and weights over steps of plain SGD: regularizers show in both, by value and gradient."""
    made = part_of(library, case)
    option = {"regularizers": "regularizer", "constraints": "constraint"}[case.module]
    bias = (
        {} if case.part == "OrthogonalRegularizer" or case.arguments.get("axis", 0) != 0 else {f"bias_{option}": made}
    )
    dense = library.layers.Dense(3, activation="tanh", name="dense", **{f"kernel_{option}": made}, **bias)
    model = library.models.Sequential([library.layers.Input((4,)), dense])
    model.set_weights(inputs.weights([(4, 3), (3,)], "penalised model"))
    model.compile(optimizer=library.optimizers.SGD(learning_rate=0.5), loss="mse")
    x, y = inputs.normal("penalised x", shape=(6, 4)), inputs.normal("penalised y", shape=(6, 3))
    losses = [float(numpy_of(model.train_on_batch(x, y))) for _ in range(3)]
    kernel, offset = model.get_weights()
    return {"losses": np.array(losses), "kernel": kernel, "bias": offset}


AREAS = (
    Area("penalties", REGULARIZERS + CONSTRAINTS, values),
    Area("penalties while training", REGULARIZERS + CONSTRAINTS, steps),
)
