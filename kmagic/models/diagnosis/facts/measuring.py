"""What metrics depend on: what the numbers of an output mean, and what its targets are."""

from __future__ import annotations

from kmagic.models.diagnosis.facts.arrays import ArrayFacts
from kmagic.models.diagnosis.facts.facts import Facts
from kmagic.models.diagnosis.facts.recipe import MetricFact


def name_of(fact: MetricFact) -> str:
    """What the registry calls a metric; '' for the user's own."""
    return fact.entry.name if fact.entry is not None else ""


def has_tag(fact: MetricFact, *tags: str) -> bool:
    """Whether a metric carries one of these tags."""
    return fact.entry is not None and not set(tags).isdisjoint(fact.entry.tags)


def named(facts: Facts, *names: str) -> list[MetricFact]:
    """The metrics of these names."""
    return [fact for fact in facts.metrics if name_of(fact) in names]


def tagged(facts: Facts, *tags: str) -> list[MetricFact]:
    """The metrics that carry one of these tags."""
    return [fact for fact in facts.metrics if has_tag(fact, *tags)]


def said_loss(facts: Facts) -> str:
    """The loss as the user calls it."""
    return facts.chosen_loss if isinstance(facts.chosen_loss, str) else facts.loss_name


def gives_logits(facts: Facts) -> bool:
    """Whether the loss takes the output for logits, and rightly so."""
    return facts.from_logits and not facts.gives_probabilities


def has_margin(facts: Facts) -> bool:
    """Whether the loss decides between two classes at 0, as hinge does."""
    return facts.loss_has("binary", "margin")


def has_class_numbers(facts: Facts) -> bool:
    """Whether targets are class numbers for an output of several units."""
    y, shape = facts.y, facts.output_shape
    if y is None or not y.is_number or not y.is_whole or shape is None or (facts.units or 1) < 2:
        return False
    return len(y.shape) == len(shape) - 1 or (len(y.shape) == len(shape) and y.shape[-1] == 1)


def has_rows(facts: Facts) -> bool:
    """Whether targets have a column for each of several units."""
    y, shape = facts.y, facts.output_shape
    if y is None or not y.is_number or shape is None or (facts.units or 1) < 2:
        return False
    return len(y.shape) == len(shape) and y.shape[-1] == facts.units


def has_independent_labels(facts: Facts) -> bool:
    """Whether each unit answers a yes-or-no question of its own."""
    return facts.loss_has("binary") and has_rows(facts) and is_yes_or_no(facts.y) and not _is_one_hot(facts)


def _is_one_hot(facts: Facts) -> bool:
    return facts.y is not None and facts.y.is_one_hot


def is_yes_or_no(y: ArrayFacts | None) -> bool:
    """Whether targets are zeros and ones, or truth values."""
    if y is None or not y.is_number or y.low is None or y.high is None or y.bad_count:
        return False
    return y.is_whole and y.low >= 0 and y.high <= 1


def names_classes(facts: Facts) -> bool:
    """Whether targets can be classes for an accuracy: zeros and ones, or rows that name a class."""
    if has_rows(facts) and facts.y is not None:
        return facts.y.is_one_hot or is_yes_or_no(facts.y) or (facts.y.low or 0) >= 0 and _sums_to_one(facts.y)
    return is_yes_or_no(facts.y)


def _sums_to_one(y: ArrayFacts) -> bool:
    sums = y.sample.sum(-1)
    return bool(y.low is not None and abs(sums - 1).max() < 1e-3)


def classes_of(facts: Facts) -> dict[int, int] | None:
    """How many rows each class has, where every row has one; None where targets are something else."""
    y, shape = facts.y, facts.output_shape
    if y is None or shape is None or not y.is_number or y.bad_count or len(y.shape) > 2 or len(shape) != 2:
        return None
    if has_rows(facts):
        if not y.is_one_hot:
            return None
        counts = (y.sample != 0).sum(0)
        return {number: int(count) for number, count in enumerate(counts) if count}
    if y.values is None or not y.is_whole or not (facts.units == 1 and is_yes_or_no(y) or has_class_numbers(facts)):
        return None
    return {int(number): count for number, count in y.values.items()}
