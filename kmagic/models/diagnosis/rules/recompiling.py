"""What the optimizer has learned, and whom it belongs to: compiling again, layers frozen later, shared optimizers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.changes import loses_state, updates_of
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.recipe import change_recipe, fresh
from kmagic.models.recipe import make_optimizer
from kmagic.optimizers import Optimizer
from kmagic.optimizers.carrying import carry_over

KEEP = "keep_optimizer_state"


def keep_state(facts: Facts, label: str) -> Fix:
    """Compile with an optimizer that goes on where the model's own one is."""

    def change(case: Case) -> Case:
        old, chosen = case.model.optimizer, make_optimizer(case.recipe.optimizer)
        new = fresh(chosen)
        carry_over(old, new, case.model.trainable_variables)
        return case.with_recipe(optimizer=new)

    line = facts.recipe.python("model")
    return Fix(label, f"{line[:-1]}, {KEEP}=True)", change, facts.case)


@rule("K128", "compiling again loses what the optimizer has learned", once=True)
def compiled_again(facts: Facts) -> Finding | None:
    """Another recipe for a model that was trained: its optimizer starts afresh."""
    model, recipe = facts.model, facts.recipe
    if not model.compiled or recipe is model.recipe or facts.case.other.get(KEEP) or facts.optimizer is None:
        return None
    if not loses_state(model, recipe):
        return None
    steps = f"{updates_of(model.optimizer):,} steps"
    message = f"compiling again discards what {_named(model.optimizer)} has learned ({steps}); the weights stay"
    return Finding("K128", "hint", message, (keep_state(facts, "Keep the optimizer's state"),))


def _in_use(facts: Facts) -> Any:
    """The optimizer object that training would go on with; None where it would be a new one."""
    if facts.model.compiled and facts.recipe is facts.model.recipe:
        return facts.model.optimizer
    chosen = facts.recipe.optimizer
    return chosen if isinstance(chosen, Optimizer) else None


def _split(facts: Facts) -> tuple[Any, list[Any], list[Any], list[Any]]:
    """The optimizer that knows variables, and those that both, only the model, and only the optimizer have."""
    optimizer = _in_use(facts)
    if optimizer is None or not optimizer.built or not facts.model.built:
        return None, [], [], []
    known = {id(variable): variable for variable in optimizer._trainable_variables}
    now = {id(variable): variable for variable in facts.model.trainable_variables}
    both = [variable for key, variable in now.items() if key in known]
    return (
        optimizer,
        both,
        [variable for key, variable in now.items() if key not in known],
        [variable for key, variable in known.items() if key not in now],
    )


@rule("K129", "layers frozen or unfrozen after compile", once=True)
def frozen_later(facts: Facts) -> Finding | None:
    """`trainable` changed after the optimizer was built, and the model was not compiled again."""
    optimizer, both, added, gone = _split(facts)
    if optimizer is None or not both or not (added or gone):
        return None
    fix = (keep_state(facts, "Compile again, and keep the optimizer's state"),)
    if added:
        message = f"{_layers_of(facts, added)} unfrozen after compile: {_named(optimizer)} does not know them yet"
        return Finding("K129", "error", message, fix, is_meaningless=True)
    own = {id(variable) for variable in facts.model.variables}
    frozen = [variable for variable in gone if id(variable) in own]
    if not frozen:
        return None
    message = f"{_layers_of(facts, frozen)} frozen after compile: they stay as they are from now on"
    return Finding("K129", "hint", message, fix)


@rule("K130", "an optimizer of another model", once=True)
def shared_optimizer(facts: Facts) -> Finding | None:
    """One optimizer object for two models: it holds the state of the first."""
    optimizer, both, added, gone = _split(facts)
    if optimizer is None or both or not added or not gone:
        return None
    name = _named(optimizer)
    message = (
        f"this {name} belongs to another model: it knows {len(gone)} variables ({gone[0].path}, …) and none of these"
    )
    clone = fresh(optimizer)
    fix = change_recipe(facts, f"Use a new {name}", optimizer=clone)
    return Finding("K130", "error", message, (fix,), is_meaningless=True)


def _layers_of(facts: Facts, variables: Sequence[Any]) -> str:
    """The layers of variables by their names, and how many parameters they have."""
    keys = {id(variable) for variable in variables}
    names = [layer.name for layer in facts.layers if keys & {id(v) for v in layer.weights}]
    listed = ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    size = sum(variable.size for variable in variables)
    return (
        f"layer{'' if len(names) == 1 else 's'} {listed} ({size:,} parameters) {'was' if len(names) == 1 else 'were'}"
    )


def _named(optimizer: Any) -> str:
    return type(optimizer).__name__
