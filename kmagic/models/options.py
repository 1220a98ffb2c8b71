"""The options of `compile`, `fit`, `evaluate` and `predict`, checked and in the form that the loop takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, unknown_argument
from kmagic.callbacks.callback_list import CallbackList
from kmagic.callbacks.progbar_logger import ProgbarLogger, automatic_verbosity
from kmagic.models.recipe import Recipe


def check_names(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Name an option that `fit` does not have, with the one that was probably meant."""
    for name in options:
        if name not in known:
            raise unknown_argument(name, known, "fit")


def check_epochs(epochs: Any, initial_epoch: Any) -> None:
    """Refuse what is no number of epochs."""
    for name, value in (("epochs", epochs), ("initial_epoch", initial_epoch)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise BadValue(f"{name} is {value!r}", where="fit", expected="a whole number of at least 0")


def progress(verbose: str | int) -> list[ProgbarLogger]:
    """The callback that prints, if anything is to be printed."""
    level = verbosity(verbose, "fit")
    return [ProgbarLogger(level)] if level else []


def verbosity(verbose: str | int, where: str) -> int:
    """What `verbose` stands for here: 0, 1 or 2."""
    level = automatic_verbosity() if verbose == "auto" else verbose
    if level not in (0, 1, 2):
        raise BadValue(f"verbose is {verbose!r}", where=where, expected="'auto', 0, 1 or 2")
    return int(level)


def validates(frequency: int | Sequence[int]) -> Callable[[int], bool]:
    """After which epochs `validation_freq` asks for a validation."""
    if isinstance(frequency, int | np.integer):
        if frequency < 1:
            raise BadValue(f"validation_freq is {frequency}", where="fit", expected="a whole number of at least 1")
        return lambda epoch: (epoch + 1) % frequency == 0
    epochs = set(frequency)
    return lambda epoch: epoch + 1 in epochs


class Choice:
    """One choice of `compile` as an attribute of a model; setting it keeps all other choices."""

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, kind: type | None = None) -> Any:
        return self if model is None else getattr(model.recipe or Recipe(), self.name)

    def __set__(self, model: Any, value: Any) -> None:
        model._change(self.name, value)


def group_of(hooks: CallbackList, chosen: Recipe) -> int | None:
    """How many steps lie between two events; None leaves it to the loop where nobody looks at batches."""
    steps = chosen.steps_per_execution
    return (steps if isinstance(steps, int) else 1) if hooks.wants_batches else None
