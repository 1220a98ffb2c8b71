"""Whether the model's output suits the loss."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import unfreeze, use_head
from kmagic.models.diagnosis.fixes.recipe import remake_loss, use_loss, use_metrics


def ways(*fixes: Fix | None) -> tuple[Fix, ...]:
    """The fixes that there are."""
    return tuple(fix for fix in fixes if fix is not None)


@rule("K103", "softmax over one unit")
def softmax_of_one(facts: Facts) -> Finding | None:
    """Softmax over one unit is always 1."""
    if facts.activation != "softmax" or facts.units != 1:
        return None
    return Finding(
        "K103",
        "error",
        "softmax over one unit is always 1: nothing can be learned",
        ways(use_head(facts, activation="sigmoid", label="Use sigmoid")),
    )


@rule("K104", "a loss over classes with one output")
def classes_of_one(facts: Facts) -> Finding | None:
    """A loss over classes with one output."""
    if not facts.loss_has("classes") or facts.units != 1 or facts.activation == "softmax":
        return None
    return Finding(
        "K104",
        "error",
        f"{facts.loss_name} needs one output for each class, the model has 1",
        (use_loss(facts, "binary_crossentropy"),),
    )


@rule("K105", "activation and from_logits")
def activation_twice(facts: Facts) -> Finding | None:
    """from_logits with an output that already is a probability."""
    if not facts.from_logits or facts.activation not in ("sigmoid", "softmax"):
        return None
    return Finding(
        "K105",
        "error",
        f"the output already passes through {facts.activation}; from_logits applies it again",
        (remake_loss(facts, from_logits=False),),
    )


@rule("K107", "a loss of probabilities on an output that is none")
def unbounded_probabilities(facts: Facts) -> Finding | None:
    """A loss of probabilities on an output that is none."""
    if facts.from_logits or not facts.loss_has("probabilities"):
        return None
    if facts.gives_probabilities or not facts.activation:
        return None
    head = "sigmoid" if facts.loss_has("binary") else "softmax"
    takes_logits = remake_loss(facts, from_logits=True) if hasattr(facts.loss, "from_logits") else None
    return Finding(
        "K107",
        "error",
        f"the output ({facts.activation}) is no probability, and the loss expects one",
        ways(use_head(facts, activation=head, label=f"Add {head}"), takes_logits),
    )


@rule("K113", "accuracy of numbers")
def accuracy_of_numbers(facts: Facts) -> Finding | None:
    """Accuracy next to a loss for numbers."""
    wanted = [metric.choice for metric in facts.metrics if metric.choice in ("accuracy", "acc")]
    if not wanted or not facts.loss_has("regression"):
        return None
    return Finding(
        "K113",
        "warning",
        "accuracy counts exact hits and says nothing about numbers",
        (use_metrics(facts, wanted[0], "mae"),),
    )


@rule("K127", "no loss", once=True)
def no_loss(facts: Facts) -> Finding | None:
    """A recipe without a loss, on a model that adds none."""
    if facts.recipe.loss is not None or getattr(facts.model, "losses", []) or facts.may_add_losses:
        return None
    suggested = {"sigmoid": "binary_crossentropy", "softmax": "sparse_categorical_crossentropy"}.get(
        facts.activation, "mse"
    )
    return Finding("K127", "error", "no loss to compute was chosen", (use_loss(facts, suggested),), is_meaningless=True)


@rule("K153", "nothing to train", once=True)
def nothing_to_train(facts: Facts) -> Finding | None:
    """No weight that training could change."""
    if not facts.model.built or not facts.model.weights or facts.model.trainable_weights:
        return None
    total = facts.model.count_params()
    return Finding("K153", "error", f"0 of {total} parameters are trainable", (unfreeze(facts),))
