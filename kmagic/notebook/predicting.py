"""Predict from a magic line, and bind what comes out without losing what the user has."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.trees import is_nested, leaves
from kmagic.notebook.fitting import say_if_it_waits
from kmagic.notebook.grammar import Given
from kmagic.notebook.namespace import models_in
from kmagic.notebook.session import Session


def predict(session: Session, given: Given) -> Any:
    """`%kpredict`: the predictions, or None where they are bound to the name of `--into`."""
    name = given.into
    if name in models_in(session.namespace):
        raise BadValue(
            f"{name} is a model",
            where="%kpredict --into",
            expected="another name",
            fix=f"--into {name}_predictions",
        )
    say_if_it_waits(given)
    predictions = given.model.predict(given.x, verbose=0, **given.only("batch_size", "steps"))
    if name is None:
        return predictions
    replaced = f", replaces {_form(session.namespace[name])}" if name in session.namespace else ""
    session.namespace[name] = predictions
    print(f"{name}: {_form(predictions)}{replaced}")
    return None


def _form(value: Any) -> str:
    """Type and shape of an array, or of several; the type of anything else."""
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{value.dtype} {value.shape}"
    if is_nested(value) and value and all(hasattr(part, "dtype") for part in leaves(value)):
        parts = value.items() if isinstance(value, dict) else ((None, part) for part in value)
        return ", ".join(f"{key}: {_form(part)}" if key is not None else _form(part) for key, part in parts)
    return f"a value of type {type(value).__name__}"
