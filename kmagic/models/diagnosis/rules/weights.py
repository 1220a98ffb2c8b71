"""Rare classes, and weights of classes, samples and losses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kmagic import losses
from kmagic.base.errors import KmagicError
from kmagic.base.trees import filled, leaves
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import ArrayFacts, Facts, MetricFact
from kmagic.models.diagnosis.facts.measuring import classes_of, gives_logits, has_rows, names_classes, said_loss
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.metrics import made
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.diagnosis.fixes.recipe import add_metrics, change_recipe
from kmagic.models.diagnosis.fixes.weights import balance, change_weights
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.recipe import loss_factors

_RARE = 0.1  # the share of all rows outside of the most frequent class up to which that one hides the others
_FEWEST = 20  # rows, below which shares mean little


# ---- rare classes ----


@rule("K125", "A class that hardly occurs")
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


@rule("K146", "class_weight that does not fit the classes")
def weights_of_other_classes(facts: Facts) -> Finding | None:
    """Weights for numbers, for text, for classes that do not exist, or not for all that do."""
    given = facts.options.class_weight
    if not isinstance(given, Mapping) or not given or facts.output > 0:
        return None
    none = set_options(facts, "Leave out class_weight", class_weight=None)
    if facts.outputs > 1:
        return _of_classes("error", f"class_weight is for one output, this model has {facts.outputs}", none)
    if facts.loss_has("regression") and facts.y is not None and not names_classes(facts):
        return _of_classes("warning", f"class_weight with {said_loss(facts)}: targets are numbers, not classes", none)
    counts = classes_of(facts)
    balanced = [balance(facts, counts)] if counts else []
    if any(isinstance(key, str) for key in given):
        return _of_text(facts, given, balanced or [none])
    return _of_numbers(facts, given, counts or {}, balanced)


def _of_classes(severity: str, message: str, *fixes: Fix) -> Finding:
    return Finding("K146", severity, message, fixes)


def _of_text(facts: Facts, given: Mapping[Any, float], others: Iterable[Fix]) -> Finding:
    first = next(key for key in given if isinstance(key, str))
    fixes = list(others)
    if all(str(key).isdecimal() for key in given):
        numbers = {int(key): value for key, value in given.items()}
        fixes.insert(0, set_options(facts, "Name the classes by numbers", class_weight=numbers))
    return _of_classes("error", f"class_weight names class {first!r} by text; classes are numbers", *fixes)


def _of_numbers(
    facts: Facts, given: Mapping[Any, float], counts: Mapping[int, int], fixes: list[Fix]
) -> Finding | None:
    if not counts or facts.units is None or not fixes:
        return None
    existing = max(2, facts.units)
    unknown = [key for key in given if not 0 <= key < existing]
    missing = [number for number in counts if number not in given]
    if unknown:
        return _of_classes("warning", f"class_weight names class {unknown[0]}; there are {existing} classes", *fixes)
    if missing:
        plain = {**given, **dict.fromkeys(missing, 1.0)}
        fixes.append(set_options(facts, "Say that they count 1", class_weight=plain))
        return _of_classes("warning", f"class_weight has no weight for class {missing[0]}, which then counts 1", *fixes)
    return None


@rule("K194", "class_weight and sample_weight", once=True)
def weights_of_both_kinds(facts: Facts) -> Finding | None:
    """fit takes either."""
    classes, samples = facts.options.class_weight, facts.options.sample_weight
    if not isinstance(classes, Mapping) or samples is None:
        return None
    fixes = [set_options(facts, "Leave out class_weight", class_weight=None)]
    if classes_of(facts) is not None and facts.outputs == 1 and not holds_arrays(samples):
        fixes.insert(0, _product(facts))
    return Finding(
        "K194", "error", "class_weight and sample_weight are both given; fit takes one of them", tuple(fixes)
    )


def _product(facts: Facts) -> Fix:
    """The weight of each sample times that of its class."""
    assert facts.y is not None and facts.y.array is not None
    classes = facts.y.array.argmax(-1) if has_rows(facts) else facts.y.array.reshape(len(facts.y.array))
    weights: Mapping[Any, float] = facts.options.class_weight or {}
    factors = np.array([float(weights.get(int(number), 1.0)) for number in classes])

    def change(case: Case) -> Case:
        own = np.asarray(case.options.sample_weight)
        product = own * factors.reshape(-1, *[1] * (own.ndim - 1))
        return replace(case, options=replace(case.options, sample_weight=product, class_weight=None))

    numbers = "numpy.argmax(y, -1)" if has_rows(facts) else "numpy.ravel(y)"
    each = f"numpy.array([class_weight.get(int(number), 1.0) for number in {numbers}])"
    code = f"sample_weight = sample_weight * {each}; class_weight = None"
    return Fix("Multiply them", code, change, facts.case)


# ---- weights of samples ----


def _samples(facts: Facts) -> list[ArrayFacts]:
    """Facts of the weights of samples, one array for each output that has some."""
    given = facts.options.sample_weight
    if given is None:
        return []
    parts = leaves(given) if holds_arrays(given) else [given]
    titles = ["sample_weight" if len(parts) == 1 else f"sample_weight[{number}]" for number in range(len(parts))]
    gathered = facts.shared.gathered
    return [gathered.facts(part, title) for part, title in zip(parts, titles, strict=True) if part is not None]


def _no_samples(facts: Facts) -> Fix:
    return set_options(facts, "Leave out sample_weight", sample_weight=None)


@rule("K155", "Weights that are all zero", once=True)
def weights_of_zero(facts: Facts) -> Finding | None:
    """Samples that count nothing teach nothing."""
    samples = _samples(facts)
    if samples and all(weights.low == weights.high == 0 and not weights.bad_count for weights in samples):
        message = f"sample_weight is 0 for all {samples[0].rows} rows: nothing would be learned"
        return Finding("K155", "error", message, (_no_samples(facts),))
    given = facts.options.class_weight
    if isinstance(given, Mapping) and given and all(value == 0 for value in given.values()):
        none = set_options(facts, "Leave out class_weight", class_weight=None)
        return Finding("K155", "error", f"class_weight is 0 for all {len(given)} classes", (none,))
    return None


@rule("K192", "Another number of weights than rows", once=True)
def weights_of_other_rows(facts: Facts) -> Finding | None:
    """A weight for each row is wanted."""
    rows = len(leaves(facts.case.x)[0]) if holds_arrays(facts.case.x) and len(leaves(facts.case.x)) else facts.rows
    for weights in _samples(facts):
        if not rows or not weights.shape or weights.rows == rows or facts.model.preparation:
            continue
        classes = classes_of(facts) if facts.outputs == 1 else None
        fixes, advice = [_no_samples(facts)], ""
        if classes and weights.array is not None and weights.rows == max(2, facts.units or 0):
            meant = {number: float(value) for number, value in enumerate(weights.array.ravel().tolist())}
            label = "Use them as class_weight"
            fixes.insert(0, set_options(facts, label, sample_weight=None, class_weight=meant))
            advice = "; a weight for each class is called class_weight"
        message = f"{weights.name} has {weights.rows} weights, x has {rows} rows{advice}"
        return Finding("K192", "error", message, tuple(fixes))
    return None


@rule("K193", "Weights of samples that are negative or no numbers", once=True)
def weights_below_zero(facts: Facts) -> Finding | None:
    """A negative weight makes errors welcome, and NaN spreads to all weights of the model."""
    for weights in _samples(facts):
        if weights.bad is not None and weights.array is not None:
            message = f"{weights.name} holds {weights.array[weights.bad]:g} (row {weights.bad[0]})"
            clean = _changed(facts, _finite, "numpy.nan_to_num(sample_weight, nan=0.0, posinf=0.0, neginf=0.0)")
            return Finding("K193", "error", message, (clean, _no_samples(facts)))
        if weights.low is not None and weights.low < 0:
            message = (
                f"{weights.name} goes down to {weights.low:g}: training would make losses of negative weights large"
            )
            clean = _changed(facts, _positive, "numpy.maximum(sample_weight, 0)")
            return Finding("K193", "error", message, (clean, _no_samples(facts)))
    return None


def _finite(weights: Any) -> Any:
    return np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0)


def _positive(weights: Any) -> Any:
    return np.maximum(weights, 0)


def _changed(facts: Facts, function: Callable[[Any], Any], code: str) -> Fix:
    """A function of NumPy on every array of weights."""

    def change(given: Any) -> Any:
        if not holds_arrays(given):
            return function(given)
        return filled(given, [None if part is None else function(part) for part in leaves(given)])

    return change_weights(facts, "Count them 0", change, f"sample_weight = {code}")


# ---- weights of losses and metrics ----


@rule("K155", "A negative weight of a loss")
def negative_loss_weight(facts: Facts) -> Finding | None:
    """Training makes the loss of such an output as large as it can."""
    try:
        factors = loss_factors(facts.recipe, facts.output_names)
    except (KmagicError, TypeError):  # a list that does not fit the outputs
        return None
    factor = factors[facts.output]
    if not isinstance(factor, int | float) or factor >= 0:
        return None
    positive = {name: None if own is None else abs(own) for name, own in zip(facts.output_names, factors, strict=True)}
    mended = positive if facts.outputs > 1 else abs(factor)
    return Finding(
        "K155",
        "error",
        f"loss_weights is {factor:g}: training would make this loss as large as it can",
        (
            change_recipe(facts, "Make it positive", loss_weights=mended),
            change_recipe(facts, "Leave out loss_weights", loss_weights=None),
        ),
    )


@rule("K199", "Weighted metrics without weights", once=True)
def weighted_metrics_without_weights(facts: Facts) -> Finding | None:
    """Without weights of samples or classes they are plain metrics."""
    options, data = facts.options, facts.options.validation_data
    if not facts.recipe.weighted_metrics or not facts.x:
        return None
    held_out = isinstance(data, list | tuple) and len(data) == 3
    if options.sample_weight is not None or options.class_weight is not None or held_out:
        return None
    fixes: tuple[Fix, ...] = ()
    if not facts.recipe.metrics:
        chosen = facts.recipe.weighted_metrics
        fixes = (change_recipe(facts, "Make them metrics", metrics=chosen, weighted_metrics=()),)
    message = "weighted_metrics are chosen, and neither sample_weight nor class_weight gives weights"
    return Finding("K199", "hint", message, fixes or (change_recipe(facts, "Leave them out", weighted_metrics=()),))
