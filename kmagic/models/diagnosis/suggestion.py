"""A recipe that suits a model and its data, and why: what the compile panel opens with.

Targets decide what is learned (classes, labels that are independent, counts, numbers), the output's activation in which
form the loss takes it. Without data the activation alone decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kmagic import losses, metrics
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import ArrayFacts, Facts, Gathered, Shared
from kmagic.models.recipe import Recipe

OPTIMIZER = "adam"
# What is rarer than this makes accuracy say little.
RARE = 0.1
# How many widths of the middle half a target may lie away from it before squares of errors follow it alone.
FAR = 20.0
NOT_NEGATIVE = ("softplus", "exponential")


@dataclass(frozen=True)
class Choice:
    """Loss and metrics of one output, and the reason in words."""

    loss: Any
    metrics: tuple[Any, ...]
    why: str


@dataclass(frozen=True)
class Suggestion:
    """A recipe, and the reason for what it holds."""

    recipe: Recipe
    why: str


def suggest(case: Case, gathered: Gathered | None = None) -> Suggestion:
    """A recipe for the model and the data of a case; the recipe of the case itself does not count.

    >>> import numpy as np
    >>> from kmagic.layers import Dense
    >>> from kmagic.models import Sequential
    >>> model = Sequential([Dense(1, "sigmoid", input_dim=2)])
    >>> found = suggest(Case(model, Recipe(), np.ones((4, 2)), np.array([0, 1, 1, 0])))
    >>> found.recipe.loss, found.why
    ('binary_crossentropy', 'the targets are 0 and 1, and the output is a probability (sigmoid)')
    """
    shared = Shared(case, gathered)
    chosen = [_choice(Facts(shared, output)) for output in range(len(shared.names))]
    if len(chosen) == 1:
        recipe = Recipe(OPTIMIZER, chosen[0].loss, chosen[0].metrics)
        return Suggestion(recipe, chosen[0].why)
    named = dict(zip(shared.names, chosen, strict=True))
    recipe = Recipe(
        OPTIMIZER,
        {name: choice.loss for name, choice in named.items()},
        {name: list(choice.metrics) for name, choice in named.items()},
    )
    return Suggestion(recipe, "; ".join(f"{name}: {choice.why}" for name, choice in named.items()))


def _choice(facts: Facts) -> Choice:
    y = facts.y
    if y is None or not y.rows:
        return _by_activation(facts)
    for look in (_labels, _rows, _classes, _numbers):
        found = look(facts, y)
        if found is not None:
            return found
    return _by_activation(facts)


def _by_activation(facts: Facts) -> Choice:
    said = f"the output is a probability ({facts.activation})"
    if facts.gives_probabilities and facts.activation in ("sigmoid", "hard_sigmoid") or _is_single_probability(facts):
        metric = "accuracy" if facts.units in (1, None) else "binary_accuracy"
        return Choice("binary_crossentropy", (metric,), said)
    if facts.gives_probabilities:
        why = f"the output is a probability for each class ({facts.activation}); for one-hot labels take"
        return Choice("sparse_categorical_crossentropy", ("accuracy",), f"{why} categorical_crossentropy")
    return Choice("mean_squared_error", ("mean_absolute_error",), "the output is a plain number")


def _is_single_probability(facts: Facts) -> bool:
    return facts.gives_probabilities and facts.units == 1


# ---- by targets ----


def _labels(facts: Facts, y: ArrayFacts) -> Choice | None:
    """Labels that are words: the form follows the output, and a finding offers to number them."""
    if y.kind not in ("text", "object"):
        return None
    found = _by_activation(facts)
    count = f"{len(y.values)} labels" if y.values else "labels"
    return Choice(found.loss, found.metrics, f"the targets are {count} in words, and {found.why}")


def _rows(facts: Facts, y: ArrayFacts) -> Choice | None:
    """Several columns of zeros and ones: one-hot rows, or labels that are independent."""
    shape = y.shape
    if len(shape) < 2 or shape[-1] < 2 or not y.is_number or y.low is None or y.low < 0 or (y.high or 0) > 1:
        return None
    if not y.is_whole:
        return _shares(facts, y)
    if y.is_one_hot and facts.activation != "sigmoid":
        return _of_classes(facts, f"the targets are one-hot rows of {shape[-1]}", "categorical")
    return _of_two(facts, f"the targets are {shape[-1]} labels that are independent", "binary_accuracy")


def _shares(facts: Facts, y: ArrayFacts) -> Choice | None:
    """Rows of shares that sum to 1."""
    sums = np.asarray(y.sample, "float64").sum(-1)
    if not facts.gives_probabilities or facts.activation == "sigmoid" or not np.allclose(sums, 1, atol=1e-3):
        return None
    said = f"the targets are rows of shares that sum to 1, and the output too ({facts.activation})"
    return Choice("kl_divergence", ("categorical_accuracy",), said)


def _classes(facts: Facts, y: ArrayFacts) -> Choice | None:
    """One column of whole numbers that stand for classes."""
    if not y.is_whole or y.low is None or y.high is None:
        return None
    values = set(y.values or ())
    if (facts.units or 1) > 1 and _is_one_each(facts, y):
        return _of_numbered_classes(facts, y)
    if values == {-1, 1} and facts.activation in ("linear", "tanh"):
        return Choice("hinge", ("hinge",), "the targets are −1 and 1, and the output is a score for their sign")
    if values and values <= {0, 1} and facts.activation == "tanh":
        why = "the targets are 0 and 1, and the output is a score from −1 to 1 (tanh): hinge takes 0 for −1"
        return Choice("hinge", ("hinge",), why)
    if values and values <= {0, 1} and facts.units == 1:
        return _of_two(facts, "the targets are 0 and 1", "accuracy", _share_of_rarer(y))
    return None


def _of_numbered_classes(facts: Facts, y: ArrayFacts) -> Choice:
    """Class numbers; a single one that the output has no unit for, such as -1 or 255, stands for what is missing."""
    numbers = [int(number) for number in np.unique(y.sample)]
    outside = [number for number in numbers if not 0 <= number < (facts.units or 1)]
    inside = [number for number in numbers if number not in outside] or numbers
    said = f"the targets are class numbers {inside[0]} … {inside[-1]}"
    if len(outside) != 1 or len(inside) < 2:
        return _of_classes(facts, f"the targets are class numbers {y.low:g} … {y.high:g}", "sparse_categorical")
    found = _of_classes(facts, f"{said}, {outside[0]} counts as missing", "sparse_categorical")
    options = getattr(found.loss, "arguments", {}) | {"ignore_class": outside[0]}
    return replace(found, loss=losses.registry.find("sparse_categorical_crossentropy").target(**options))


def _is_one_each(facts: Facts, y: ArrayFacts) -> bool:
    """Whether there is one class number where the output has a row."""
    shape, output = y.shape, facts.output_shape or ()
    squeezed = shape[:-1] if shape[-1:] == (1,) and len(shape) > 1 else shape
    is_row_each = len(squeezed) == len(output) - 1 if output else len(squeezed) == 1
    return is_row_each and (y.kind in ("int", "bool") or facts.gives_probabilities)


def _share_of_rarer(y: ArrayFacts) -> float:
    counts = list((y.values or {}).values())
    return min(counts) / sum(counts) if len(counts) > 1 else 1.0


def _of_two(facts: Facts, said: str, metric: str, rarer: float = 1.0) -> Choice:
    """A yes or no for each output."""
    if facts.gives_probabilities or facts.activation not in ("linear", ""):
        found: tuple[Any, ...] = (metric, *(["auc"] if rarer < RARE else []))
        why = f"{said}, and the output is a probability ({facts.activation})"
        return Choice("binary_crossentropy", found, why + _rarely(rarer))
    loss: Any = losses.registry.find("binary_crossentropy").target(from_logits=True)
    measures = [
        metrics.registry.find("binary_accuracy").target(threshold=0.0),
        *([metrics.registry.find("auc").target(from_logits=True)] if rarer < RARE else []),
    ]
    return Choice(loss, tuple(measures), f"{said}, and the output is a logit (no activation)" + _rarely(rarer))


def _rarely(rarer: float) -> str:
    return f"; one class is only {100 * rarer:.2g} % of the rows, so AUC is watched too" if rarer < RARE else ""


def _of_classes(facts: Facts, said: str, form: str) -> Choice:
    """One of several classes."""
    if facts.activation not in ("linear", ""):
        why = f"{said}, and the output is a probability for each class ({facts.activation})"
        return Choice(f"{form}_crossentropy", ("accuracy",), why)
    loss = losses.registry.find(f"{form}_crossentropy").target(from_logits=True)
    why = f"{said}, and the output is a logit for each class (no activation)"
    return Choice(loss, ("accuracy",), why)


def _numbers(facts: Facts, y: ArrayFacts) -> Choice | None:
    """Counts and other numbers."""
    if not y.is_number or y.low is None:
        return None
    if facts.gives_probabilities and not y.is_whole and y.low >= 0 and (y.high or 0) <= 1:
        why = f"the targets are numbers between 0 and 1, and so is the output ({facts.activation})"
        return Choice("mean_squared_error", ("mean_absolute_error",), why)
    if facts.gives_probabilities:
        return None
    if y.is_whole and y.low >= 0 and facts.activation in NOT_NEGATIVE:
        why = f"the targets are counts, and the output is never negative ({facts.activation})"
        return Choice("poisson", ("mean_absolute_error",), why)
    if _has_outliers(y):
        why = "the targets are numbers, and a few lie far out: squared errors would follow those alone"
        return Choice("huber", ("mean_absolute_error",), why)
    return Choice("mean_squared_error", ("mean_absolute_error",), "the targets are numbers")


def _has_outliers(y: ArrayFacts) -> bool:
    finite = np.asarray(y.sample, "float64")
    finite = finite[np.isfinite(finite)]
    if finite.size < 20:
        return False
    low, middle, high = np.quantile(finite, (0.25, 0.5, 0.75))
    return bool(high > low and np.abs(finite - middle).max() > FAR * (high - low))
