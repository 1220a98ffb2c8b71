"""Probe: a program that measures one training step and makes none.

It is traced from the same code as the training step (forward, loss, gradients, update), but what that would write is
left out, and statistics are its results. So weights, optimizer, metrics and random generators stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kmagic.base.dtypes import is_float
from kmagic.compiler.replay import explain
from kmagic.graph import trace
from kmagic.graph.load import ops
from kmagic.graph.node import Node, topological
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.symbol import Symbol
from kmagic.graph.variable import Variable
from kmagic.layers.layer import Layer
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis.measured import (
    MeasuredActivation,
    MeasuredLayer,
    MeasuredOutput,
    MeasuredWeight,
    Preview,
)
from kmagic.models.eager import EagerSteps
from kmagic.models.recipe import Recipe
from kmagic.models.restoring import restoring
from kmagic.models.rows import Rows
from kmagic.training.sources import ArraySource

# The slope at which a value of an activation counts as saturated: of a sigmoid outside 0.01 … 0.99, of a tanh outside
# ±0.995, of a ReLU at 0.
AT_REST = 0.01
_SUMS = "float64"  # squares of float32 overflow from 2e19 on


@dataclass(frozen=True)
class _Active:
    """An activation in the graph of a step."""

    layer: Layer
    node: Node
    is_output: bool

    @property
    def axis(self) -> int:
        """The axis of units."""
        return 1 if getattr(self.layer, "data_format", "") == "channels_first" else len(self.node.shape) - 1


@dataclass
class _Traced:
    """What a traced step measures; filled while it is traced."""

    outputs: list[str] = field(default_factory=list)
    active: list[_Active] = field(default_factory=list)


class Probe:
    """Measures the step that a model, compiled by a recipe, would make on some rows.

    `optimizer` is the one whose state counts; without it, or as long as it has none, a fresh one with its options is.
    """

    def __init__(self, model: Any, recipe: Recipe, rows: Rows, optimizer: Any = None) -> None:
        rows = rows.resized(programs.fixed_batch(model) or len(rows))
        self.model, self.rows = model, rows
        self._compiled = _compiled(recipe, optimizer)
        self._traced = _Traced()
        self._source = ArraySource(rows.arrays())
        step = _step(model, self._compiled, rows, self._traced)
        with restoring(model):
            self._steps, self._explain = _opened(step, model, recipe, self._source, rows.form.labels)
            self._layers = trained_layers(model)

    def measure(self) -> Preview:
        """The step with the weights as they are now."""
        rows = self._source.length
        with np.errstate(all="ignore"):
            self._source.read(np.arange(rows), self._steps.inputs(rows))
            if self._steps.step(rows)():
                raise self._explain(rows, "preview")
        preview = self._preview({name: float(value) for name, value in self._steps.outputs(rows).items()})
        if preview.is_finite:
            return preview
        return replace(preview, problem=self._explain(rows, "preview").found)

    def _preview(self, found: Mapping[str, float]) -> Preview:
        return Preview(
            rows=self._source.length,
            loss=found["loss"],
            learning_rate=_learning_rate(self._compiled.optimizer),
            outputs=tuple(_output(number, name, found) for number, name in enumerate(self._traced.outputs)),
            layers=tuple(_layer(self._path(layer), layer, own, found) for layer, own in self._layers),
            activations=tuple(
                _activation(self._path(one.layer), number, one, found) for number, one in enumerate(self._traced.active)
            ),
        )

    def _path(self, layer: Layer) -> str:
        """Where a layer is in the model."""
        return layer.path.removeprefix(f"{self.model.name}/")


def _compiled(recipe: Recipe, optimizer: Any) -> Compiled:
    """Losses of its own, no metrics, and an optimizer that may be looked at."""
    bare = replace(recipe, metrics=(), weighted_metrics=())
    return Compiled(bare, optimizer) if optimizer is not None and optimizer.built else Compiled.sketch(bare)


def _opened(
    step: programs.Step, model: Any, recipe: Recipe, source: ArraySource, labels: Sequence[str]
) -> tuple[Any, Any]:
    """What runs the step, and what explains a bad status."""
    if recipe.run_eagerly:
        eager = EagerSteps(step, source.specs, labels)
        return eager, eager.explain
    graph = programs.graph_of(step, source.specs, labels, programs.batch_axis(model))
    _, workspace = programs.open_workspace(graph, source.length)
    return workspace, lambda rows, where: explain(workspace, rows, where)


def _learning_rate(optimizer: Any) -> float | None:
    rate = np.asarray(optimizer.learning_rate)
    return float(rate) if rate.ndim == 0 and rate.dtype.kind == "f" else None


# ---- the step ----


def _step(model: Any, compiled: Compiled, rows: Rows, traced: _Traced) -> programs.Step:
    """A training step whose results are statistics, and which writes nothing."""

    def step(*arrays: Any) -> dict[str, Any]:
        done = programs.forward(model, compiled, rows.form, arrays)
        traced.outputs = list(done.names)
        traced.active = list(_activations(model, done.total, done.batch.predictions))
        results = {"loss": done.total, **_spreads(done.batch), **_shares(traced.active)}
        for term, value in zip(compiled.terms or (), done.values, strict=True):
            results[f"loss/{term.output}"] = value
        if model.trainable_variables:
            results |= _norms(compiled.optimizer, done.total, model.trainable_variables)
        current = trace.current()
        assert current is not None
        current.written.clear()
        current.checks.clear()
        return results

    return step


def _norms(optimizer: Any, total: Any, variables: Sequence[Variable]) -> dict[str, Any]:
    """Norms of weights, gradients and updates, by the number of the weight."""
    before = [variable.value for variable in variables]
    found = gradients(total, variables)
    if not optimizer.built:
        optimizer.build(variables)
    scaled = optimizer.scale_loss(total)
    optimizer.apply(found if scaled is total else gradients(scaled, variables), variables)
    results = {}
    for number, (variable, value, gradient) in enumerate(zip(variables, before, found, strict=True)):
        results[f"norm/{number}"] = _norm(value)
        results[f"gradient/{number}"] = _norm(gradient)
        results[f"update/{number}"] = _norm(variable.value - value)
    return results


def _norm(value: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(ops.cast(value, _SUMS))))


def _spreads(batch: Any) -> dict[str, Any]:
    """How much predictions and targets differ from row to row."""
    results = {}
    for number, (prediction, target) in enumerate(zip(batch.predictions, batch.targets, strict=True)):
        results[f"size/{number}"] = ops.max(ops.absolute(ops.cast(prediction, _SUMS)))
        results[f"spread/{number}"] = _spread(prediction)
        if target is not None:
            results[f"target/{number}"] = _spread(target)
    return results


def _spread(values: Any) -> Any:
    return ops.max(ops.std(ops.cast(values, _SUMS), axis=0))


def _activations(model: Any, total: Any, predictions: Sequence[Any]) -> Iterator[_Active]:
    """The activations that the loss and the predictions depend on.

    These are nodes named as the activation of their layer, and in a layer that names none every ReLU. Others, such as
    the tanh within a GELU, are no activations of their own; those within loops (recurrent layers) are not seen.
    """
    layers = {layer.path: layer for layer in model._with_inner()}
    ends = [trace.as_symbol(prediction).node for prediction in predictions]
    for node in topological([trace.as_symbol(total).node, *ends]):
        layer = layers.get(node.origin.layer)
        if layer is None or not node.shape or not is_float(node.dtype):
            continue
        if node.name in _RESTING and node.name == getattr(getattr(layer, "activation", None), "__name__", "relu"):
            yield _Active(layer, node, node in ends)


_RESTING = ("relu", "sigmoid", "tanh")  # operations that have values at rest


def _shares(active: Sequence[_Active]) -> dict[str, Any]:
    """The shares of values and of units at rest."""
    results = {}
    for number, one in enumerate(active):
        slope = gradients(ops.sum(Symbol(one.node)), [Symbol(one.node.inputs[0])])[0]
        resting = ops.absolute(slope) <= AT_REST
        others = tuple(axis for axis in range(len(one.node.shape)) if axis != one.axis)
        results[f"saturated/{number}"] = ops.mean(ops.cast(resting, _SUMS))
        results[f"dead/{number}"] = ops.mean(ops.cast(ops.all(resting, axis=others), _SUMS))
    return results


# ---- the model ----


def trained_layers(model: Any) -> list[tuple[Layer, list[tuple[int, Variable]]]]:
    """Each layer with weights of its own that are trained, and these with their numbers among all of the model."""
    numbers = {id(variable): number for number, variable in enumerate(model.trainable_variables)}
    found = []
    for layer in dict.fromkeys(model._with_inner()):
        own = [(numbers.pop(id(v)), v) for v in layer._variables() if id(v) in numbers]
        if own:
            found.append((layer, own))
    return found


# ---- what was found ----

Found = Mapping[str, float]


def _output(number: int, name: str, found: Found) -> MeasuredOutput:
    own, size, spread, target = (found.get(f"{kind}/{number}") for kind in ("loss", "size", "spread", "target"))
    assert size is not None and spread is not None
    return MeasuredOutput(name, own, size, spread, target)


def _layer(path: str, layer: Layer, own: Sequence[tuple[int, Variable]], found: Found) -> MeasuredLayer:
    kinds = ("norm", "gradient", "update")
    weights = [
        MeasuredWeight(variable.path, variable.shape, *(found[f"{kind}/{number}"] for kind in kinds))
        for number, variable in own
    ]
    return MeasuredLayer(path, type(layer).__name__, tuple(weights))


def _activation(path: str, number: int, one: _Active, found: Found) -> MeasuredActivation:
    units = one.node.shape[one.axis]
    return MeasuredActivation(
        path,
        one.node.name,
        found[f"saturated/{number}"],
        found[f"dead/{number}"],
        units if isinstance(units, int) else 1,
        one.is_output,
    )
