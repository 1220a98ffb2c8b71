"""Whether everything that was chosen is there and can be made: names, objects and their options."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from kmagic import losses, metrics, optimizers
from kmagic.base.errors import BadType, BadValue, KmagicError, UnknownArgument, UnknownName, closest
from kmagic.base.parameters import parameters_of
from kmagic.base.parts import Part
from kmagic.base.trees import leaves, mapped
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.recipe import change_recipe
from kmagic.models.recipe import ACCURACY, CROSSENTROPY, is_word, make_optimizer

CHOICES = ("optimizer", "loss", "metrics", "weighted_metrics")
OLD_NAMES = {"lr": "learning_rate"}


# ---- nothing chosen ----


@rule("K126", "compile is missing", once=True)
def not_compiled(facts: Facts) -> Finding | None:
    """A model that was never compiled, and no recipe beside it."""
    if facts.case.is_chosen:
        return None
    chosen = {"optimizer": "adam", "loss": suited_losses(facts)}
    fix = change_recipe(facts, f"Compile with adam and {_brief(chosen['loss'])}", **chosen)
    return Finding("K126", "error", "compile was not called: no optimizer and no loss are chosen", (fix,))


@rule("K127", "no loss", once=True)
def no_loss(facts: Facts) -> Finding | None:
    """A recipe without a loss, on a model that adds none."""
    if facts.recipe.loss is not None or not facts.case.is_chosen:
        return None
    if getattr(facts.model, "losses", []) or facts.may_add_losses:
        return None
    loss = suited_losses(facts)
    fix = change_recipe(facts, f"Use {_brief(loss)}", loss=loss)
    return Finding("K127", "error", "no loss to compute was chosen", (fix,), is_meaningless=True)


def suited_losses(facts: Facts) -> Any:
    """A loss that suits model and targets; one for each output by its name where there are several."""
    found = [_suited_loss(Facts(facts.shared, output)) for output in range(facts.outputs)]
    return found[0] if facts.outputs == 1 else dict(zip(facts.output_names, found, strict=True))


def _suited_loss(facts: Facts) -> Any:
    y, units = facts.y, facts.units or 1
    are_numbers = y is None or (y.column is not None and y.is_whole)
    if facts.activation == "sigmoid":
        return "binary_crossentropy"
    if facts.activation == "softmax" and units > 1:
        return "sparse_categorical_crossentropy" if are_numbers else "categorical_crossentropy"
    if units > 1 and y is not None and are_numbers and y.column is not None:
        return losses.registry.attribute("SparseCategoricalCrossentropy")(from_logits=True)
    return "mse"


def _brief(choice: Any) -> str:
    if isinstance(choice, dict):
        return ", ".join(f"{_brief(item)} for {name}" for name, item in choice.items())
    return choice if isinstance(choice, str) else repr(choice)


# ---- what cannot be made ----


@dataclass(frozen=True)
class Broken:
    """A choice that cannot be made, and what was said when it was tried."""

    title: str
    choice: Any
    error: Exception


def broken(facts: Facts) -> Iterator[Broken]:
    """Every choice of a recipe that cannot be made."""
    recipe = facts.recipe
    parts: list[tuple[str, Any, Callable[[Any], Any], tuple[str, ...]]] = [
        ("optimizer", recipe.optimizer, make_optimizer, ()),
        *(("loss", choice, losses.resolve, CROSSENTROPY) for choice in leaves(recipe.loss)),
        *(
            (title, choice, metrics.resolve, ACCURACY + CROSSENTROPY)
            for title in ("metrics", "weighted_metrics")
            for choice in leaves(getattr(recipe, title))
        ),
    ]
    for title, choice, make, words in parts:
        if choice is None or is_word(choice, words):
            continue
        try:
            make(choice)
        except Exception as error:  # also errors in constructors of the user's own
            yield Broken(title, choice, error)


@rule("K131", "a name that does not exist", once=True, any_step=True)
def misspelt(facts: Facts) -> Finding | None:
    """Names of optimizers, losses, metrics, outputs or arguments that do not exist."""
    unknown = [item for item in broken(facts) if not isinstance(item.choice, dict)]
    keys = dict(_unknown_keys(facts))
    arguments = dict(_unknown_arguments(facts.case))
    if not unknown and not keys and not arguments:
        return None
    meant = {id(item.choice): _meant(facts, item) for item in unknown}
    said = [_what_is_unknown(item, meant[id(item.choice)]) for item in unknown]
    said += [f"{key!r} is no output: did you mean {near!r}?" for key, near in keys.items()]
    said += [f"there is no argument {name!r}: did you mean {near!r}?" for name, near in arguments.items()]
    chosen = {title: _renamed(_mended(getattr(facts.recipe, title), meant), keys) for title in CHOICES}
    chosen |= {near: facts.case.other[name] for name, near in arguments.items()}
    changed = {title: value for title, value in chosen.items() if value is not getattr(facts.recipe, title)}
    label = ", ".join(map(str, [*filter(None, meant.values()), *keys.values(), *arguments.values()]))
    return Finding("K131", "error", "; ".join(said), (_respelt(facts, f"Use {label}", changed),))


def _respelt(facts: Facts, label: str, changed: dict[str, Any]) -> Fix:
    fix = change_recipe(facts, label, **changed)
    return replace(fix, change=lambda case: replace(fix.change(case), other={}))


def _what_is_unknown(item: Broken, meant: Any) -> str:
    if isinstance(item.error, UnknownName):
        near = f": did you mean {meant!r}?" if isinstance(meant, str) and _resembles(item.error, meant) else ""
        return f"unknown {item.error.kind} {item.error.name!r}{near}"
    said = item.error.found if isinstance(item.error, KmagicError) else f"{type(item.error).__name__}: {item.error}"
    return f"{item.title}: {said}"


def _resembles(error: UnknownName, name: str) -> bool:
    return name in closest(error.name, error.known)


def _meant(facts: Facts, item: Broken) -> Any:
    """What was probably meant, if it can be made from its name; a metric that resembles nothing is left out."""
    make = {"optimizer": make_optimizer, "loss": losses.resolve}.get(item.title, metrics.resolve)
    for near in closest(item.error.name, item.error.known) if isinstance(item.error, UnknownName) else []:
        with contextlib.suppress(KmagicError):
            make(near)
            return near
    return {"optimizer": "adam", "loss": _suited_loss(facts)}.get(item.title)


def _mended(tree: Any, meant: dict[int, Any]) -> Any:
    """A choice, or choices for several outputs, with what was meant in place of what cannot be made."""
    if not any(id(leaf) in meant for leaf in leaves(tree)):
        return tree
    mended = mapped(lambda leaf: meant.get(id(leaf), leaf), tree)
    return tuple(item for item in mended if item is not None) if isinstance(mended, tuple) else mended


def _unknown_keys(facts: Facts) -> Iterator[tuple[str, str]]:
    """Keys of dictionaries that are no outputs, with the output that is spelt alike."""
    for title in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        chosen = getattr(facts.recipe, title)
        for key in chosen if isinstance(chosen, dict) and "class_name" not in chosen else ():
            free = [name for name in facts.output_names if name not in chosen]
            near = closest(str(key), free) if key not in facts.output_names else []
            if near:
                yield key, near[0]


def _renamed(chosen: Any, keys: dict[str, str]) -> Any:
    if not isinstance(chosen, dict) or not set(chosen) & set(keys):
        return chosen
    return {keys.get(key, key): item for key, item in chosen.items()}


def _unknown_arguments(case: Case) -> Iterator[tuple[str, str]]:
    """Arguments that neither compile nor fit have, with the choice of a recipe that is spelt alike."""
    for name in case.other:
        near = closest(name, CHOICES)
        if near:
            yield name, near[0]


# ---- optimizers described by dictionaries, and loose forms ----


@rule("K132", "old or loose forms of a choice", once=True, any_step=True)
def loose_form(facts: Facts) -> Finding | None:
    """Forms that are taken as they are meant, and options under names that they once had."""
    for item in broken(facts):
        if isinstance(item.choice, dict) and _is_loose(item.error):
            return Finding("K132", "error", _said(item), _remade(facts, item, _spelt_anew))
    classes = {title: _instance(getattr(facts.recipe, title)) for title in ("optimizer", "loss")}
    made = {title: part for title, part in classes.items() if part is not None}
    if made:
        said = [f"{title} is the class {type(part).__name__}: it is taken as {part!r}" for title, part in made.items()]
        label = f"Write {' and '.join(map(repr, made.values()))}"
        return Finding("K132", "hint", "; ".join(said), (change_recipe(facts, label, **made),))
    return _single_metric(facts)


def _single_metric(facts: Facts) -> Finding | None:
    """A metric without a list around it."""
    for title, given in facts.case.as_given.items():
        listed = getattr(facts.recipe, title)
        fix = change_recipe(facts, f"Write {list(listed)!r}", **{title: listed})
        fix = replace(fix, change=lambda case: replace(case, as_given={}))
        return Finding("K132", "hint", f"{title} is {given!r}: it is taken as {list(listed)!r}", (fix,))
    return None


def _instance(choice: Any) -> Part | None:
    """The object of a class that needs no arguments."""
    if not isinstance(choice, type):
        return None
    try:
        made = choice()
    except Exception:  # a class of the user's own; K131 says what it lacks
        return None
    return made if isinstance(made, Part) else None


@rule("K155", "an option out of its bounds", once=True, any_step=True)
def out_of_bounds(facts: Facts) -> Finding | None:
    """An option that an optimizer refuses."""
    for item in broken(facts):
        if isinstance(item.choice, dict) and not _is_loose(item.error):
            return Finding("K155", "error", _said(item), _remade(facts, item, _without_refused))
    return None


def _is_loose(error: Exception) -> bool:
    """Whether an option was only written in another way: under an old name, or a whole number for a rate."""
    return isinstance(error, UnknownArgument) or (isinstance(error, BadType) and "learning_rate" in error.found)


def _said(item: Broken) -> str:
    """The error in one line."""
    if not isinstance(item.error, KmagicError):
        return f"{item.title}: {item.error}"
    name = item.choice.get("class_name", item.title)
    wanted = f", expected {item.error.expected}" if isinstance(item.error, BadValue) and item.error.expected else ""
    hint = f": {item.error.fix}" if item.error.fix else ""
    return f"{name}: {item.error.found}{wanted}{hint}"


def _remade(facts: Facts, item: Broken, mend: Callable[[dict[str, Any], Any], dict[str, Any]]) -> tuple[Fix, ...]:
    """A choice made from options that were mended; none where that does not help either."""
    try:
        kind = optimizers.registry.class_called(str(item.choice.get("class_name")))
        made = kind(**mend(dict(item.choice.get("config") or {}), kind))
    except Exception:  # whatever else is wrong with it
        return ()
    return (change_recipe(facts, f"Use {made!r}", optimizer=made),)


def _spelt_anew(options: dict[str, Any], kind: Any) -> dict[str, Any]:
    """Options under their names now, rates as floats."""
    known = [parameter.name for parameter in parameters_of(kind)]
    found = {}
    for name, value in options.items():
        near = [OLD_NAMES[name]] if name in OLD_NAMES else [name] if name in known else closest(name, known)
        if near:
            found[near[0]] = float(value) if near[0] == "learning_rate" and isinstance(value, int) else value
    return found


def _without_refused(options: dict[str, Any], kind: Any) -> dict[str, Any]:
    """Options without those that are refused, which get their defaults."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        try:
            kind(**{name: value})
        except Exception:  # refused: the default takes its place
            continue
        found[name] = value
    return found
