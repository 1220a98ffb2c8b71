"""The live panel: what a run shows while it trains, and what it leaves behind.

The panel is a listener of the run's events, so it is called by the thread that trains, between steps. Drawing there,
and not in a thread of its own, keeps BLAS threads and drawing from fighting for cores; frames take a tenth of the
time at most. The thread writes only widgets that nobody edits (image, bar, text); the
Stop button sets a flag.
"""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from kmagic.base.registry import describe
from kmagic.notebook.diagnosing import as_html
from kmagic.notebook.panels import still
from kmagic.notebook.panels.curves import Curves
from kmagic.notebook.panels.figure import CurveFigure
from kmagic.notebook.panels.progress import Progress
from kmagic.training import events

# Sending a picture costs other threads as much again as half of this, and a tenth is the limit of all of it.
DRAWING_SHARE = 0.07
ADVANCE = 0.2  # seconds


class Pace:
    """When the next frame is due: at most `fps` a second, and drawing within a tenth of the time.

    Chosen: a budget over the whole run, of which a little may be spent in advance, instead of a pause after each frame;
    otherwise the few frames that are drawn anew in full, the first ones among them, would each stop the picture.
    """

    def __init__(self, fps: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.interval = 1 / fps
        self.clock = clock
        self.began = self.due = clock()
        self.spent = 0.0

    def frame(self, draw: Callable[[], None]) -> None:
        """Draw if a frame is due."""
        start = self.clock()
        if start >= self.due and self.spent <= ADVANCE + DRAWING_SHARE * (start - self.began):
            draw()
            self.spent += self.clock() - start
            self.due = start + self.interval


class LivePanel:
    """Shows one run. Create it, pass it to the run as a listener, then `show(run)`.

    `names` are those that the user has for model and data, for the code of fixes.
    """

    def __init__(
        self, name: str, fps: float = 8, can_stop: bool = True, names: Mapping[str, str] | None = None
    ) -> None:
        self.names = names or ({"model": name} if name.isidentifier() else {})
        self.findings: list[Any] = []
        self.curves = Curves()
        self.progress = Progress(name)
        self.pace = Pace(fps)
        self.figure: CurveFigure | None = None
        self.failure: Exception | None = None
        self._make_widgets(can_stop)
        self._run: Any = None
        self._handles: tuple[DisplayHandle, DisplayHandle] | None = None
        # between showing, in the main thread, and the end of the run, in its own
        self._lock = threading.Lock()
        self._verdict: str | None = None

    def _make_widgets(self, can_stop: bool) -> None:
        self.image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
        self.bar = widgets.FloatProgress(min=0, max=1, layout=widgets.Layout(width="240px"))
        self.status, self.notes = widgets.HTML(), widgets.HTML()
        self.stop = widgets.Button(
            description="Stop", icon="stop", tooltip="Stop after the step in progress; weights and history stay"
        )
        self.stop.on_click(self._ask_stop)
        control = self.stop if can_stop else widgets.HTML("interrupt the kernel to stop")
        self.box = widgets.VBox([widgets.HBox([self.bar, control]), self.status, self.image, self.notes])

    def _ask_stop(self, button: Any) -> None:
        if self._run is not None:
            self._run.stop("Stop was pressed")

    def show(self, run: Any) -> None:
        """Show the panel in the output of the running cell; if the run is over already, what stays of it."""
        with self._lock:
            self._run = run
            if self._verdict is None:
                panel = display(self.box, display_id=True)
                self._handles = panel, _shown(still.text(f"{run.name}: training in the background"))
                return
        for bundle in self._remains():
            _shown(bundle)

    def __call__(self, event: events.Event) -> None:
        """Take in an event of the run; called by the thread that trains."""
        match event:
            case events.TrainBegin():
                self.progress.begin(event.epochs, event.steps)
            case events.EpochBegin():
                self.progress.begin_epoch(event.epoch)
            case events.StepsEnd():
                self.progress.advance(event.epoch, event.step, event.steps)
                self.curves.add_steps(event.epoch, event.step, event.steps, event.logs)
            case events.EpochEnd():
                self.progress.end_epoch(event.epoch)
                self.curves.add_epoch(event.epoch, event.logs)
            case events.Noticed():
                self.findings.append(event.finding)
                self.notes.value = f'<div role="status">{as_html(self.findings, self.names)}</div>'
                return
            case events.TrainEnd():
                self._end(event)
                return
        if self._handles is not None and self.failure is None:
            self.pace.frame(self._draw)

    def _draw(self) -> None:
        # a picture that cannot be drawn must not end the training; the verdict will tell of it
        try:
            self._draw_frame()
        except Exception as failure:
            self.failure = failure

    def _draw_frame(self) -> None:
        line = self.progress.line(self._run.status, self.curves)
        self.status.value = f'<span role="status">{html.escape(line)}</span>'
        self.bar.value = self.progress.fraction
        if self.curves.is_empty:
            return
        if self.figure is None or self.figure.names != tuple(self.curves.names):
            self.figure = CurveFigure(self.curves.names, self.progress.epochs)
        self.image.value = self.figure.frame(self.curves)

    def _end(self, event: events.TrainEnd) -> None:
        with self._lock:
            self._verdict = self.progress.verdict(event.status, self._reason(event), self.curves)
            handles = self._handles
        if handles is not None:
            for handle, (data, metadata) in zip(handles, self._remains(), strict=True):
                handle.update(data, metadata=metadata, raw=True)
        self.close()

    def _reason(self, event: events.TrainEnd) -> str:
        error = self._run.error if self._run is not None else None
        return describe(error).splitlines()[0] if error is not None else event.reason

    def _remains(self) -> list[still.Bundle]:
        """The picture and the verdict; without a picture the verdict takes its place."""
        picture = None
        try:
            picture = None if self.curves.is_empty else still.picture(self.progress.name, self.curves)
        except Exception as failure:
            self.failure = failure
        verdict = self._verdict or ""
        if self.failure is not None:
            verdict += f"; the picture failed: {describe(self.failure)}"
        verdict = still.with_findings(verdict, self.findings, self.names)
        return [picture, still.text(verdict)] if picture else [still.text(verdict), still.text("")]

    def close(self) -> None:
        """Give the widgets back; the front end forgets them."""
        for widget in (*_all_below(self.box), self.stop):
            for part in (widget.layout, getattr(widget, "style", None), widget):
                if part is not None:
                    part.close()


def _all_below(widget: Any) -> Iterator[Any]:
    for child in getattr(widget, "children", ()):
        yield from _all_below(child)
    yield widget


def _shown(bundle: still.Bundle) -> DisplayHandle:
    data, metadata = bundle
    return display(data, metadata=metadata, raw=True, display_id=True)
