"""Compiled: the objects that a recipe stands for, for every output of a model, and what they have measured."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadValue
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.ops.source import number_of
from kmagic.graph.user_code import is_own
from kmagic.losses import Loss
from kmagic.metrics import HostMetric, Mean, Metric, settle
from kmagic.models.recipe import (
    Recipe,
    loss_choices,
    loss_factors,
    make_loss,
    make_metric,
    make_optimizer,
    metric_choices,
)
from kmagic.optimizers import Optimizer
from kmagic.optimizers.loss_scale_optimizer import LossScaleOptimizer


@dataclass(frozen=True)
class Batch:
    """For each output its target, its prediction and the weights of its rows; None where there is none."""

    targets: Sequence[Any]
    predictions: Sequence[Any]
    weights: Sequence[Any]

    def of(self, output: int) -> tuple[Any, Any, Any]:
        """Target, prediction and weight of one output."""
        return self.targets[output], self.predictions[output], self.weights[output]


@dataclass(frozen=True)
class Term:
    """The loss of one output: its factor in the total, and a tracker of its own where there are several."""

    output: int
    loss: Loss
    factor: float | None
    tracker: Mean | None


@dataclass(frozen=True)
class Measure:
    """A metric of one output, under its name in logs."""

    output: int
    metric: Metric
    weighted: bool
    name: str


_standing_in: contextvars.ContextVar[tuple[Any, Compiled] | None] = contextvars.ContextVar("standing_in", default=None)


class Compiled:
    """Optimizer, losses and metrics of a recipe; losses and metrics are made when the first targets are seen."""

    def __init__(self, recipe: Recipe, optimizer: Optimizer) -> None:
        self.recipe = recipe
        self.optimizer = optimizer
        self.loss_tracker = Mean(name="loss")
        self.terms: list[Term] | None = None
        self.measures: list[Measure] | None = None
        self.seen: dict[str, Any] = {}  # by the name of a step, what its data are like: specs and form
        self.handed: dict[str, Any] = {}  # what metrics in Python need of the step that is being traced

    @classmethod
    def of(cls, recipe: Recipe, policy: str = "") -> Compiled:
        """A fresh optimizer where the recipe has a name, which scales the loss of a model of policy mixed_float16."""
        optimizer = make_optimizer(recipe.optimizer)
        is_narrow = recipe.auto_scale_loss and policy == "mixed_float16"
        if is_narrow and not isinstance(optimizer, LossScaleOptimizer):
            optimizer = LossScaleOptimizer(optimizer, name="loss_scale_optimizer")
        return cls(recipe, optimizer)

    @classmethod
    def sketch(cls, recipe: Recipe) -> Compiled:
        """As `of`, but with a copy of an optimizer object, for looking at programs that will not run."""
        optimizer = make_optimizer(recipe.optimizer)
        return cls(recipe, type(optimizer).from_config(optimizer.get_config()))

    def settle_losses(self, names: Sequence[str], batch: Batch, is_keyed: bool = False) -> None:
        """Choose the forms of losses that fit a batch, once.

        `is_keyed` says that the model gives a dictionary: then losses stand in the order in which they were given.
        """
        if self.terms is None:
            self.terms = _terms(self.recipe, names, batch)
            if is_keyed and isinstance(self.recipe.loss, dict):
                given = list(self.recipe.loss)
                self.terms.sort(key=lambda term: given.index(names[term.output]))

    def settle_metrics(self, names: Sequence[str], batch: Batch) -> None:
        """Choose the forms of metrics that fit a batch, once."""
        if self.measures is None:
            self.measures = _measures(self.recipe, names, batch)

    @property
    def trackers(self) -> list[Metric]:
        """Every metric object: the loss, the losses of outputs, then the metrics."""
        own = [term.tracker for term in self.terms or () if term.tracker]
        return [self.loss_tracker, *own, *(measure.metric for measure in self.measures or ())]

    @property
    def names(self) -> list[str]:
        """The names of logs, in the order of the lists that `evaluate` gives.

        As in Keras: metrics of a single output as they were given, those of several outputs by name.
        """
        own = [term.tracker.name for term in self.terms or () if term.tracker]
        names = [measure.name for measure in self.measures or ()]
        return ["loss", *own, *(sorted(names) if own else names)]

    @property
    def parts(self) -> list[Any]:
        """Everything that a program is traced from besides the model."""
        return [*self.optimizer.parts(), *(term.loss for term in self.terms or ()), *self.trackers]

    @property
    def has_metrics(self) -> bool:
        """Whether metrics were chosen."""
        return bool(self.recipe.metrics or self.recipe.weighted_metrics)

    @property
    def titles(self) -> dict[int, str]:
        """The name in logs of each metric object, by its identity."""
        return {id(measure.metric): measure.name for measure in self.measures or ()}

    # ---- as part of a program ----

    def losses(self, batch: Batch) -> list[Any]:
        """The value of each term, before its factor."""
        return [term.loss(*batch.of(term.output)) for term in self.terms or ()]

    def total(self, values: Sequence[Any], added: Sequence[Any]) -> Any:
        """The loss that training makes small: the terms by their factors, and what was added."""
        own = [
            value if term.factor is None else value * term.factor
            for term, value in zip(self.terms or (), values, strict=True)
        ]
        terms = [*own, *(ops.sum(term) for term in added)]
        if not terms:
            raise BadValue("no loss to compute was chosen", where="compile", fix="compile(loss='mse')")
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def track(self, loss: Any, rows: Any) -> None:
        """Update the tracker of the loss; a smaller last batch counts by its rows."""
        self.loss_tracker.update_state(loss, sample_weight=number_of(rows, self.loss_tracker.dtype))

    def track_terms(self, values: Sequence[Any], batch: Batch) -> None:
        """Update the trackers of the losses of several outputs."""
        with origin(layer="metrics", phase="metrics"):
            for term, value in zip(self.terms or (), values, strict=True):
                if term.tracker:
                    count = number_of(batch.predictions[term.output].shape[0], term.tracker.dtype)
                    term.tracker.update_state(value, sample_weight=count)

    def measure(self, batch: Batch) -> None:
        """Update the metrics; what those that run in Python need becomes a result of the step."""
        for measure in self.measures or ():
            target, prediction, weight = batch.of(measure.output)
            if isinstance(measure.metric, HostMetric):
                found = {"target": target, "prediction": prediction, "weight": weight if measure.weighted else None}
                self.handed |= {f"{measure.name}/{part}": value for part, value in found.items() if value is not None}
            else:
                further = {"sample_weight": weight} if measure.weighted else {}
                measure.metric.update_state(target, prediction, **further)

    @property
    def hosted(self) -> list[Measure]:
        """The metrics that run in Python."""
        return [measure for measure in self.measures or () if isinstance(measure.metric, HostMetric)]

    def collect(self, rows: int, results: dict[str, Any]) -> None:
        """Update the metrics that run in Python with the results of a step."""
        for measure in self.hosted:
            parts = [results.get(f"{measure.name}/{part}") for part in ("target", "prediction", "weight")]
            measure.metric.update_state(*(None if part is None else np.array(part) for part in parts))


def _terms(recipe: Recipe, names: Sequence[str], batch: Batch) -> list[Term]:
    if recipe.loss is None:
        return []
    chosen = list(enumerate(loss_choices(recipe, names)))
    factors = loss_factors(recipe, names)
    wanted = [(number, choice) for number, choice in chosen if choice is not None]
    terms = []
    for number, choice in wanted:
        target = _needed(batch.targets[number], names[number], "a loss")
        tracker = Mean(name=f"{names[number]}_loss") if len(wanted) > 1 else None
        terms.append(Term(number, make_loss(choice, target, batch.predictions[number]), factors[number], tracker))
    return terms


def _needed(target: Any, name: str, why: str) -> Any:
    if target is None:
        raise BadData(f"output {name!r} has {why} and no target", where="fit", expected="a target for it in y")
    return target


def _measures(recipe: Recipe, names: Sequence[str], batch: Batch) -> list[Measure]:
    titles = _Titles(names)
    found: list[Measure] = []
    for title in ("metrics", "weighted_metrics"):
        is_weighted = title == "weighted_metrics"
        for output, choices in enumerate(metric_choices(getattr(recipe, title), names, title)):
            for choice in choices:
                metric = _metric(choice, names[output], batch.of(output), is_weighted)
                found.append(Measure(output, metric, is_weighted, titles.next(output, metric.name, is_weighted)))
    return found


def _metric(choice: Any, name: str, parts: tuple[Any, Any, Any], is_weighted: bool) -> Metric:
    """The metric of a choice; one that cannot be traced will run in Python."""
    target, prediction, weight = parts
    metric = make_metric(choice, _needed(target, name, "metrics"), prediction)
    if trace.is_immediate():  # a user's own gets arrays, on which everything works
        return metric if is_own(getattr(metric, "fn", type(metric).update_state)) else HostMetric(metric)
    return settle(metric, target, prediction, weight if is_weighted else None)


class _Titles:
    """Names for logs: a second one of the same name gets `_1`, a weighted one `weighted_`; losses keep theirs."""

    def __init__(self, outputs: Sequence[str]) -> None:
        self.prefixes = [f"{name}_" if len(outputs) > 1 else "" for name in outputs]
        self.taken = {"loss", *(f"{prefix}loss" for prefix in self.prefixes)}

    def next(self, output: int, name: str, weighted: bool) -> str:
        """A name that no other has."""
        stem = f"{self.prefixes[output]}{name}"
        if weighted and stem in self.taken:
            stem = f"{self.prefixes[output]}weighted_{name}"
        title, number = stem, 1
        while title in self.taken:
            title, number = f"{stem}_{number}", number + 1
        self.taken.add(title)
        return title


@contextlib.contextmanager
def standing_in(model: Any, compiled: Compiled) -> Iterator[None]:
    """Inside, a model's steps use these objects in place of those that `compile` made."""
    token = _standing_in.set((model, compiled))
    try:
        yield
    finally:
        _standing_in.reset(token)


def in_force(model: Any) -> Compiled | None:
    """The objects that a model's steps use now, None before `compile`."""
    there = _standing_in.get()
    if there and there[0] is model:
        return there[1]
    own: Compiled | None = model._compiled
    return own
