"""Whether the model's output suits the loss."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule


@rule("K103")
def softmax_of_one(facts: Facts) -> Finding | None:
    """Softmax over one unit is always 1."""
    if facts.activation != "softmax" or facts.units != 1:
        return None
    return Finding(
        "K103",
        "error",
        "softmax over one unit is always 1: nothing can be learned",
        (Fix("Use sigmoid", "Dense(1, activation='sigmoid')"),),
    )


@rule("K104")
def classes_of_one(facts: Facts) -> Finding | None:
    """A loss over classes with one output."""
    if not facts.loss_has("classes") or facts.units != 1 or facts.activation == "softmax":
        return None
    name = facts.loss_entry.name if facts.loss_entry else "the loss"
    return Finding(
        "K104",
        "error",
        f"{name} needs one output for each class, the model has 1",
        (Fix("Use binary_crossentropy", "loss='binary_crossentropy'"),),
    )


@rule("K105")
def activation_twice(facts: Facts) -> Finding | None:
    """from_logits with an output that already is a probability."""
    if not facts.from_logits or facts.activation not in ("sigmoid", "softmax"):
        return None
    return Finding(
        "K105",
        "error",
        f"the output already passes through {facts.activation}; from_logits applies it again",
        (Fix("Set from_logits=False", "from_logits=False"),),
    )


@rule("K107")
def unbounded_probabilities(facts: Facts) -> Finding | None:
    """A loss of probabilities on an output that is none."""
    if facts.from_logits or not facts.loss_has("probabilities"):
        return None
    if facts.gives_probabilities or not facts.layers or not _is_head(facts):
        return None
    head = "sigmoid" if facts.loss_has("binary") else "softmax"
    takes_logits = [Fix("Set from_logits=True", "from_logits=True")] if hasattr(facts.loss, "from_logits") else []
    return Finding(
        "K107",
        "error",
        f"the output ({facts.activation}) is no probability, and the loss expects one",
        (Fix(f"Add {head}", f"activation='{head}'"), *takes_logits),
    )


def _is_head(facts: Facts) -> bool:
    """Whether the last layer's activation is known."""
    return hasattr(facts.layers[-1], "activation")


@rule("K113")
def accuracy_of_numbers(facts: Facts) -> Finding | None:
    """Accuracy next to a loss for numbers."""
    if not facts.wants_accuracy or not facts.loss_has("regression"):
        return None
    return Finding(
        "K113",
        "warning",
        "accuracy counts exact hits and says nothing about numbers",
        (Fix("Use mean_absolute_error", "metrics=['mae']"),),
    )


@rule("K127")
def no_loss(facts: Facts) -> Finding | None:
    """A recipe without a loss, on a model that adds none."""
    if facts.recipe.loss is not None or getattr(facts.model, "losses", []):
        return None
    suggested = {"sigmoid": "binary_crossentropy", "softmax": "sparse_categorical_crossentropy"}.get(
        facts.activation, "mse"
    )
    return Finding(
        "K127", "error", "no loss to compute was chosen", (Fix(f"Use {suggested}", f"compile(loss={suggested!r})"),)
    )


@rule("K153")
def nothing_to_train(facts: Facts) -> Finding | None:
    """No weight that training could change."""
    if not facts.model.built or not facts.model.weights or facts.model.trainable_weights:
        return None
    total = facts.model.count_params()
    return Finding(
        "K153", "error", f"0 of {total} parameters are trainable", (Fix("Unfreeze", "model.trainable = True"),)
    )
