"""Compiled: the objects that a recipe stands for, for every output of a model, and what they have measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadValue
from kmagic.graph.load import ops
from kmagic.graph.ops.source import number_of
from kmagic.losses import Loss
from kmagic.metrics import Mean, Metric
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


class Compiled:
    """Optimizer, losses and metrics of a recipe; losses and metrics are made when the first targets are seen."""

    def __init__(self, recipe: Recipe, optimizer: Optimizer) -> None:
        self.recipe = recipe
        self.optimizer = optimizer
        self.loss_tracker = Mean(name="loss")
        self.terms: list[Term] | None = None
        self.measures: list[Measure] | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> Compiled:
        """A fresh optimizer where the recipe has a name."""
        return cls(recipe, make_optimizer(recipe.optimizer))

    @classmethod
    def sketch(cls, recipe: Recipe) -> Compiled:
        """As `of`, but with a copy of an optimizer object, for looking at programs that will not run."""
        optimizer = make_optimizer(recipe.optimizer)
        return cls(recipe, type(optimizer).from_config(optimizer.get_config()))

    def settle(
        self, names: Sequence[str], targets: Sequence[Any], predictions: Sequence[Any], is_keyed: bool = False
    ) -> None:
        """Choose the forms of losses and metrics that fit targets and predictions, once.

        `is_keyed` says that the model gives a dictionary: then losses stand in the order in which they were given.
        """
        if self.terms is None:
            self.terms = _terms(self.recipe, names, targets, predictions)
            if is_keyed and isinstance(self.recipe.loss, dict):
                given = list(self.recipe.loss)
                self.terms.sort(key=lambda term: given.index(names[term.output]))
        if self.measures is None:
            self.measures = _measures(self.recipe, names, targets, predictions)

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

    def reset(self) -> None:
        """Forget what was measured."""
        for tracker in self.trackers:
            tracker.reset_state()

    def logs(self) -> dict[str, Any]:
        """What was measured since the last reset, under the names of logs."""
        values = {"loss": _number(self.loss_tracker.result())}
        values |= {term.tracker.name: _number(term.tracker.result()) for term in self.terms or () if term.tracker}
        return values | {measure.name: _number(measure.metric.result()) for measure in self.measures or ()}

    # ---- as part of a program ----

    def losses(self, targets: Sequence[Any], predictions: Sequence[Any], weights: Sequence[Any]) -> list[Any]:
        """The value of each term, before its factor."""
        return [
            term.loss(targets[term.output], predictions[term.output], weights[term.output]) for term in self.terms or ()
        ]

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

    def measure(
        self,
        rows: Any,
        total: Any,
        values: Sequence[Any],
        targets: Sequence[Any],
        predictions: Sequence[Any],
        weights: Sequence[Any],
    ) -> None:
        """Update the trackers; a smaller last batch counts by its rows."""
        count = number_of(rows, self.loss_tracker.dtype)
        self.loss_tracker.update_state(total, sample_weight=count)
        for term, value in zip(self.terms or (), values, strict=True):
            if term.tracker:
                term.tracker.update_state(value, sample_weight=count)
        for measure in self.measures or ():
            further = {"sample_weight": weights[measure.output]} if measure.weighted else {}
            measure.metric.update_state(targets[measure.output], predictions[measure.output], **further)


def _terms(recipe: Recipe, names: Sequence[str], targets: Sequence[Any], predictions: Sequence[Any]) -> list[Term]:
    if recipe.loss is None:
        return []
    chosen = list(enumerate(loss_choices(recipe, names)))
    factors = loss_factors(recipe, names)
    wanted = [(number, choice) for number, choice in chosen if choice is not None]
    terms = []
    for number, choice in wanted:
        target = _needed(targets[number], names[number], "a loss")
        tracker = Mean(name=f"{names[number]}_loss") if len(wanted) > 1 else None
        terms.append(Term(number, make_loss(choice, target, predictions[number]), factors[number], tracker))
    return terms


def _needed(target: Any, name: str, why: str) -> Any:
    if target is None:
        raise BadData(f"output {name!r} has {why} and no target", where="fit", expected="a target for it in y")
    return target


def _measures(
    recipe: Recipe, names: Sequence[str], targets: Sequence[Any], predictions: Sequence[Any]
) -> list[Measure]:
    def made(title: str) -> list[tuple[int, Metric]]:
        found = enumerate(metric_choices(getattr(recipe, title), names, title))
        return [
            (number, make_metric(choice, _needed(targets[number], names[number], "metrics"), predictions[number]))
            for number, choices in found
            for choice in choices
        ]

    plain, weighted = made("metrics"), made("weighted_metrics")
    titles = _Titles(names)
    return [
        Measure(output, metric, is_weighted, titles.next(output, metric.name, is_weighted))
        for is_weighted, found in ((False, plain), (True, weighted))
        for output, metric in found
    ]


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


def _number(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array.tolist()
