"""The values of every epoch as a file of comma-separated values."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback
from kmagic.training.events import is_number


@registry.register()
class CSVLogger(Callback):
    """Writes a line for each epoch into a file: its number, then the values in the order of their names.

    The first epoch decides on the columns; without validation there are columns for it all the same, which say NA until
    there is one. `append` goes on with a file that exists.

    Example:

    >>> logger = CSVLogger("training.csv", separator=";")
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self.csv_file: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._close()
        path = Path(self.filename)
        self._needs_header = not (self.append and path.exists() and path.stat().st_size)
        # the csv module ends lines itself
        self.csv_file = path.open("a" if self.append else "w", newline="")
        self.keys: list[str] | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        writer = csv.writer(self.csv_file, delimiter=self.separator)
        if self.keys is None:
            self.keys = columns(logs)
            if self._needs_header:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        self.csv_file.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()


def columns(logs: dict[str, Any]) -> list[str]:
    """The columns for the values of a first epoch.

    >>> columns({"loss": 1.0, "accuracy": 0.5})
    ['accuracy', 'loss', 'val_accuracy', 'val_loss']
    """
    keys = sorted(logs)
    return keys if any(key.startswith("val_") for key in keys) else [*keys, *(f"val_{key}" for key in keys)]


def _cell(value: Any) -> Any:
    """A value as it is written: several numbers in quotes and brackets."""
    if is_number(value) or isinstance(value, str) or not hasattr(value, "__iter__"):
        return value
    return f'"[{", ".join(map(str, value))}]"'
