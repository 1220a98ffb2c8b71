"""Whether outputs, losses and targets pair, and what the targets are on the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kmagic import metrics
from kmagic.base.trees import is_nested
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.targets import are_swapped, is_a_number_each, is_a_row_each, number
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import scale_targets, share_rows, split_columns
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import change_recipe, use_loss
from kmagic.models.diagnosis.fixes.tasks import BINARY, named, suited_loss, together
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.recipe import written

_FEWEST = 10  # rows from which on equal targets are no accident
_NEAR = 1e-2  # of a sum of 1


@rule("K149", "an output without a loss")
def output_without_loss(facts: Facts) -> Finding | None:
    """Losses in a list or dictionary that leaves an output out; it would never be trained."""
    given = facts.recipe.loss
    if facts.outputs < 2 or not is_nested(given):
        return None
    if isinstance(given, dict):
        if facts.output_name in given or not set(given) < set(facts.output_names):
            return None
    elif facts.output < len(given):
        return None
    counted = f"{len(given)} loss{'es' if len(given) > 1 else ''} for {facts.outputs} outputs"
    suited = suited_loss(facts)
    fix = change_recipe(facts, f"Use {suited} for {facts.output_name!r}", loss=_completed(facts))
    return Finding("K149", "error", f"no loss ({counted})", (fix,), is_meaningless=True)


def _completed(facts: Facts) -> dict[str, Any]:
    """The losses that were given, and suitable ones for outputs that were left out."""
    given, names = facts.recipe.loss, facts.output_names
    chosen = dict(given) if isinstance(given, dict) else dict(zip(names, given, strict=False))
    others = (Facts(facts.shared, number) for number in range(facts.outputs))
    return {name: chosen.get(name, suited_loss(other)) for name, other in zip(names, others, strict=True)}


@rule("K151", "more losses than outputs", once=True)
def more_losses_than_outputs(facts: Facts) -> Finding | None:
    """Several losses for one output; a list has one for each output."""
    given = facts.recipe.loss
    if not isinstance(given, list | tuple) or len(given) <= facts.outputs:
        return None
    listed = ", ".join(item if isinstance(item, str) else written(item) for item in given)
    plural = "s" if facts.outputs > 1 else ""
    message = f"{len(given)} losses ({listed}) for {facts.outputs} output{plural}: each output takes one"
    return Finding("K151", "error", message, _choices(facts, list(given)))


def _choices(facts: Facts, given: list[Any]) -> tuple[Fix, ...]:
    """One of the losses, and the others as metrics; of more than two outputs the first ones."""
    if facts.outputs > 1 or isinstance(facts.recipe.metrics, dict):
        return (change_recipe(facts, f"Take the first {facts.outputs}", loss=given[: facts.outputs]),)
    fixes = []
    for chosen in given:
        others = [item for item in given if item is not chosen and _is_metric(item)]
        others = [item for item in others if item not in facts.recipe.metrics]
        watched = f", watch {', '.join(map(_short, others))}" if others else ""
        label = f"Train with {_short(chosen)}{watched}"
        fixes.append(change_recipe(facts, label, loss=chosen, metrics=(*facts.recipe.metrics, *others)))
    return tuple(fixes)


def _is_metric(choice: Any) -> bool:
    """Whether a loss has a mean over batches, and so is a metric too."""
    return not isinstance(choice, str) or metrics.registry.has(choice)


def _short(choice: Any) -> str:
    return choice if isinstance(choice, str) else written(choice)


@rule("K180", "targets that are all the same", of_all=True)
def equal_targets(facts: Facts) -> Finding | None:
    """One value in all targets: a model that always says it has learned all there is."""
    if facts.y is None or facts.loss_entry is None or facts.y.rows < _FEWEST or facts.y.bad or facts.y.low is None:
        return None
    if facts.y.low != facts.y.high or not (is_a_number_each(facts) or is_a_row_each(facts)):
        return None
    message = f"all {facts.y.rows} targets are {number(facts.y.low)}: there is nothing to tell apart"
    return Finding("K180", "hint" if facts.loss_has("regression") else "warning", message)


@rule("K181", "rows that do not sum to 1")
def rows_without_unit_sum(facts: Facts) -> Finding | None:
    """Targets of a loss over classes are shares of 1."""
    if not (facts.loss_has("one-hot labels", "probabilities") or facts.loss_has("distributions")):
        return None
    if not is_a_row_each(facts) or facts.y is None or facts.y.bad or facts.y.shape[-1] != facts.units:
        return None
    sums = facts.y.sample.reshape(-1, facts.units).sum(-1, dtype="float64")
    low, high = float(sums.min()), float(sums.max())
    # rows of zeros are left out on purpose
    if high <= 1 + _NEAR and np.all((sums > 1 - _NEAR) | (sums == 0)):
        return None
    spread = number(low) if np.isclose(low, high) else f"{number(low)} … {number(high)}"
    message = f"rows of targets sum to {spread}, {facts.loss_name} expects a sum of 1"
    return Finding("K181", "warning", message, _summed_to_one(facts, low, high))


def _summed_to_one(facts: Facts, low: float, high: float) -> tuple[Fix, ...]:
    assert facts.y is not None and facts.y.low is not None
    if facts.y.is_whole and (facts.y.low, facts.y.high) == (0, 1):
        independent = use_head(facts, activation="linear" if facts.from_logits else "sigmoid")
        binary = use_loss(facts, named(BINARY, facts))
        return (together(f"Independent labels: {BINARY}", independent, binary),) if independent else ()
    if facts.y.low < 0:
        return ()
    if np.isclose(low, high):
        return (scale_targets(facts, 0.0, high),)
    return (share_rows(facts),) if low > 0 else ()


@rule("K182", "x and y in each other's place", once=True, shapes=True)
def swapped(facts: Facts) -> Finding | None:
    """fit(y, x): what is given as targets fits the inputs, and what is given as features does not."""
    if not are_swapped(facts):
        return None
    assert facts.y is not None
    x, y, wanted = facts.x[0].shape, facts.y.shape, facts.model.input_shape
    message = f"x and y are swapped: x has shape {x} and y {y}, the model takes {wanted}"
    fix = Fix("Swap x and y", "x, y = y, x", _swap, facts.case)
    return Finding("K182", "error", message, (fix,), is_meaningless=True)


def _swap(case: Case) -> Case:
    return replace(case, x=case.y, y=case.x)


@rule("K183", "one array for several outputs", once=True)
def one_array_for_several(facts: Facts) -> Finding | None:
    """The targets of several outputs side by side in one array."""
    data = facts.shared.data[1]
    if facts.outputs < 2 or data is None or holds_arrays(data):
        return None
    shape = np.shape(data)
    message = f"the model has {facts.outputs} outputs, y is one array of shape {shape} and no list of {facts.outputs}"
    return Finding("K183", "error", message, _split(facts, shape), is_meaningless=True)


def _split(facts: Facts, shape: tuple[int, ...]) -> tuple[Fix, ...]:
    widths = [_columns(Facts(facts.shared, number)) for number in range(facts.outputs)]
    known = [width for width in widths if width]
    if len(shape) != 2 or len(known) < len(widths) or sum(known) != shape[1]:
        return ()
    return (split_columns(facts, known),)


def _columns(facts: Facts) -> int | None:
    """How many columns of targets an output takes."""
    if facts.output_shape is None or len(facts.output_shape) != 2:
        return None
    return 1 if facts.loss_has("integer labels") else facts.units
