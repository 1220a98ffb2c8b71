"""Tracing a model's steps: what train, evaluate and predict compute, as one graph each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue
from kmagic.base.shapes import Axis, Extent
from kmagic.base.trees import filled, leaves
from kmagic.compiler.cache import program_of
from kmagic.compiler.program import Program, Workspace
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.node import Graph
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.layers import scope
from kmagic.models.compiled import Batch, Compiled, standing_in
from kmagic.models.form import Form
from kmagic.models.measuring import OnHost, flattened, is_updated, number
from kmagic.models.own import checked_logs, optimizers_of, overrides, run_step
from kmagic.models.targets import batch_of
from kmagic.optimizers.carrying import slots
from kmagic.training.sources import pack_x_y_sample_weight

BATCH = Extent.named("batch")
Specs = Sequence[tuple[tuple[int, ...], str]]
Step = Callable[..., dict[str, Any]]


def fixed_batch(model: Any) -> int | None:
    """How many rows each batch has to have, where an input of the model says so."""
    fixed = [symbol.shape[0] for symbol in model.behind_text.inputs or () if isinstance(symbol.shape[0], int)]
    return fixed[0] if fixed else None


def inputs_for(specs: Specs, labels: Sequence[str], batch: Axis = BATCH) -> list[Symbol]:
    """Placeholders for a batch of rows."""
    return [input_symbol((batch, *shape), dtype, label) for (shape, dtype), label in zip(specs, labels, strict=True)]


class DataStep:
    """A model's `train_step` or `test_step` as a function of arrays, and what it logs.

    Where a step returns the values of the model's metrics, these are read from them, as they go on over steps;
    anything else is a result of the program, and the last step's counts.
    """

    name = ""

    def __init__(self, model: Any, compiled: Compiled, form: Form) -> None:
        self.model, self.compiled, self.form = model, compiled, form
        self._others: dict[str, Any] | None = None  # what is logged that is not the metrics' own
        self._last: dict[str, Any] = {}

    def __call__(self, *arrays: Any) -> dict[str, Any]:
        method = getattr(self.model, self.name)
        self.compiled.handed = {}
        with standing_in(self.model, self.compiled), scope.collecting_losses():
            logs = checked_logs(run_step(method, self.name, self.form.data(arrays)), method, self.name)
            self._others = None if self._is_of_metrics(logs) else flattened(logs)
        self.check()
        values = {key: value for key, value in (self._others or {}).items() if not isinstance(value, OnHost)}
        handed, self.compiled.handed = self.compiled.handed, {}
        return {**{f"log/{key}": value for key, value in values.items()}, **handed}

    def _is_of_metrics(self, logs: dict[str, Any]) -> bool:
        if not overrides(self.model, self.name, "compute_metrics", "get_metrics_result"):
            return True
        # a metric that the step has not updated has nothing to say of it
        updated = all(is_updated(metric) for metric in self.model.metrics)
        return updated and set(logs) == set(self.model.get_metrics_result())

    def check(self) -> None:
        """What must be true of a step that was traced."""

    # ---- when it runs ----

    def collector(self, eagerly: bool) -> Callable[[int, dict[str, Any]], None] | None:
        """What looks at the results of every step; None where that is not worth the time."""
        return self.collect if eagerly or self._others or self.compiled.hosted else None

    def collect(self, rows: int, results: dict[str, Any]) -> None:
        """Take the results of a step; the next one overwrites them."""
        self._last = results
        self.compiled.collect(rows, results)

    def reset(self) -> None:
        """Forget what was measured."""
        self.model.reset_metrics()

    def logs(self) -> dict[str, Any]:
        """What is logged now."""
        if self._others is None:
            return {name: number(value) for name, value in self.model.get_metrics_result().items()}
        return {name: self._logged(name, value) for name, value in self._others.items()}

    def _logged(self, name: str, value: Any) -> Any:
        return number(value.metric.result() if isinstance(value, OnHost) else self._last.get(f"log/{name}", np.nan))


class TrainStep(DataStep):
    """One training step."""

    name = "train_step"

    def check(self) -> None:
        """Raise where nothing that is to be trained was assigned."""
        variables, current = self.model.trainable_variables, trace.current()
        assert current is not None
        expected = list(variables)
        if trace.is_immediate():  # a branch that was not taken leaves weights alone
            expected += [slot for optimizer in optimizers_of(self.model) for slot in slots(optimizer)]
        if not variables or any(variable in current.written for variable in expected):
            return
        if overrides(self.model, self.name):
            raise BadValue(
                f"it assigned none of the {len(variables)} trainable weights",
                where=f"{type(self.model).__name__}.train_step",
                expected="an update of the weights",
                fix="self.optimizer.apply(grads, self.trainable_variables)",
            )
        raise BadValue(
            f"{type(self.compiled.optimizer).__name__}.update_step assigned no weight",
            where="optimizer",
            expected="an assignment to the variable that it is given",
            fix="self.assign_sub(variable, learning_rate * gradient)",
        )


class TestStep(DataStep):
    """One step of an evaluation."""

    name = "test_step"


def predict_step(model: Any, inputs: Any, forms: list[Any]) -> Step:
    """One step of a prediction, its leaves under their numbers; the form of what comes out is put into `forms`."""

    def step(*arrays: Any) -> dict[str, Any]:
        data = pack_x_y_sample_weight(filled(inputs, arrays))
        prediction = run_step(model.predict_step, "predict_step", data)
        forms.append(prediction)
        return {str(number): leaf for number, leaf in enumerate(leaves(prediction))}

    return step


@dataclass(frozen=True)
class Forward:
    """What the forward half of a training step gives."""

    names: list[str]
    batch: Batch
    values: list[Any]
    total: Any


def forward(model: Any, compiled: Compiled, form: Form, arrays: Sequence[Any]) -> Forward:
    """Predictions and total loss, in their parts, of a model that computes what `compile` chose."""
    x, targets, weights = form.split(arrays)
    with scope.collecting_losses():
        prediction = model(x, training=True)
        names, batch = batch_of(model, targets or None, prediction, weights or None)
        compiled.settle_losses(names, batch, isinstance(prediction, dict))
        values = compiled.losses(batch)
        with origin(layer="loss"):
            total = compiled.total(values, model.losses)
    return Forward(names, batch, values, total)


def batch_axis(model: Any) -> Axis:
    """The size of batches in a model's programs: any, or the one that an input fixes."""
    return fixed_batch(model) or BATCH


def graph_of(step: Step, specs: Specs, labels: Sequence[str], batch: Axis = BATCH) -> Graph:
    """The graph that a step leaves behind, for batches of any size or of a fixed one."""
    return trace.trace_graph(step, inputs_for(specs, labels, batch))


def open_workspace(graph: Graph, capacity: int) -> tuple[Program, Workspace]:
    """The program of a graph, and memory for a run of it on the graph's own variables."""
    program, variables = program_of(graph)
    return program, program.workspace(capacity, variables)
