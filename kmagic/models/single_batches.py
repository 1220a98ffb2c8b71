"""Passes over single batches, used again: tracing a program for each batch would cost more than running it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from kmagic.models.checks import check
from kmagic.models.compiled import Compiled
from kmagic.models.measuring import as_results
from kmagic.models.restoring import restoring
from kmagic.models.rows import Rows, rows_of, weigh_classes
from kmagic.models.snapshots import Snapshot, is_same, snapshot
from kmagic.models.supply import of_rows
from kmagic.training.loop import Pass, run_steps

_KEPT = 8


@dataclass
class _Kept:
    capacity: int
    snapshot: Snapshot
    over: Pass


class SingleBatches:
    """A few passes by what they are for; each counts as long as what its program depends on is as it was."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    def find(self, key: Hashable, rows: int, now: Snapshot) -> Pass | None:
        """A pass for so many rows whose program is still the right one."""
        kept = self._kept.get(key)
        return kept.over if kept and kept.capacity >= rows and is_same(kept.snapshot, now) else None

    def keep(self, key: Hashable, rows: int, now: Snapshot, over: Pass) -> None:
        """Remember a pass for later batches."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(rows, now, over)


def run_batch(
    model: Any, make: Callable[..., Pass], where: str, data: tuple[Any, ...], return_dict: bool = False
) -> Any:
    """Run the pass that `make` opens on one batch of x, y, weights of samples and of classes; what it measured."""
    compiled = model._needs_compile(where)
    model._settle()
    x, y, sample_weight, by_label = data
    x, y, sample_weight = model.preparation.data(x, y, sample_weight, names=model._names)
    class_weight = model.preparation.class_numbers(by_label)
    given = weigh_classes(rows_of(model, x, y, sample_weight, where), class_weight, where)
    over = _pass_for(model, make, where, compiled, given)
    over.reset()
    over.feed.begin()
    run_steps(over, over.feed.advance(), 0, 1, where)
    return as_results(model, compiled, over.logs(), return_dict)


def _pass_for(model: Any, make: Callable[..., Pass], where: str, compiled: Compiled, given: Rows) -> Pass:
    """The pass for a single batch: an earlier one if nothing that its program depends on has changed."""
    rows = len(given)
    supply = of_rows(given, rows, None, where)
    key = (where, supply.feed.batches.specs, repr(given.form))
    over: Pass | None = model._opened.find(key, rows, snapshot(model, compiled))
    if over is None:
        with restoring(model, compiled, compiled.optimizer):
            check(model, compiled, given, where, model._validate is not False)
            over = make(model, compiled, supply, where)
        # the first batch builds what the snapshot looks at
        model._opened.keep(key, rows, snapshot(model, compiled), over)
    else:
        check(model, compiled, given, where, model._validate is not False)
    over.feed = supply.feed
    return over
