"""Whether metrics get targets and outputs of the shapes, classes and values that they are made for."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.models.diagnosis.facts import Facts, MetricFact
from kmagic.models.diagnosis.facts.measuring import (
    has_class_numbers,
    has_margin,
    has_rows,
    has_tag,
    is_yes_or_no,
    name_of,
    named,
    tagged,
)
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import map_labels
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.metrics import (
    Swap,
    do,
    leave_out,
    listed,
    made,
    remade,
    swap_metrics,
    swapped,
    together,
    use_one_hot,
)
from kmagic.models.diagnosis.fixes.recipe import change_recipe, loss_for

F_SCORES = ("f1_score", "fbeta_score")
OVERLAPS = ("mean_iou", "iou")


def _seen(facts: Facts) -> str:
    """Targets and output, for a message."""
    assert facts.y is not None
    return f"targets are class numbers of shape {facts.y.shape}, the output has {facts.units} units"


# ---- class numbers for metrics of rows, and the other way round ----


@rule("K138", "Precision or recall of class numbers")
def counts_of_class_numbers(facts: Facts) -> Finding | None:
    """Precision, recall and counts need a column of zeros and ones for each output."""
    found = [fact for fact in tagged(facts, "thresholds") if name_of(fact) != "auc"]
    if not found or not has_class_numbers(facts):
        return None
    swaps = [(fact, (remade(fact, class_id=1),)) for fact in found if facts.units == 2 and _takes_class(fact)]
    fixes = (*_one_unit(facts, found), *use_one_hot(facts, swaps), leave_out(facts, found))
    message = f"{do(found, 'compares')} each output with a 0 or 1 of its own; {_seen(facts)}"
    return Finding("K138", "error", message, fixes, is_meaningless=True)


def _takes_class(fact: MetricFact) -> bool:
    return hasattr(fact.object, "class_id") and fact.object.class_id is None


def _one_unit(facts: Facts, found: list[MetricFact]) -> tuple[Fix, ...]:
    """One sigmoid in place of two units, where nothing else speaks against it."""
    others = [fact for fact in facts.metrics if fact not in found and not isinstance(fact.choice, str)]
    if facts.units != 2 or not is_yes_or_no(facts.y) or others:
        return ()
    head = use_head(facts, 1, "sigmoid")
    if head is None:
        return ()
    of_class = [fact for fact in found if getattr(fact.object, "class_id", None) is not None]
    swaps: list[Swap] = [(fact, (remade(fact, class_id=None),)) for fact in of_class]
    named_outright = [fact for fact in tagged(facts, "classes") if fact.choice != "accuracy"]
    swaps += [(fact, ("accuracy",) if has_tag(fact, "accuracy") else ()) for fact in named_outright]
    recipe = change_recipe(facts, "", loss=loss_for(facts, "binary_crossentropy"), **swapped(facts, swaps))
    return (together("One sigmoid unit with binary_crossentropy", head, recipe),)


@rule("K139", "A metric for another form of labels")
def other_form_of_labels(facts: Facts) -> Finding | None:
    """A metric of rows or of yes and no on class numbers, or one of class numbers on rows."""
    if has_class_numbers(facts):
        return _on_class_numbers(facts)
    if has_rows(facts) and facts.y is not None and facts.y.is_one_hot:
        return _on_rows(facts)
    return _on_one_unit(facts)


def _on_class_numbers(facts: Facts) -> Finding | None:
    found = [fact for fact in facts.metrics if _wants_rows(fact)]
    if not found:
        return None
    swaps = [(fact, _for_class_numbers(facts, fact)) for fact in found]
    fixes: tuple[Fix, ...] = ()
    if any(others for _, others in swaps):
        fixes = (swap_metrics(facts, swaps, "Use the form for class numbers"),)
    if all(name_of(fact) == "auc" for fact in found):
        fixes += use_one_hot(facts)
    message = f"{do(found, 'wants')} a target for each unit of the output; {_seen(facts)}"
    return Finding("K139", "error", message, (*fixes, leave_out(facts, found)))


def _wants_rows(fact: MetricFact) -> bool:
    name = name_of(fact)
    if name in OVERLAPS:
        return bool(fact.object.sparse_y_pred) or not fact.object.sparse_y_true
    is_counted = has_tag(fact, "thresholds") and name != "auc"
    return has_tag(fact, "one-hot labels", "binary", "any") and not is_counted and name not in F_SCORES


def _for_class_numbers(facts: Facts, fact: MetricFact) -> tuple[Any, ...]:
    """The same metric for class numbers, nothing where there is none."""
    if name_of(fact) in OVERLAPS:
        return (remade(fact, sparse_y_true=True, sparse_y_pred=False),)
    if name_of(fact) == "top_k_categorical_accuracy":
        return (made("SparseTopKCategoricalAccuracy", k=fact.object.k),)
    if has_tag(fact, "accuracy"):
        return ("accuracy",)
    if name_of(fact) == "categorical_crossentropy" and not facts.from_logits:
        return ("sparse_categorical_crossentropy",)
    return ()


def _on_rows(facts: Facts) -> Finding | None:
    found = [fact for fact in tagged(facts, "integer labels") if getattr(fact.object, "sparse_y_true", True)]
    found = [fact for fact in found if not getattr(fact.object, "from_sorted_ids", False)]
    if not found or facts.y is None:
        return None
    swaps = [(fact, _for_rows(fact)) for fact in found]
    return Finding(
        "K139",
        "error",
        f"{do(found, 'wants')} class numbers; targets are one-hot rows of shape {facts.y.shape}",
        (swap_metrics(facts, swaps, "Use the form for one-hot rows"), leave_out(facts, found)),
    )


def _for_rows(fact: MetricFact) -> tuple[Any, ...]:
    if name_of(fact) in OVERLAPS:
        return (remade(fact, sparse_y_true=False, sparse_y_pred=False),)
    return ("accuracy",) if has_tag(fact, "accuracy") else ("categorical_crossentropy",)


def _on_one_unit(facts: Facts) -> Finding | None:
    """MeanIoU of a sigmoid: cut down to whole numbers nearly every probability is class 0."""
    found = [fact for fact in named(facts, *OVERLAPS) if fact.object.sparse_y_pred]
    if not found or facts.units != 1 or not (facts.gives_probabilities or facts.from_logits):
        return None
    threshold = 0.0 if facts.from_logits else 0.5
    return Finding(
        "K139",
        "error",
        f"{do(found, 'takes')} the output for class numbers, and a share such as 0.9 for class 0",
        (
            swap_metrics(facts, [(fact, (made("BinaryIoU", threshold=threshold),)) for fact in found], "Use BinaryIoU"),
            leave_out(facts, found),
        ),
    )


@rule("K141", "F score of one unit without a threshold")
def f_score_without_threshold(facts: Facts) -> Finding | None:
    """Of one output the largest is always that one: every answer is yes."""
    found = [fact for fact in named(facts, *F_SCORES) if fact.object.threshold is None]
    if not found or facts.units != 1:
        return None
    return Finding(
        "K141",
        "error",
        f"{do(found, 'takes')} the largest output for the answer, which of 1 unit is always yes: it needs a threshold",
        (swap_metrics(facts, [(fact, (remade(fact, threshold=0.5),)) for fact in found], "Set threshold=0.5"),),
    )


@rule("K142", "F score of class numbers")
def f_score_of_class_numbers(facts: Facts) -> Finding | None:
    """F scores need one-hot rows."""
    found = named(facts, *F_SCORES)
    if not found or not has_class_numbers(facts):
        return None
    message = f"{do(found, 'wants')} one-hot rows; {_seen(facts)}"
    fixes = (*use_one_hot(facts), leave_out(facts, found))
    return Finding("K142", "error", message, fixes, is_meaningless=True)


# ---- values ----


@rule("K156", "Top k of no more than k classes")
def top_of_all(facts: Facts) -> Finding | None:
    """The right class is always among the k most probable of k."""
    names = ("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy")
    units = facts.units
    found = [fact for fact in named(facts, *names) if units is not None and 1 < units <= fact.object.k]
    found = [fact for fact in found if not getattr(fact.object, "from_sorted_ids", False)]
    if not found or units is None:
        return None
    fewer = max(1, units // 2)
    return Finding(
        "K156",
        "warning",
        f"{listed(found)} with k={found[0].object.k} is always 1 for {units} classes",
        (swap_metrics(facts, [(fact, (remade(fact, k=fewer),)) for fact in found], f"Set k={fewer}"),),
    )


@rule("K190", "Positives that are neither 0 nor 1")
def other_positives(facts: Facts) -> Finding | None:
    """Precision, AUC and their kin take every target that is not 0 for positive."""
    found, y = tagged(facts, "thresholds"), facts.y
    if not found or y is None or not y.is_number or y.low is None or y.high is None:
        return None
    if is_yes_or_no(y) or y.bad_count or has_class_numbers(facts):
        return None
    fixes: tuple[Fix, ...] = (leave_out(facts, found),)
    if y.values is not None and len(y.values) == 2:
        threshold, label = 0.0 if has_margin(facts) else 0.5, f"Map {y.low:g} and {y.high:g} to 0 and 1"
        fixes = (map_labels(facts, list(y.values), label, threshold), *fixes)
    return Finding(
        "K190",
        "warning",
        f"targets are {y.low:g} … {y.high:g}; {do(found, 'takes')} every one that is not 0 for positive",
        fixes,
    )


@rule("K191", "Overlap of another number of classes")
def overlap_of_other_classes(facts: Facts) -> Finding | None:
    """Classes beyond num_classes are not counted; those that do not exist change nothing but the cost."""
    names = (*OVERLAPS, "one_hot_iou", "one_hot_mean_iou")
    units = facts.units
    found = [fact for fact in named(facts, *names) if fact.object.num_classes != units]
    if not found or units is None or units < 2:
        return None
    swaps = [(fact, (remade(fact, num_classes=units),)) for fact in found if _fits(fact, units)]
    fixes = (swap_metrics(facts, swaps, f"Set num_classes={units}"),) if len(swaps) == len(found) else ()
    given = found[0].object.num_classes
    return Finding(
        "K191",
        "warning",
        f"{listed(found)} has num_classes={given}, the output has {units} units",
        fixes or (leave_out(facts, found),),
    )


def _fits(fact: MetricFact, units: int) -> bool:
    ids = fact.object.arguments.get("target_class_ids")
    return ids is None or max(ids) < units


@rule("K196", "R2 of a constant", of_all=True)
def explained_share_of_constant(facts: Facts) -> Finding | None:
    """Where targets do not vary there is no variance to explain."""
    found, y = named(facts, "r2_score"), facts.y
    if not found or y is None or y.columns is None or y.rows < 2:
        return None
    constant = np.flatnonzero(y.columns.low == y.columns.high)
    if not constant.size:
        return None
    column = int(constant[0])
    where = f"{y.column_title(column)} of the targets is" if y.columns.low.size > 1 else "the targets are"
    return Finding(
        "K196",
        "warning",
        f"{where} constant ({y.columns.low[column]:g}): {listed(found)} has no variance to explain",
        (swap_metrics(facts, [(fact, ("mae",)) for fact in found], "Use mae"),),
    )


@rule("K197", "A correlation along one unit")
def correlation_of_one(facts: Facts) -> Finding | None:
    """Correlations and angles run along an axis, by default the last; one number has neither."""
    found = [
        fact
        for fact in tagged(facts, "correlation", "direction")
        if fact.object.axis in (-1, len(facts.output_shape or ()) - 1)
    ]
    if not found or facts.units != 1:
        return None
    is_angle = any(has_tag(fact, "direction") for fact in found)
    swaps = [(fact, _along_rows(fact)) for fact in found]
    told = (
        "its sign is all that is left"
        if is_angle
        else "a correlation of 1 number is NaN; axis=0 goes over the rows of a batch"
    )
    return Finding(
        "K197",
        "warning",
        f"{do(found, 'goes')} along the last axis, which has 1 unit: {told}",
        (swap_metrics(facts, swaps, "Use mae" if is_angle else "Set axis=0"),),
    )


def _along_rows(fact: MetricFact) -> tuple[Any, ...]:
    is_angle = has_tag(fact, "direction")
    return ("mae",) if is_angle else (remade(fact, axis=0),)
