"""What a name that a `%%kmodel` cell does not know was meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmagic import activations, layers
from kmagic.base.errors import closest


def meant(error: BaseException, namespace: Mapping[str, Any], filename: str) -> str | None:
    """One line about a NameError of the code of `filename`; None where nothing is near, or for another error."""
    if not isinstance(error, NameError) or not error.name or _origin(error) != filename:
        return None
    suggestion = _suggestion(error.name, namespace)
    return suggestion and f"name {error.name!r} is not defined; did you mean {suggestion}?"


def _suggestion(name: str, namespace: Mapping[str, Any]) -> str | None:
    if name in activations.registry.names():
        return f"{name!r} in quotes"
    # the user's own names come last: of two that differ in capitals only, `closest` takes the later one
    own = [known for known in namespace if not known.startswith("_")]
    close = closest(name, [*layers.registry.exports(), "Sequential", "Model", *own], limit=1)
    return repr(close[0]) if close else None


def _origin(error: BaseException) -> str | None:
    """The file whose code raised `error`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace else None
