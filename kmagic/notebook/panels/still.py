"""What stays of a run when its panel is gone: a figure as PNG, its description, and a line of text.

A saved notebook cannot show widgets again, so an ended run is shown by this; it needs no kernel and no front-end code.
Bundles are raw: images as base64 text, because bytes give a broken image.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.base.registry import describe
from kmagic.notebook.diagnosing import as_text
from kmagic.notebook.panels.curves import Curves
from kmagic.notebook.panels.figure import FINAL_DPI, LIVE_DPI, CurveFigure, described
from kmagic.notebook.panels.progress import place
from kmagic.training.events import part_of

Bundle = tuple[dict[str, str], dict[str, Any]]


def picture(name: str, curves: Curves) -> Bundle:
    """The curves as a bundle of data and metadata: PNG and, as text, what it shows."""
    figure = CurveFigure(curves.names, dpi=FINAL_DPI)
    alt = f"Curves of {name} over the epochs: {described(curves)}."
    png = base64.b64encode(figure.final(curves)).decode()
    width, height = (round(inches * LIVE_DPI) for inches in figure.figure.get_size_inches())
    return {"image/png": png, "text/plain": alt}, {"image/png": {"width": width, "height": height, "alt": alt}}


def text(line: str) -> Bundle:
    """A line of text as a bundle."""
    return {"text/plain": line}, {}


def with_findings(line: str, findings: Sequence[Any], names: Mapping[str, str]) -> str:
    """A line, and below it what was noticed while training."""
    return "\n".join([line, as_text(findings, names)] if findings else [line])


def of_run(run: Any) -> list[Bundle]:
    """A run as it is now: its picture, once there is something to see, and text: a line, and what was noticed."""
    live = run.live
    curves = Curves.of_history(live.history, max(live.epoch - _length(live.history), 0))
    if not live.history:
        curves.add_steps(live.epoch, live.step, live.steps, live.logs)
    # at the end of an epoch `live` counts it as done, and its steps are those of the epoch before
    part = 0.0 if live.step == live.steps else part_of(live.step, live.steps)
    reason = run.reason if run.error is None else describe(run.error).splitlines()[0]
    why = f" ({reason})" if reason else ""
    line = f"{run.name}: {run.status}{why}, {place(live.epoch + part, live.epochs)}"
    line = with_findings(line, run.findings, {"model": run.name} if run.name.isidentifier() else {})
    return [text(line)] if curves.is_empty else [picture(run.name, curves), text(line)]


def _length(history: Mapping[str, Sequence[float]]) -> int:
    return max(map(len, history.values()), default=0)
