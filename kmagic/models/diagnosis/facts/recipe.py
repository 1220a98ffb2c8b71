"""Facts of a recipe: the objects that its choices mean, as far as they can be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic import metrics
from kmagic.base.errors import KmagicError
from kmagic.base.registry import Entry
from kmagic.models.recipe import (
    ACCURACY,
    CROSSENTROPY,
    Recipe,
    is_word,
    loss_choices,
    make_optimizer,
    metric_choices,
)


@dataclass(frozen=True)
class MetricFact:
    """One metric of an output: what was chosen, and the object and registry entry that it means.

    The object of 'accuracy' and 'crossentropy' is that of the form that suits target and output.
    """

    choice: Any
    name: str
    object: Any = None
    entry: Entry | None = None
    weighted: bool = False


def loss_of(recipe: Recipe, names: Sequence[str], output: int) -> Any:
    """What a recipe names as the loss of an output, None where that cannot be told."""
    try:
        return loss_choices(recipe, names)[output]
    except (KmagicError, IndexError):
        return None


def metric_facts(recipe: Recipe, names: Sequence[str], output: int, form: str) -> list[MetricFact]:
    """The metrics of an output."""
    found = []
    for title in ("metrics", "weighted_metrics"):
        try:
            choices = metric_choices(getattr(recipe, title), names, title)[output]
        except (KmagicError, IndexError):
            choices = []
        found += [_metric_fact(choice, form, title == "weighted_metrics") for choice in choices]
    return found


def _metric_fact(choice: Any, form: str, weighted: bool) -> MetricFact:
    meant = choice
    if is_word(choice, ACCURACY):
        meant = f"{form}_accuracy"
    elif is_word(choice, CROSSENTROPY):
        meant = f"{form}_crossentropy"
    try:
        metric = metrics.resolve(meant)
    except Exception:  # names and objects of the user's own, which `compile` will explain
        return MetricFact(choice, str(choice), weighted=weighted)
    name = choice if isinstance(choice, str) else metric.name
    return MetricFact(choice, name, metric, metrics.registry.entry_of(metric), weighted)


def optimizer_of(recipe: Recipe) -> Any:
    """The optimizer that a recipe means, None where it cannot be made."""
    try:
        return make_optimizer(recipe.optimizer)
    except Exception:  # names and objects of the user's own, which `compile` will explain
        return None
