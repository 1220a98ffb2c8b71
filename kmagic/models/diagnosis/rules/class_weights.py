"""Rare classes, and weights of classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from kmagic import losses
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts, MetricFact
from kmagic.models.diagnosis.facts.measuring import classes_of, gives_logits, has_rows, names_classes, said_loss
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.metrics import made
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.diagnosis.fixes.recipe import add_metrics
from kmagic.models.diagnosis.fixes.weights import balance

_RARE = 0.1  # the share of all rows outside of the most frequent class up to which that one hides the others
_FEWEST = 20  # rows, below which shares mean little


# ---- rare classes ----


@rule("K125", "A class that hardly occurs", of_all=True)
def rare_class(facts: Facts) -> Finding | None:
    """Always naming the most frequent class already scores high, and nothing else shows in accuracy."""
    counts = classes_of(facts)
    if not counts or len(counts) < 2 or not (facts.loss_has("binary") or facts.loss_has("classes")):
        return None
    total, most = sum(counts.values()), max(counts, key=lambda number: counts[number])
    if total < _FEWEST or counts[most] < (1 - _RARE) * total or _minds_rare_classes(facts):
        return None
    least = min(counts, key=lambda number: counts[number])
    share, score = 100 * counts[least] / total, counts[most] / total
    counted = any(fact.entry and "accuracy" in fact.entry.tags for fact in facts.metrics)
    return Finding(
        "K125",
        "warning" if counted else "hint",
        f"class {least} is {share:.2g} % of the rows: always answering {most} already has an accuracy of {score:.4g}",
        (*([balance(facts, counts)] if facts.outputs == 1 else []), *_telling(facts)),
    )


def _minds_rare_classes(facts: Facts) -> bool:
    weighted = facts.options.class_weight is not None or facts.options.sample_weight is not None
    focal = facts.loss_entry is not None and "focal" in facts.loss_entry.name
    return weighted or focal or any(_tells(fact) for fact in facts.metrics)


def _tells(fact: MetricFact) -> bool:
    """Whether a metric shows that a rare class is never found; of the user's own nobody knows."""
    if fact.entry is None:
        return True
    return "accuracy" not in fact.entry.tags and not losses.registry.has_file(fact.entry.name)


def _telling(facts: Facts) -> tuple[Fix, ...]:
    """Metrics that show whether the rare class is found."""
    if facts.units == 1:
        logits = gives_logits(facts)
        recall = made("Recall", thresholds=0.0) if logits else made("Recall")
        return (add_metrics(facts, recall, made("AUC", curve="PR", from_logits=logits), label="Watch recall and AUC"),)
    return (add_metrics(facts, made("F1Score", average="macro"), label="Watch f1_score"),) if has_rows(facts) else ()


# ---- weights of classes ----


@rule("K146", "class_weight that does not fit the classes", once=True, of_all=True)
def weights_of_other_classes(facts: Facts) -> Finding | None:
    """Weights for numbers, for text, for classes that do not exist, or not for all that do."""
    given = facts.options.class_weight
    if given is None:
        return None
    none = set_options(facts, "Leave out class_weight", class_weight=None)
    if facts.outputs > 1:
        return _of_classes("error", f"class_weight is for one output, this model has {facts.outputs}", none)
    if facts.loss_has("regression") and facts.y is not None and not names_classes(facts):
        return _of_classes("warning", f"class_weight with {said_loss(facts)}: targets are numbers, not classes", none)
    counts = classes_of(facts) or {}
    fixes = [balance(facts, counts)] if counts else [none]
    if not isinstance(given, Mapping):
        return _of_no_dictionary(facts, given, fixes)
    return _of_text(facts, given, fixes) or _of_no_weights(given, fixes) or _of_numbers(facts, given, counts, fixes)


def _of_classes(severity: str, message: str, *fixes: Fix) -> Finding:
    return Finding("K146", severity, message, fixes)


def _of_no_dictionary(facts: Facts, given: Any, fixes: list[Fix]) -> Finding:
    if isinstance(given, list | tuple | np.ndarray) and len(given) == max(2, facts.units or 0) and _are_weights(given):
        named = {number: float(value) for number, value in enumerate(given)}
        fixes = [set_options(facts, "Name the classes", class_weight=named), *fixes]
    said = f"class_weight is {given!r}" if isinstance(given, str) else f"class_weight is a {type(given).__name__}"
    return _of_classes("error", f"{said}; a dictionary of classes and their weights is wanted", *fixes)


def _are_weights(values: Iterable[Any]) -> bool:
    """Whether all values are numbers that a weight may be."""
    return all(isinstance(value, Real) and 0 <= float(value) < np.inf for value in values)


def _of_text(facts: Facts, given: Mapping[Any, Any], fixes: list[Fix]) -> Finding | None:
    wrong = [key for key in given if not isinstance(key, Real)]
    if not wrong:
        return None
    if all(str(key).isdecimal() for key in given) and _are_weights(given.values()):
        numbers = {int(key): value for key, value in given.items()}
        fixes = [set_options(facts, "Name the classes by numbers", class_weight=numbers), *fixes]
    how = "by text" if isinstance(wrong[0], str) else f"by a {type(wrong[0]).__name__}"
    return _of_classes("error", f"class_weight names class {wrong[0]!r} {how}; classes are numbers", *fixes)


def _of_no_weights(given: Mapping[Any, Any], fixes: list[Fix]) -> Finding | None:
    wrong = next((key for key, value in given.items() if not _are_weights([value])), None)
    if wrong is None:
        return None
    message = f"class_weight of class {wrong} is {given[wrong]!r}; a number of 0 or more is wanted"
    return _of_classes("error", message, *fixes)


def _of_numbers(
    facts: Facts, given: Mapping[Any, float], counts: Mapping[int, int], fixes: list[Fix]
) -> Finding | None:
    if not counts or facts.units is None:
        return None
    existing = max(2, facts.units)
    unknown = [key for key in given if not 0 <= key < existing]
    missing = [number for number in counts if number not in given]
    if unknown:
        return _of_classes("warning", f"class_weight names class {unknown[0]}; there are {existing} classes", *fixes)
    if missing:
        plain = {**given, **dict.fromkeys(missing, 1.0)}
        named = set_options(facts, "Say that they count 1", class_weight=plain)
        message = f"class_weight has no weight for class {missing[0]}, which then counts 1"
        return _of_classes("warning", message, *fixes, named)
    return None


@rule("K194", "class_weight and sample_weight", once=True)
def weights_of_both_kinds(facts: Facts) -> Finding | None:
    """fit takes either."""
    classes, samples = facts.options.class_weight, facts.options.sample_weight
    if not isinstance(classes, Mapping) or samples is None:
        return None
    fixes = [set_options(facts, "Leave out class_weight", class_weight=None)]
    if classes_of(facts) is not None and facts.outputs == 1 and _are_weights(classes.values()):
        weights = facts.shared.gathered.facts(samples, "sample_weight")
        if weights.is_number and facts.y is not None and weights.rows == facts.y.rows:
            fixes.insert(0, _product(facts))
    return Finding(
        "K194", "error", "class_weight and sample_weight are both given; fit takes one of them", tuple(fixes)
    )


def _product(facts: Facts) -> Fix:
    """The weight of each sample times that of its class."""
    y, rows = facts.y, has_rows(facts)

    def change(case: Case) -> Case:
        assert y is not None and y.array is not None
        classes = y.array.argmax(-1) if rows else y.array.reshape(len(y.array))
        weights: Mapping[Any, float] = case.options.class_weight or {}
        factors = np.array([float(weights.get(int(number), 1.0)) for number in classes])
        own = np.asarray(case.options.sample_weight)
        product = own * factors.reshape(-1, *[1] * (own.ndim - 1))
        return replace(case, options=replace(case.options, sample_weight=product, class_weight=None))

    numbers = "numpy.argmax(y, -1)" if rows else "numpy.ravel(y)"
    each = f"numpy.array([class_weight.get(int(number), 1.0) for number in {numbers}])"
    code = f"sample_weight = sample_weight * {each}; class_weight = None"
    return Fix("Multiply them", code, change, facts.case)
