"""Progress as text."""

from __future__ import annotations

import sys
import time
from typing import Any

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback
from kmagic.training.events import written

_WIDTH = 20


@registry.register()
class ProgbarLogger(Callback):
    """Prints how training goes: a moving line (verbose 1) or one line an epoch (verbose 2).

    It listens to groups of steps, not to each batch, so it costs small models nothing.
    """

    def __init__(self, verbose: int = 1) -> None:
        self.verbose = verbose

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.shown_at = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch, self.started = epoch, time.monotonic()

    def progress(self, step: int, steps: int | None, logs: dict[str, float]) -> None:
        """Move the line, at most ten times a second."""
        now = time.monotonic()
        if self.verbose == 1 and now - self.shown_at > 0.1:
            self.shown_at = now
            done = 0 if steps is None else _WIDTH * step // max(steps, 1)
            bar = "━" * done + "╌" * (_WIDTH - done)
            self._write(f"\r{self._title()} {bar} {step}/{'?' if steps is None else steps} {_values(logs)}   ")

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = time.monotonic() - self.started
        lead = "\r" if self.verbose == 1 else ""
        self._write(f"{lead}{self._title()} {seconds:.1f}s {_values(logs or {})}{' ' * _WIDTH if lead else ''}\n")

    def _title(self) -> str:
        return f"Epoch {self.epoch + 1}/{self.params.get('epochs', '?')}"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _values(logs: dict[str, Any]) -> str:
    return " - ".join(f"{name}: {written(value, _number)}" for name, value in logs.items())


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) >= 1e-3 else f"{value:.2e}"


def automatic_verbosity() -> int:
    """1 where a line can move (a terminal, a notebook), else 2."""
    return 1 if sys.stdout.isatty() or type(sys.stdout).__name__ == "OutStream" else 2
