"""Weights of samples and of losses, and metrics that take weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kmagic.base.errors import KmagicError
from kmagic.base.trees import filled, leaves
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.facts.measuring import classes_of
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.diagnosis.fixes.recipe import change_recipe
from kmagic.models.diagnosis.fixes.weights import change_weights
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.recipe import loss_factors

# ---- weights of samples ----


def _samples(facts: Facts) -> list[ArrayFacts]:
    """Facts of the weights of samples, one array for each output that has some."""
    given = facts.options.sample_weight
    if given is None:
        return []
    parts = leaves(given) if holds_arrays(given) else [given]
    titles = ["sample_weight" if len(parts) == 1 else f"sample_weight[{number}]" for number in range(len(parts))]
    gathered = facts.shared.gathered
    found = [gathered.facts(part, title) for part, title in zip(parts, titles, strict=True) if part is not None]
    return [weights for weights in found if weights.is_number and weights.rows]  # of others `fit` knows more


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
    rows = facts.rows
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
        return Finding("K192", "error", message, tuple(fixes), is_meaningless=True)
    return None


@rule("K193", "Weights of samples that are negative or no numbers", once=True)
def weights_below_zero(facts: Facts) -> Finding | None:
    """A negative weight makes a loss grow, as policy gradients want it; NaN spreads to all weights of the model."""
    for weights in _samples(facts):
        if weights.bad is not None and weights.array is not None:
            message = f"{weights.name} holds {weights.array[weights.bad]:g} (row {weights.bad[0]})"
            clean = _changed(facts, _finite, "numpy.nan_to_num(sample_weight, nan=0.0, posinf=0.0, neginf=0.0)")
            return Finding("K193", "error", message, (clean, _no_samples(facts)))
        if weights.low is not None and weights.low < 0:
            message = (
                f"{weights.name} goes down to {weights.low:g}: training makes losses of negative weights large, "
                "which is meant for advantages alone"
            )
            clean = _changed(facts, _positive, "numpy.maximum(sample_weight, 0)")
            return Finding("K193", "warning", message, (clean, _no_samples(facts)))
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


@rule("K199", "Weighted metrics without weights", once=True, of_all=True)
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
