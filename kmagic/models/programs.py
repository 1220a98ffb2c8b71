"""Tracing a model's steps: what train, evaluate and predict compute, as one graph each.

This is where model, losses, metrics, regularizers and optimizer become one program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kmagic.base.errors import BadData, BadValue
from kmagic.base.shapes import Axis, Extent
from kmagic.base.trees import filled, leaves, ordered_keys
from kmagic.compiler.cache import program_of
from kmagic.compiler.program import Program, Workspace
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.node import Graph
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.layers import scope
from kmagic.models.compiled import Batch, Compiled
from kmagic.models.form import Form

BATCH = Extent.named("batch")
Specs = Sequence[tuple[tuple[int, ...], str]]
Step = Callable[..., dict[str, Any]]


def inputs_for(specs: Specs, labels: Sequence[str], batch: Axis = BATCH) -> list[Symbol]:
    """Placeholders for a batch of rows."""
    return [input_symbol((batch, *shape), dtype, label) for (shape, dtype), label in zip(specs, labels, strict=True)]


def train_step(model: Any, compiled: Compiled, form: Form) -> Step:
    """One training step: forward, loss, gradients, checks, update, metrics."""

    def step(*arrays: Any) -> dict[str, Any]:
        done = forward(model, compiled, form, arrays, training=True)
        variables = model.trainable_variables
        current = trace.current()
        assert current is not None
        current.check(done.total)
        if variables:
            optimizer = compiled.optimizer
            if not optimizer.built:  # a loss may be scaled by the optimizer's state
                optimizer.build(variables)
            found = gradients(optimizer.scale_loss(done.total), variables)
            for gradient in () if optimizer.skips_nonfinite else found:
                current.check(gradient)
            optimizer.apply(found, variables)
            if not any(variable in current.written for variable in variables):
                raise BadValue(
                    f"{type(optimizer).__name__}.update_step assigned no weight",
                    where="optimizer",
                    expected="an assignment to the variable that it is given",
                    fix="self.assign_sub(variable, learning_rate * gradient)",
                )
        return _measure(compiled, done)

    return step


def evaluate_step(model: Any, compiled: Compiled, form: Form) -> Step:
    """One step of an evaluation: forward, loss, metrics."""

    def step(*arrays: Any) -> dict[str, Any]:
        return _measure(compiled, forward(model, compiled, form, arrays, training=False))

    return step


def predict_step(model: Any, inputs: Any, forms: list[Any]) -> Step:
    """One step of a prediction, its leaves under their numbers; the form of what comes out is put into `forms`."""

    def step(*arrays: Any) -> dict[str, Any]:
        with scope.training_as(False):
            prediction = model(filled(inputs, arrays))
        forms.append(prediction)
        return {str(number): leaf for number, leaf in enumerate(leaves(prediction))}

    return step


@dataclass(frozen=True)
class Forward:
    """What the forward half of a step gives."""

    names: list[str]
    rows: Any
    batch: Batch
    values: list[Any]
    total: Any


def forward(model: Any, compiled: Compiled, form: Form, arrays: Sequence[Any], training: bool) -> Forward:
    """Predictions and total loss: the compiled losses, added losses, and penalties on weights."""
    x, targets, weights = form.split(arrays)
    with scope.training_as(training), scope.collecting_losses() as added:
        prediction = model(x)
    predictions = leaves(prediction)
    names = names_of(model, prediction)
    # no target at all: the losses are all added by layers
    targets, weights = targets or [None] * len(predictions), weights or [None] * len(predictions)
    _check_targets(targets, names)
    batch = Batch(targets, predictions, weights)
    compiled.settle(names, batch, isinstance(prediction, dict))
    values = compiled.losses(batch)
    with origin(layer="loss"):
        total = compiled.total(values, [*added, *model.losses])
    return Forward(names, arrays[0].shape[0], batch, values, total)


def names_of(model: Any, prediction: Any) -> list[str]:
    """The names of a model's outputs."""
    known: list[str] | None = model.output_names
    if known is not None:
        return known
    if isinstance(prediction, dict) and len(leaves(prediction)) == len(prediction):
        return [str(key) for key in ordered_keys(prediction)]
    count = len(leaves(prediction))
    return [f"output_{number + 1}" for number in range(count)] if count > 1 else ["output"]


def _check_targets(targets: Sequence[Any], names: Sequence[str]) -> None:
    if len(targets) != len(names):
        raise BadData(
            f"y has {len(targets)} arrays",
            where="fit",
            expected=f"one for each of the {len(names)} outputs: {', '.join(names)}",
        )


def _measure(compiled: Compiled, done: Forward) -> dict[str, Any]:
    with origin(layer="metrics", phase="metrics"):
        return compiled.measure(done.rows, done.total, done.values, done.batch)


def graph_of(step: Step, specs: Specs, labels: Sequence[str], batch: Axis = BATCH) -> Graph:
    """The graph that a step leaves behind, for batches of any size or of a fixed one."""
    return trace.trace_graph(step, inputs_for(specs, labels, batch))


def open_workspace(graph: Graph, capacity: int) -> tuple[Program, Workspace]:
    """The program of a graph, and memory for a run of it on the graph's own variables."""
    program, variables = program_of(graph)
    return program, program.workspace(capacity, variables)
