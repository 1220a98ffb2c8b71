"""Compile from a magic line, or open the panel."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.parts import snake
from kmagic.notebook.diagnosing import as_text, names_of, refusal
from kmagic.notebook.grammar import Given
from kmagic.notebook.session import Session

RECIPE = (
    "optimizer",
    "loss",
    "metrics",
    "weighted_metrics",
    "loss_weights",
    "steps_per_execution",
    "run_eagerly",
)


def compile_model(session: Session, given: Given) -> None:
    """`%kcompile`: with options compile, without them open the panel, or print it where nobody clicks."""
    if given.only(*RECIPE, "learning_rate"):
        print(compile_with(given.model, given.name, given, (given.x, given.y)))
    else:
        open_panel(session, given.model, given.name, (given.x, given.y), names_of(given))


def open_panel(
    session: Session,
    model: Any,
    name: str,
    data: tuple[Any, Any] = (None, None),
    names: Mapping[str, str] | None = None,
) -> None:
    """Show the compile panel of a model, as widgets or as text; with data, the review looks at them too.

    `names` are what the user calls the data.
    """
    from kmagic.notebook.panels import compile as panel

    if session.is_watched:
        opened = panel.CompilePanel(model, name, data, lambda: session.namespace.get(name, model) is model, names)
        opened.show()
        session.panels.add(opened)
    else:
        print(panel.as_text(model, name, data, names))


def compile_with(model: Any, name: str, given: Given, data: tuple[Any, Any] = (None, None)) -> str:
    """Review and compile; the text says what was chosen and what the review found."""
    from kmagic.models.diagnosis import Case, DiagnosisWarning, errors, review

    before = _present(model)
    choice = before | chosen(given, before.get("optimizer", "rmsprop"))
    recipe = recipe_of(choice)
    found = review(Case(model, recipe, *data))
    blocking = errors(found)
    if blocking and not given.force:
        raise refusal(blocking, name, {"model": name})
    with warnings.catch_warnings():  # which the notes tell themselves
        warnings.simplefilter("ignore", DiagnosisWarning)
        model.compile(**choice, validate=False if blocking else "warn")
    notes = as_text([finding for finding in found if finding.severity != "hint"], {"model": name})
    return "\n".join([recipe.python(name), *_kept(before, given), *([notes] if notes else [])])


def recipe_of(choice: dict[str, Any]) -> Any:
    """The recipe of keyword arguments for `compile`; unknown names are refused."""
    from kmagic.models.recipe import make_recipe

    return make_recipe(**choice)


def _present(model: Any) -> dict[str, Any]:
    """The keyword arguments for `compile` that give what a model is compiled with now."""
    return model.recipe.chosen() if model.recipe else {}


def _kept(before: dict[str, Any], given: Given) -> list[str]:
    """A line about what a model was compiled with and still is."""
    titles = [title.replace("_", " ") for title in before if title not in given.values]
    if given.learning_rate is not None:
        titles = [f"{title} but for its learning rate" if title == "optimizer" else title for title in titles]
    return [f"kept: {', '.join(titles)}"] if titles else []


def chosen(given: Given, optimizer: Any) -> dict[str, Any]:
    """The keyword arguments for `compile` that a line gives; a learning rate alone is one for `optimizer`."""
    choice = {title: _by_output(value) for title, value in given.only(*RECIPE).items()}
    if given.learning_rate is not None:
        choice["optimizer"] = with_learning_rate(choice.get("optimizer", optimizer), float(given.learning_rate))
    return choice


def _by_output(value: Any) -> Any:
    """Metrics as `compile` takes them: the words of a line, or the one dictionary that they are."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else value


def with_learning_rate(optimizer: Any, learning_rate: float) -> Any:
    """An optimizer like `optimizer`, given by name or as an object, with another learning rate."""
    from kmagic.optimizers import registry

    if isinstance(optimizer, str):
        return registry.find(optimizer).target(learning_rate=learning_rate)
    config = optimizer.get_config() if hasattr(optimizer, "get_config") else {}
    if "learning_rate" not in config:
        raise BadValue(f"{optimizer!r} has no learning rate to set", where="--learning-rate")
    if config.get("name") == snake(type(optimizer).__name__):
        del config["name"]  # its own, which need not be written
    return type(optimizer).from_config(config | {"learning_rate": learning_rate})
