"""Fixes of metrics: the same one with other arguments, several exchanged at once, and what they need around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic import losses, metrics
from kmagic.base.parts import snake
from kmagic.losses import Loss
from kmagic.metrics import Metric
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts, MetricFact
from kmagic.models.diagnosis.facts.measuring import has_tag, name_of
from kmagic.models.diagnosis.facts.recipe import is_word
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.diagnosis.fixes.data import one_hot
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import change_recipe, loss_for, metrics_with, remake_loss
from kmagic.models.recipe import ACCURACY, CROSSENTROPY

Swap = tuple[MetricFact, Sequence[Any]]


def made(title: str, **options: Any) -> Metric:
    """A metric of this class."""
    metric: Metric = metrics.registry.attribute(title)(**options)
    return metric


def remade(fact: MetricFact, **options: Any) -> Metric:
    """A metric like the one that was chosen, with other arguments, under the same name in logs."""
    metric: Metric = fact.object
    inner = getattr(metric, "fn", None)
    if isinstance(inner, Loss):
        return type(metric)(**{**metric.arguments, "fn": type(inner)(**{**inner.arguments, **options})})
    own = {"name": fact.choice} if isinstance(fact.choice, str) and fact.choice != snake(type(metric).__name__) else {}
    return type(metric)(**{**metric.arguments, **own, **options})


def swap_metrics(facts: Facts, swaps: Sequence[Swap], label: str) -> Fix:
    """Others (or none) in place of some metrics of this output."""
    return change_recipe(facts, label, **swapped(facts, swaps))


def leave_out(facts: Facts, found: Sequence[MetricFact]) -> Fix:
    """A recipe without these metrics."""
    return swap_metrics(facts, [(fact, ()) for fact in found], f"Leave out {listed(found)}")


def swapped(facts: Facts, swaps: Sequence[Swap]) -> dict[str, Any]:
    """What `metrics` and `weighted_metrics` become."""

    def change(chosen: list[Any]) -> list[Any]:
        found: list[Any] = []
        for item in chosen:
            others = next((others for fact, others in swaps if _is_same(fact.choice, item)), (item,))
            found += [other for other in others if other not in found]
        return found

    return metrics_with(facts, change)


def _is_same(choice: Any, item: Any) -> bool:
    return choice is item or (isinstance(choice, str) and isinstance(item, str) and choice == item)


def listed(found: Sequence[MetricFact]) -> str:
    """The names of metrics, for a message."""
    return ", ".join(fact.name for fact in found)


def do(found: Sequence[MetricFact], verb: str) -> str:
    """The names of metrics and what they do, one or several: `verb` is the form for one.

    >>> do([MetricFact("auc", "auc"), MetricFact("tp", "tp")], "wants")
    'auc, tp want'
    """
    return f"{listed(found)} {verb if len(found) == 1 else verb.removesuffix('s')}"


def together(label: str, *fixes: Fix) -> Fix:
    """Several fixes as one."""

    def change(case: Case) -> Case:
        for fix in fixes:
            case = fix.change(case)
        return case

    return Fix(label, "; ".join(fix.code for fix in fixes), change, fixes[0].case)


def give_probabilities(facts: Facts) -> tuple[Fix, ...]:
    """Probabilities in place of logits: the activation on the head, and a loss that knows; none where that is hard."""
    activation = "sigmoid" if facts.loss_has("binary") else "softmax"
    head = use_head(facts, activation=activation)
    knows = any(getattr(fact.object, "from_logits", False) for fact in facts.metrics)
    if head is None or facts.loss is None or knows or not hasattr(facts.loss, "from_logits"):
        return ()
    return (together(f"{activation} on the output, from_logits=False", head, remake_loss(facts, from_logits=False)),)


# ---- one-hot rows in place of class numbers ----


def use_one_hot(facts: Facts, swaps: Sequence[Swap] = ()) -> tuple[Fix, ...]:
    """One-hot labels, with the loss and the metrics that take them; none where the loss has no such form."""
    loss = _one_hot_loss(facts)
    if loss is None or facts.units is None:
        return ()
    further = [(fact, (new,)) for fact in facts.metrics if (new := _one_hot_metric(fact)) is not None]
    known = [fact.choice for fact, _ in swaps]
    pairs = [*swaps, *(pair for pair in further if pair[0].choice not in known)]
    recipe = change_recipe(facts, "", loss=loss_for(facts, loss), **swapped(facts, pairs))
    return (together("One-hot the labels", one_hot(facts, facts.units), recipe),)


def _one_hot_loss(facts: Facts) -> Any:
    """The loss for one-hot rows that is the same as the chosen one for class numbers."""
    if is_word(facts.chosen_loss, CROSSENTROPY):
        return facts.chosen_loss
    if facts.loss_name != "sparse_categorical_crossentropy" or getattr(facts.loss, "ignore_class", None) is not None:
        return None
    if facts.from_logits:
        return losses.registry.attribute("CategoricalCrossentropy")(from_logits=True)
    return "categorical_crossentropy"


def _one_hot_metric(fact: MetricFact) -> Any:
    """The metric for one-hot rows in place of one for class numbers, None where it may stay."""
    if not has_tag(fact, "integer labels") or is_word(fact.choice, ACCURACY + CROSSENTROPY):
        return None
    name, metric = name_of(fact), fact.object
    if name == "sparse_top_k_categorical_accuracy":
        return made("TopKCategoricalAccuracy", k=metric.k)
    if name == "sparse_categorical_crossentropy" and metric.from_logits:
        return made("CategoricalCrossentropy", from_logits=True)
    if hasattr(metric, "sparse_y_true"):
        return remade(fact, sparse_y_true=False)
    other = metrics.registry.find(name.removeprefix("sparse_"))
    return other.name if other else None
