"""A small model and data for tests of training, and a listener that remembers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kmagic.layers import Dense, Dropout
from kmagic.models import Sequential
from kmagic.training.events import Event
from kmagic.training.loop import Pass
from kmagic.training.sources import Feed, RowBatches


def data(rows: int = 100, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features and a target that depends on them."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 5)).astype("float32")
    return x, (x.sum(1) > 0).astype("float32")


def model(name: str = "small", dropout: float = 0.0) -> Sequential:
    """A compiled classifier of five features."""
    layers = [Dense(4, "relu", input_dim=5), *([Dropout(dropout)] if dropout else []), Dense(1, "sigmoid")]
    made = Sequential(layers, name=name)
    made.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return made


class Remembering:
    """A listener that keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def kinds(self) -> list[str]:
        """The names of the events, in order."""
        return [type(event).__name__ for event in self.events]

    def of(self, kind: type) -> Iterator[Any]:
        """The events of one kind."""
        return (event for event in self.events if isinstance(event, kind))


class Counting:
    """Steps that compute nothing: they note the rows that they are given, and take as long as asked."""

    def __init__(self, rows: int, clock: Any = None) -> None:
        self.batches: list[list[int]] = []
        self.place = np.zeros(rows, "int64")
        self.clock = clock

    def inputs(self, rows: int) -> list[np.ndarray]:
        """Where the rows of the next step go."""
        return [self.place[:rows]]

    def step(self, rows: int) -> Any:
        """Note the rows."""

        def run() -> int:
            self.batches.append(self.place[:rows].tolist())
            if self.clock:
                self.clock.now += self.clock.seconds_of_a_step
            return 0

        return run

    runs_blocks = False

    def outputs(self, rows: int) -> dict[str, np.ndarray]:
        """Nothing."""
        return {}


def counting_pass(source: Any, batch_size: int, clock: Any = None, order: Any = None, steps: Any = None) -> Pass:
    """A pass over a source of row numbers that only counts."""
    counting = Counting(batch_size, clock)
    feed = Feed(RowBatches(source, batch_size, order), steps)
    return Pass(counting, feed, lambda: None, lambda: {"loss": float(len(counting.batches))}, lambda *_: None)
