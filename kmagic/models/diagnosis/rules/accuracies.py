"""Whether accuracies and their kin look at the output as it is meant: logits, probabilities, margins, numbers."""

from __future__ import annotations

from typing import Any

from kmagic.models.diagnosis.facts import Facts, MetricFact
from kmagic.models.diagnosis.facts.measuring import (
    gives_logits,
    has_class_numbers,
    has_independent_labels,
    has_margin,
    has_rows,
    has_tag,
    is_yes_or_no,
    name_of,
    named,
    names_classes,
    said_loss,
    tagged,
)
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import map_labels
from kmagic.models.diagnosis.fixes.metrics import (
    do,
    give_probabilities,
    leave_out,
    made,
    remade,
    swap_metrics,
    together,
)

HALF = 0.5


@rule("K109", "Accuracy compares logits with 0.5")
def accuracy_of_logits(facts: Facts) -> Finding | None:
    """Accuracy with its threshold for probabilities, on an output that says yes above 0."""
    found = [fact for fact in named(facts, "binary_accuracy") if fact.object.threshold == HALF]
    is_margin = has_margin(facts) and is_yes_or_no(facts.y)
    if not found or not (is_margin or (gives_logits(facts) and facts.loss_has("binary"))):
        return None
    meant = f"{facts.loss_name} decides" if is_margin else "these are logits, which decide"
    return Finding(
        "K109",
        "warning",
        f"{do(found, 'compares')} outputs with 0.5; {meant} at 0",
        (
            swap_metrics(facts, [(fact, (remade(fact, threshold=0.0),)) for fact in found], "Set the threshold to 0"),
            *(() if is_margin else give_probabilities(facts)),
        ),
    )


@rule("K110", "A metric of probabilities gets logits")
def probabilities_wanted(facts: Facts) -> Finding | None:
    """Precision, AUC, a crossentropy and their kin on logits."""
    found = [fact for fact in facts.metrics if _wants_probabilities(fact)]
    if not found or not gives_logits(facts):
        return None
    adapted = [(fact, _for_logits(fact)) for fact in found]
    fixes = give_probabilities(facts)
    if all(metric is not None for _, metric in adapted):
        fixes = (
            swap_metrics(facts, [(fact, (metric,)) for fact, metric in adapted], "Tell the metrics of logits"),
            *fixes,
        )
    half = ", and compare them with 0.5" if any(_compares(fact) for fact in found) else ""
    message = f"{do(found, 'wants')} probabilities{half}; the output gives logits"
    return Finding("K110", "warning", message, fixes or (leave_out(facts, found),))


def _wants_probabilities(fact: MetricFact) -> bool:
    metric: Any = fact.object
    parts: list[Any] = [metric, getattr(metric, "fn", None)]
    for part in parts:
        if hasattr(part, "from_logits"):
            return not part.from_logits
    if has_tag(fact, "thresholds"):
        return getattr(metric, "top_k", None) is None and max(metric.thresholds) > 0
    if name_of(fact) in ("f1_score", "fbeta_score", "binary_iou"):
        return (metric.threshold or 0) > 0
    return has_tag(fact, "probabilities")


def _compares(fact: MetricFact) -> bool:
    metric = fact.object
    return getattr(metric, "threshold", None) == HALF or getattr(metric, "thresholds", None) == [HALF]


def _for_logits(fact: MetricFact) -> Any:
    """The same metric for logits, None where it has no such form."""
    metric = fact.object
    if hasattr(metric, "from_logits") or hasattr(getattr(metric, "fn", None), "from_logits"):
        return remade(fact, from_logits=True)
    if name_of(fact) == "binary_iou" and metric.threshold == HALF:
        return remade(fact, threshold=0.0)
    if hasattr(metric, "init_thresholds") and metric.thresholds == [HALF]:
        return remade(fact, thresholds=0.0)
    return None


@rule("K113", "Accuracy of numbers")
def accuracy_of_numbers(facts: Facts) -> Finding | None:
    """Accuracy next to a loss for numbers, whose targets are no classes."""
    found = tagged(facts, "accuracy")
    if not found or not facts.loss_has("regression"):
        return None
    if facts.gives_probabilities if facts.y is None else (not facts.y.is_number or names_classes(facts)):
        return None
    chosen = [fact.choice for fact in facts.metrics]
    errors = [name for name in ("mae", "root_mean_squared_error") if name not in chosen]
    y = facts.y
    seen = "" if y is None or y.low is None else f", {y.low:.3g} … {y.high:.3g} in {y.rows} rows"
    return Finding(
        "K113",
        "hint" if y is None else "warning",
        f"{do(found, 'counts')} right classes; with {said_loss(facts)} the targets are numbers{seen}",
        (
            *(swap_metrics(facts, _first(found, (name,)), f"Use {name}") for name in errors),
            leave_out(facts, found),
        ),
    )


def _first(found: list[MetricFact], others: tuple[Any, ...]) -> list[tuple[MetricFact, tuple[Any, ...]]]:
    """Others in place of the first of several metrics, and nothing in place of the rest."""
    return [(fact, others if number == 0 else ()) for number, fact in enumerate(found)]


@rule("K140", "Accuracy() compares exactly")
def exact_accuracy(facts: Facts) -> Finding | None:
    """The class Accuracy, which counts equal numbers, on probabilities, logits or margins."""
    found = named(facts, "accuracy")
    if not found or has_class_numbers(facts) or not (facts.loss_has("binary") or facts.loss_has("classes")):
        return None
    title = f" of {facts.activation}" if facts.activation else ""
    return Finding(
        "K140",
        "error",
        f"Accuracy() counts predictions that equal their target exactly; the output{title} hardly ever does",
        (swap_metrics(facts, _first(found, (_suitable(facts),)), "Use the accuracy of this output"),),
    )


def _suitable(facts: Facts) -> Any:
    """The accuracy for an output."""
    if facts.loss_has("binary") and (facts.units == 1 or has_independent_labels(facts)):
        if gives_logits(facts) or has_margin(facts):
            return made("BinaryAccuracy", threshold=0.0)
        return "accuracy" if facts.units == 1 else "binary_accuracy"
    return "accuracy"


@rule("K143", "Categorical accuracy of independent labels")
def accuracy_of_independent_labels(facts: Facts) -> Finding | None:
    """'accuracy' of several yes-or-no answers looks only at the largest of them."""
    found = named(facts, "categorical_accuracy")
    if not found or not has_independent_labels(facts):
        return None
    return Finding(
        "K143",
        "warning",
        f"{do(found, 'asks')} which of {facts.units} outputs is the largest; "
        "these labels are independent, and binary_accuracy counts each of them",
        (swap_metrics(facts, _first(found, (_suitable(facts),)), "Use binary_accuracy"),),
    )


@rule("K143", "Binary accuracy of exclusive classes")
def share_of_right_zeros(facts: Facts) -> Finding | None:
    """Yes or no for each class is right for all but two of them at worst."""
    found = named(facts, "binary_accuracy")
    if not found or not facts.loss_has("classes", "one-hot labels") or not has_rows(facts) or not facts.units:
        return None
    if facts.y is None or not facts.y.is_one_hot:
        return None
    zeros = 1 - 1 / facts.units
    return Finding(
        "K143",
        "warning",
        f"{do(found, 'counts')} right zeros too: of {facts.units} classes {zeros:.2g} is reached by never saying yes",
        (swap_metrics(facts, _first(found, ("accuracy",)), "Use accuracy"),),
    )


@rule("K198", "Accuracy of signs")
def accuracy_of_signs(facts: Facts) -> Finding | None:
    """Accuracy answers 0 and 1, and a hinge loss has labels of −1 and 1."""
    found, y = named(facts, "binary_accuracy"), facts.y
    if not found or not has_margin(facts) or y is None or (y.low, y.high) != (-1, 1) or has_rows(facts):
        return None
    fixes: tuple[Fix, ...] = ()
    if y.values is not None and len(y.values) == 2:
        labels = map_labels(facts, list(y.values), threshold=0.0)
        metric = swap_metrics(facts, [(fact, (remade(fact, threshold=0.0),)) for fact in found], "")
        fixes = (together("Map the labels to 0 and 1, threshold at 0", labels, metric),)
    return Finding(
        "K198",
        "warning",
        f"{do(found, 'compares')} answers of 0 and 1 with labels of -1 and 1; {facts.loss_name} takes either",
        (*fixes, leave_out(facts, found)),
    )
