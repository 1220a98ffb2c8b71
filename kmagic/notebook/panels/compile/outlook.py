"""What compiling and training would mean: parameters, memory and time, and what compiling again keeps and loses."""

from __future__ import annotations

import html
import warnings
from typing import Any

import ipywidgets as widgets

from kmagic.models.diagnosis import Case, DiagnosisWarning, Facts
from kmagic.models.diagnosis.changes import Change, changes, loses_state
from kmagic.models.diagnosis.estimate import Estimate, counted, estimate, sized, timed
from kmagic.models.diagnosis.facts import Gathered, Shared
from kmagic.models.recipe import Recipe

ICONS = {"kept": "✔", "lost": "✖", "changed": "→", "reset": "↺"}
UNKNOWN_ROWS = 1000


class Outlook:
    """An estimate beside Compile, and a list of what compiling again does to a model that is compiled."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.estimate, self.differences = widgets.HTML(), widgets.HTML()
        self.keep = widgets.Checkbox(
            value=False, description="keep optimizer state", indent=False, layout=widgets.Layout(width="auto"),
            tooltip="Go on with the moments and the number of steps that the optimizer has learned",
        )  # fmt: skip
        self.keep.observe(lambda change: self._compare(), "value")
        self.box = widgets.VBox([self.differences])
        self._case: Case | None = None
        self._estimated: Any = None

    def follow(self, case: Case) -> None:
        """Say what this case would take."""
        self._case = case
        self._compare()
        self._guess(case)

    def forget(self) -> None:
        """The model is another one: what was estimated counts no more."""
        self._estimated = None

    def compile(self, recipe: Recipe) -> None:
        """Compile, with or without what the optimizer has learned."""
        assert self._case is not None
        keeps = self.keep.value and self.keep.layout.display != "none"
        with warnings.catch_warnings():  # which the panel shows itself
            warnings.simplefilter("ignore", DiagnosisWarning)
            self._case.model.compile(**recipe.chosen(), keep_optimizer_state=keeps)

    def _compare(self) -> None:
        if self._case is None:
            return
        model, recipe = self._case.model, self._case.recipe
        loses = loses_state(model, recipe)
        self.keep.layout.display = "" if loses else "none"
        found = changes(model, recipe, self.keep.value and loses)
        self.differences.value = _listed(found)

    def _guess(self, case: Case) -> None:
        """An estimate traces the program of a step, so it is made again only where that becomes quite another one.

        Which loss is taken changes next to nothing beside the layers and the optimizer's update of all weights.
        """
        shared = Shared(case, self.gathered)
        rows = shared.x[0].rows if shared.x else UNKNOWN_ROWS
        clock = case.model.clock
        measured = clock.seconds if clock and case.recipe == case.model.recipe else None
        key = (_kind(case.recipe.optimizer), rows, case.options.batch_size, measured)
        if key != self._estimated:
            self._estimated = key
            self.estimate.value = f'<span class="kmagic-small">{html.escape(self._told(case, shared, rows))}</span>'

    def _told(self, case: Case, shared: Shared, rows: int) -> str:
        try:
            found = estimate(case.model, case.recipe, rows, Facts(shared).batch_size)
        except Exception:  # what cannot be traced yet is told by the findings, or by `fit`
            return ""
        return said(found, bool(shared.x)) if found else ""


def said(found: Estimate, has_data: bool) -> str:
    """An estimate in one line."""
    parts = [
        f"{found.parameters:,} parameters",
        f"{sized(found.total_bytes)} of memory",
        f"{counted(found.flops_per_step)}FLOP a step",
    ]
    if has_data:
        how = "measured" if found.is_measured else "expected"
        parts.append(f"{timed(found.seconds_per_epoch)} an epoch ({how})")
    return " · ".join(parts)


def _kind(optimizer: Any) -> str:
    return optimizer if isinstance(optimizer, str) else type(optimizer).__name__


def _listed(found: list[Change]) -> str:
    if not found:
        return ""
    rows = "".join(
        f"<div>{ICONS[change.outcome]} <b>{html.escape(change.what)}</b> {change.outcome}: "
        f"{html.escape(change.detail)}</div>"
        for change in found
    )
    return f'<div class="kmagic-heading">Compiling again</div><div class="kmagic-small">{rows}</div>'
