"""Tracing a model's steps: what train, evaluate and predict compute, as one graph each.

This is where model, loss, metrics, regularizers and optimizer become one program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue
from kmagic.base.shapes import Extent
from kmagic.compiler.cache import program_of
from kmagic.compiler.program import Program, Workspace
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.node import Graph
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.ops.source import input_symbol, number_of
from kmagic.graph.symbol import Symbol
from kmagic.layers import scope
from kmagic.layers.layer import Layer
from kmagic.losses import Loss
from kmagic.metrics import Mean, Metric
from kmagic.models.recipe import Recipe, make_loss, make_metric, make_optimizer, unique_names
from kmagic.optimizers import Optimizer

BATCH = Extent.named("batch")
Specs = Sequence[tuple[tuple[int, ...], str]]


@dataclass
class Compiled:
    """The objects that a recipe stands for; losses and metrics are made when the first target is seen."""

    recipe: Recipe
    optimizer: Optimizer
    loss_tracker: Mean
    loss: Loss | None = None
    metrics: list[Metric] | None = None
    weighted: list[Metric] | None = None
    names: list[str] | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> Compiled:
        """A fresh optimizer where the recipe has a name, fresh trackers."""
        return cls(recipe, make_optimizer(recipe.optimizer), Mean(name="loss"))

    @classmethod
    def sketch(cls, recipe: Recipe) -> Compiled:
        """As `of`, but with a copy of an optimizer object, for looking at programs that will not run."""
        optimizer = make_optimizer(recipe.optimizer)
        return cls(recipe, type(optimizer).from_config(optimizer.get_config()), Mean(name="loss"))

    def settle(self, target: Any, prediction: Any) -> None:
        """Choose the forms of loss and metrics that fit target and prediction."""
        if self.loss is None and self.recipe.loss is not None:
            self.loss = make_loss(self.recipe.loss, target, prediction)
        if self.metrics is None or self.weighted is None:
            self.metrics = [make_metric(m, target, prediction) for m in self.recipe.metrics]
            self.weighted = [make_metric(m, target, prediction) for m in self.recipe.weighted_metrics]
            self.names = unique_names(self.metrics, self.weighted)

    def reset(self) -> None:
        """Forget what was measured."""
        for metric in (self.loss_tracker, *(self.metrics or ()), *(self.weighted or ())):
            metric.reset_state()

    def logs(self) -> dict[str, float]:
        """What was measured since the last reset, under the names of logs."""
        values = {"loss": float(self.loss_tracker.result())}
        for name, metric in zip(self.names or (), [*(self.metrics or ()), *(self.weighted or ())], strict=True):
            values[name] = _number(metric.result())
        return values


def _number(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array.tolist()


def inputs_for(specs: Specs, labels: Sequence[str]) -> list[Symbol]:
    """Placeholders for a batch of rows."""
    return [input_symbol((BATCH, *shape), dtype, label) for (shape, dtype), label in zip(specs, labels, strict=True)]


def train_graph(model: Layer, compiled: Compiled, specs: Specs, weighted: bool) -> Graph:
    """One training step: forward, loss, gradients, checks, update, metrics."""

    def step(x: Symbol, y: Symbol, weight: Symbol | None = None) -> dict[str, Any]:
        prediction, loss = _forward(model, compiled, x, y, weight, training=True)
        variables = model.trainable_variables
        current = trace.current()
        assert current is not None
        current.check(loss)
        if variables:
            found = gradients(compiled.optimizer.scale_loss(loss), variables)
            for gradient in found:
                current.check(gradient)
            compiled.optimizer.apply(found, variables)
        _measure(compiled, x, y, prediction, loss, weight)
        return {}

    return trace.trace_graph(step, inputs_for(specs, _labels(weighted)))


def evaluate_graph(model: Layer, compiled: Compiled, specs: Specs, weighted: bool) -> Graph:
    """One step of an evaluation: forward, loss, metrics."""

    def step(x: Symbol, y: Symbol, weight: Symbol | None = None) -> dict[str, Any]:
        prediction, loss = _forward(model, compiled, x, y, weight, training=False)
        _measure(compiled, x, y, prediction, loss, weight)
        return {}

    return trace.trace_graph(step, inputs_for(specs, _labels(weighted)))


def predict_graph(model: Layer, specs: Specs) -> Graph:
    """One step of a prediction."""

    def step(x: Symbol) -> dict[str, Any]:
        with scope.training_as(False):
            return {"prediction": model(x)}

    return trace.trace_graph(step, inputs_for(specs, ["x"]))


def _labels(weighted: bool) -> list[str]:
    return ["x", "y", "sample_weight"] if weighted else ["x", "y"]


def _forward(
    model: Layer, compiled: Compiled, x: Symbol, y: Symbol, weight: Symbol | None, training: bool
) -> tuple[Any, Any]:
    """Prediction and total loss: the compiled loss, added losses, and penalties on weights."""
    with scope.training_as(training), scope.collecting_losses() as added:
        prediction = model(x)
    compiled.settle(y, prediction)
    terms = [compiled.loss(y, prediction, weight)] if compiled.loss else []
    with origin(layer="loss"):
        terms += [ops.sum(term) for term in (*added, *model.losses)]
        if not terms:
            raise BadValue("no loss to compute was chosen", where="compile", fix="compile(loss='mse')")
        total = terms[0]
        for term in terms[1:]:
            total = total + term
    return prediction, total


def _measure(compiled: Compiled, x: Symbol, y: Symbol, prediction: Any, loss: Any, weight: Symbol | None) -> None:
    """Update the trackers; a smaller last batch counts by its rows."""
    with origin(layer="metrics", phase="metrics"):
        compiled.loss_tracker.update_state(loss, sample_weight=number_of(x.shape[0], compiled.loss_tracker.dtype))
        for metric in compiled.metrics or ():
            metric.update_state(y, prediction)
        for metric in compiled.weighted or ():
            metric.update_state(y, prediction, sample_weight=weight)


def open_workspace(graph: Graph, capacity: int) -> tuple[Program, Workspace]:
    """The program of a graph, and memory for a run of it on the graph's own variables."""
    program, variables = program_of(graph)
    return program, program.workspace(capacity, variables)
