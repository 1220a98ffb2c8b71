"""Whether the model's output suits the loss."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import unfreeze
from kmagic.models.diagnosis.fixes.recipe import use_loss


def ways(*fixes: Fix | None) -> tuple[Fix, ...]:
    """The fixes that there are."""
    return tuple(fix for fix in fixes if fix is not None)


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
