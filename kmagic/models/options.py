"""The options of `fit`, `evaluate` and `predict`, checked and in the form that the loop takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, unknown_argument
from kmagic.callbacks.progbar_logger import ProgbarLogger, automatic_verbosity


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
