"""Whether the output gives the probabilities, or the logits, that the loss takes."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.targets import classes, fits_units, holds_bits, is_a_number_each, is_a_row_each
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import scale_targets
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import remake_loss, use_loss
from kmagic.models.diagnosis.fixes.tasks import BINARY, as_classes, as_quantities, as_two_classes, said, ways


@rule("K103", "softmax over one unit")
def softmax_of_one(facts: Facts) -> Finding | None:
    """Softmax over one unit is always 1."""
    if facts.activation != "softmax" or facts.units != 1 or is_a_row_each(facts):
        return None
    if getattr(facts.head, "axis", -1) not in (-1, len(facts.output_shape) - 1):
        return None  # over places, not over units
    message = "softmax over 1 unit is always 1: nothing can be learned"
    return Finding("K103", "error", message, _of_one_unit(facts))


@rule("K104", "a loss over classes with one output")
def classes_of_one(facts: Facts) -> Finding | None:
    """A loss over classes compares the outputs of one sample with each other; one output is always right."""
    if not facts.loss_has("classes") or facts.units != 1 or facts.activation == "softmax" or is_a_row_each(facts):
        return None
    found = classes(facts)
    counted = f" for {len(found)} classes" if found else ""
    message = f"{facts.loss_name} wants one output for each class, the model has 1 output{counted}"
    return Finding("K104", "error", message, _of_one_unit(facts))


def _of_one_unit(facts: Facts) -> tuple[Fix, ...]:
    """What an output of one unit may be meant for."""
    found = classes(facts) if facts.y is not None and not facts.y.bad else [0, 1]
    if found is None:
        return ways(as_quantities(facts))
    several = as_classes(facts, found)
    return ways(as_two_classes(facts, found), several) if len(found) <= 2 else ways(several)


@rule("K105", "sigmoid taken for logits")
def sigmoid_twice(facts: Facts) -> Finding | None:
    """from_logits applies a sigmoid to an output that has one."""
    return _twice(facts, "K105", "sigmoid")


@rule("K106", "softmax taken for logits")
def softmax_twice(facts: Facts) -> Finding | None:
    """from_logits applies a softmax to an output that has one."""
    return _twice(facts, "K106", "softmax")


def _twice(facts: Facts, code: str, activation: str) -> Finding | None:
    if not facts.from_logits or facts.activation != activation or (code == "K106" and facts.units == 1):
        return None
    message = f"the output already passes through {activation}; from_logits=True applies it again"
    fixes = ways(
        remake_loss(facts, from_logits=False), use_head(facts, activation="linear", label=f"Take {activation} away")
    )
    return Finding(code, "error", message, fixes)


@rule("K107", "a binary loss on an output that is no probability")
def no_probability(facts: Facts) -> Finding | None:
    """A binary loss of probabilities cuts other outputs off at 0 and 1, where nothing is learned."""
    return _unbounded(facts, "K107", "sigmoid") if facts.loss_has("binary") else None


@rule("K108", "a loss over classes on outputs that are no probabilities")
def no_probabilities(facts: Facts) -> Finding | None:
    """A loss over classes takes outputs for probabilities, whatever they are."""
    return _unbounded(facts, "K108", "softmax") if not facts.loss_has("binary") else None


def _unbounded(facts: Facts, code: str, activation: str) -> Finding | None:
    if facts.from_logits or not facts.loss_has("probabilities") or facts.units == 1 and code == "K108":
        return None
    if facts.gives_probabilities or not facts.activation:
        return None
    takes_logits = facts.activation == "linear" and hasattr(facts.loss, "from_logits")
    logits = remake_loss(facts, from_logits=True) if takes_logits else None
    message = f"{facts.loss_name} takes the output for probabilities, and its activation is {facts.activation}"
    return Finding(code, "error", message, ways(use_head(facts, activation=activation), logits))


@rule("K111", "a binary loss for exclusive classes")
def binary_for_exclusive(facts: Facts) -> Finding | None:
    """Softmax makes classes exclude each other; a binary loss takes each output for itself."""
    if not facts.loss_has("independent labels") or facts.activation != "softmax" or (facts.units or 1) < 2:
        return None
    if facts.from_logits:  # K106 says more
        return None
    if facts.y is not None and not is_a_row_each(facts):
        return None
    independent = use_head(facts, activation="sigmoid", label="Use sigmoid: labels are independent")
    exclusive = use_loss(facts, "categorical_crossentropy")
    is_exclusive = facts.y is None or facts.y.is_one_hot
    message = (
        f"softmax makes {facts.units} classes exclude each other, {facts.loss_name} takes them for independent labels"
    )
    # of two classes that exclude each other both losses are the same number
    severity = "hint" if facts.units == 2 and is_exclusive else "warning"
    return Finding("K111", severity, message, ways(exclusive, independent) if is_exclusive else ways(independent))


@rule("K184", "sigmoid for exclusive classes")
def sigmoid_for_exclusive(facts: Facts) -> Finding | None:
    """A loss over classes divides outputs by their sum; softmax does so before."""
    if not facts.loss_has("classes", "probabilities") or facts.from_logits or facts.activation != "sigmoid":
        return None
    if (facts.units or 1) < 2:
        return None
    rows = is_a_row_each(facts) and facts.y is not None
    if facts.y is not None and not (rows or is_a_number_each(facts)):
        return None
    message = f"sigmoid gives {facts.units} probabilities that need not sum to 1, as {facts.loss_name} expects"
    independent = facts.y is not None and rows and not facts.y.is_one_hot and holds_bits(facts)
    fix = use_loss(facts, BINARY) if independent else use_head(facts, activation="softmax")
    return Finding("K184", "hint", message, ways(fix))


@rule("K160", "a loss that works, and is not made for this")
def loss_of_another_task(facts: Facts) -> Finding | None:
    """Hinge on labels 0 and 1, and errors of numbers on the probabilities of a softmax."""
    if facts.y is None or facts.y.low is None:
        return None
    if facts.loss_has("binary", "margin") and holds_bits(facts):
        return _bits_for_signs(facts)
    if facts.loss_has("regression") and facts.activation == "softmax" and facts.y.is_one_hot and fits_units(facts):
        message = f"softmax gives probabilities of classes, and {said(facts)} learns them more slowly than crossentropy"
        return Finding("K160", "hint", message, (use_loss(facts, "categorical_crossentropy"),))
    return None


def _bits_for_signs(facts: Facts) -> Finding:
    message = f"{facts.loss_name} is made for targets -1 and 1, these are 0 and 1 (it takes 0 for -1)"
    return Finding("K160", "hint", message, (scale_targets(facts, 0.5, 0.5, "Map 0, 1 to -1, 1"),))


@rule("K175", "an error of numbers for labels")
def numbers_loss_for_labels(facts: Facts) -> Finding | None:
    """Sigmoid with an error of numbers on labels 0 and 1: the gradient vanishes where the output is most wrong."""
    if facts.y is None or not facts.loss_has("regression") or facts.activation != "sigmoid":
        return None
    if not holds_bits(facts) or not fits_units(facts):
        return None
    message = (
        f"targets are 0 and 1 and the output passes through sigmoid: {said(facts)} learns little where the output is "
        "most wrong, binary_crossentropy most"
    )
    return Finding("K175", "hint", message, (use_loss(facts, BINARY),))
