"""Recurrent layers while dropout is at work: by the same masks in both libraries, put in place of those drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..layer_steps import Called, StepCase, after_a_step, total
from ..operations import gradients
from ..reading import numpy_of

SHORT, LINES = ((3, 4, 2),), ((2, 3, 5, 2),)
BOTH = {"dropout": 0.25, "recurrent_dropout": 0.5}
STATES = {"return_sequences": True, "return_state": True}
KINDS = ("SimpleRNN", "LSTM", "GRU")

CASES = (
    *(StepCase(kind, {"units": 3, "dropout": 0.25}, SHORT) for kind in KINDS),
    *(StepCase(kind, {"units": 3, "recurrent_dropout": 0.5, "go_backwards": True}, SHORT) for kind in KINDS),
    *(StepCase(kind, {"units": 3, **BOTH, **STATES}, SHORT, padded=True) for kind in KINDS),
    StepCase("GRU", {"units": 3, **BOTH, "reset_after": False}, SHORT),
    StepCase("ConvLSTM1D", {"filters": 2, "kernel_size": 2, "dropout": 0.25}, LINES),
    StepCase("ConvLSTM1D", {"filters": 2, "kernel_size": 2, **BOTH, "padding": "same", **STATES}, LINES),
)


def put_in(library: Library, cell: Any) -> None:
    """Let a cell take known masks for those that it would draw; all rows of a batch have the same."""

    def mask(shape: Any, rate: float, gate: int) -> Any:
        drawn = inputs.generator("noise", rate, gate).uniform(size=(1, *shape[1:]))
        return library.ops.convert_to_tensor(np.where(drawn < rate, 0.0, 1 / (1 - rate)))

    if library.__name__ == "kmagic":
        cell.noise = lambda rate, shape, count: [mask(shape, rate, gate) for gate in range(count if rate else 0)]
        return
    count = getattr(cell, "dropout_mask_count", None)
    cell._create_dropout_mask = lambda step, rate: (
        mask(step.shape, rate, 0) if count is None else [mask(step.shape, rate, gate) for gate in range(count)]
    )


def with_noise(library: Library, case: StepCase) -> Results:
    """What a layer gives and learns while training."""
    called = Called(library, case)
    called(called.tensors())
    called.set_weights()
    put_in(library, called.layer.cell)
    outputs = called(called.tensors(), True)
    found = gradients(library, lambda *x: total(called, x, True), called.arrays)
    results: Results = {f"training/{place}": numpy_of(output) for place, output in enumerate(outputs)}
    results |= {f"training gradient/{place}": numpy_of(part) for place, part in enumerate(found)}
    return results | after_a_step(called, [tuple(output.shape) for output in outputs])


AREAS = (Area("noise in recurrent layers", CASES, with_noise),)
