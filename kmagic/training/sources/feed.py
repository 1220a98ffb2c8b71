"""Feed: batches in epochs, which need not end where a pass over the data does."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from kmagic.training.sources.ahead import Interrupted
from kmagic.training.sources.source import Batches, Block

ENDLESS = -1  # as the number of steps: an epoch that only a stop ends


class Feed:
    """What the training loop takes batches from, epoch by epoch.

    An epoch has `steps` batches, or all of a pass. With `steps` it goes on where the one before it ended, as Keras
    does, unless each starts `anew`, as evaluations do. An epoch that gets fewer batches than were asked for warns; one
    that `was_interrupted` ended since a user stopped while a batch was waited for.
    """

    def __init__(self, batches: Batches, steps: int | None = None, anew: bool = False) -> None:
        self.batches = batches
        self.read = batches.read
        self._asked = steps
        self._restarts = anew or steps in (None, ENDLESS)
        self._done = self._passes = 0
        self._is_under_way = self._is_over = False
        self.was_interrupted = False

    @property
    def steps(self) -> int | None:
        """How many steps an epoch has, as far as is known."""
        if self._asked == ENDLESS:
            return None
        return self.batches.count if self._asked is None else self._asked

    def begin(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Start an epoch; where it is `interrupted`, waiting for a batch ends."""
        self._done, self._is_over, self.was_interrupted = 0, False, False
        self.batches.begin_epoch(None if self._asked == ENDLESS else self._asked, interrupted)
        if self._restarts:
            self._is_under_way = False

    def advance(self) -> int:
        """Make the next batch ready, and say how many rows it has; 0 where the epoch has no more."""
        if self._is_over or self._done == self._asked:
            return 0
        try:
            rows = self._next()
        except Interrupted:
            self._is_over = self.was_interrupted = True
            return 0
        if rows:
            self._done += 1
        else:
            self._is_over, self._is_under_way = True, False
            self._warn()
        return rows

    def several(self, limit: int) -> Block | None:
        """The batch that is ready and those after it, up to `limit`, where they lie in memory."""
        left = limit if self._asked in (None, ENDLESS) else min(limit, self._asked - self._done + 1)
        block = self.batches.several(left)
        if block:
            self._done += block.count - 1
        return block

    def _next(self) -> int:
        was_under_way = self._is_under_way
        if not was_under_way:
            self._begin_pass()
        rows = self.batches.next()
        # the pass before ended with the epoch before
        if not rows and was_under_way and not self._done:
            self._begin_pass()
            rows = self.batches.next()
        return rows

    def _begin_pass(self) -> None:
        self.batches.begin_pass(self._passes)
        self._passes += 1
        self._is_under_way = True

    def _warn(self) -> None:
        asked = self._asked or 0
        if self._done and self._done >= asked:
            return
        came = f"after {self._done} of {asked} steps" if self._done else "before the first step of an epoch"
        warnings.warn(
            f"Your input ran out of data {came}. It has to give at least `steps_per_epoch * epochs` batches, "
            "or has to be something that can be gone through again, such as a kmagic.utils.PyDataset.",
            stacklevel=2,
        )

    def end(self) -> None:
        """The epoch is over."""
        self.batches.end_epoch()

    def close(self) -> None:
        """Nothing more will be asked for."""
        self.batches.close()
