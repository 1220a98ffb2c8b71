"""Draw the curves of a run: losses on the left, metrics on the right.

Readable on white and on dark pages: no background, axes in a middle grey, the colours of Okabe and Ito that stand out
from both (Color Universal Design, 2008). Training is a full line, validation a broken one; several metrics differ in
marks too, so nothing depends on colour alone.

Frames of a running training are blitted: axes and legend are drawn once and kept; lines are drawn over a copy. Only
when a point leaves the axes all is drawn anew, with room to grow, so that this happens a few times in a run.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from kmagic.notebook.panels.curves import Curve, Curves, base, is_loss, is_validation
from kmagic.training.events import written

BLUE, VERMILLION, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
GREY = "#7c7c7c"
# One pair of colours (training, validation) and a mark for each measure of an axis, in turn.
STYLES = ((BLUE, VERMILLION, ""), (GREEN, PURPLE, "o"), (SKY, GREY, "^"), (PURPLE, GREEN, "s"))
HEIGHT, WIDTH = 2.75, {1: 4.5, 2: 7.75}  # inches, whole pixels at 96 an inch
LIVE_DPI, FINAL_DPI = 96, 192
FEW_POINTS = 20
# More than a line has pixels, and few enough to be drawn at once however long a run gets.
MANY_POINTS = 1500

Limits = tuple[float, float]


class CurveFigure:
    """The figure of one run. One thread at a time may draw."""

    def __init__(self, names: Iterable[str], epochs: int | None = None, dpi: int = LIVE_DPI) -> None:
        self.names = tuple(names)
        self.epochs = epochs
        groups = [[name for name in self.names if is_loss(name) is loss] for loss in (True, False)]
        groups = [group for group in groups if group]
        self.figure = Figure(figsize=(WIDTH[len(groups)], HEIGHT), dpi=dpi, facecolor="none")
        self.canvas = FigureCanvasAgg(self.figure)
        axes = np.atleast_1d(self.figure.subplots(1, len(groups)))
        left = 0.17 if len(groups) == 1 else 0.1
        self.figure.subplots_adjust(left=left, right=0.975, bottom=0.18, top=0.9, wspace=0.3)
        self.lines: dict[str, Line2D] = {}
        for ax, group in zip(axes, groups, strict=True):
            self._furnish(ax, group)
        self._background: Any = None

    def _furnish(self, ax: Axes, names: list[str]) -> None:
        ax.patch.set_alpha(0)
        ax.grid(color=GREY, alpha=0.3, linewidth=0.6)
        ax.tick_params(colors=GREY, labelsize=8)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        for side, spine in ax.spines.items():
            spine.set_color(GREY)
            spine.set_visible(side in ("left", "bottom"))
        bases = list(dict.fromkeys(map(base, names)))
        for name in names:
            training, validation, mark = STYLES[bases.index(base(name)) % len(STYLES)]
            (line,) = ax.plot([], [], color=validation if is_validation(name) else training)
            line.set(linestyle="--" if is_validation(name) else "-", linewidth=1.8, marker=mark, markersize=4)
            self.lines[name] = line
        title = "loss" if is_loss(names[0]) else ", ".join(bases)
        # fixed places: measuring all labels to find places for these would double the cost of drawing
        texts = [ax.set_title(title, fontsize=9, y=1.02), ax.set_xlabel("epoch", fontsize=8)]
        ax.xaxis.set_label_coords(0.5, -0.14)
        ax.yaxis.set_label_coords(-0.1, 0.5)
        # a label that starts with "_" would be left out
        lines, labels = [self.lines[name] for name in names], [f" {name}" for name in names]
        legend = ax.legend(lines, labels, fontsize=8, framealpha=0)
        for text in (*texts, *legend.get_texts()):
            text.set(color=GREY, parse_math=False)

    def frame(self, curves: Curves) -> bytes:
        """A PNG of the present state."""
        outgrown = [ax for ax in self.figure.axes if self._is_outgrown(ax, curves)]
        for ax in outgrown:
            self._set_limits(ax, curves, with_room=True)
        if outgrown or self._background is None:
            for line in self.lines.values():
                line.set_animated(True)
            self.canvas.draw()
            self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self._background)
        self._set_points(curves)
        for line in self.lines.values():
            line.axes.draw_artist(line)  # type: ignore[union-attr]
        return self._png()

    def final(self, curves: Curves) -> bytes:
        """A PNG to keep, with limits that fit the curves."""
        self._set_points(curves)
        for ax in self.figure.axes:
            self._set_limits(ax, curves, with_room=False)
        for line in self.lines.values():
            line.set_animated(False)
        self._background = None
        self.canvas.draw()
        return self._png()

    def _set_points(self, curves: Curves) -> None:
        for name, line in self.lines.items():
            points = curves.line(name, MANY_POINTS)
            line.set_data(points.x, points.y)
            # a single point, and those of a short run, need a mark to be seen
            if line.get_marker() in ("", "."):
                line.set_marker("." if len(points.x) <= FEW_POINTS else "")

    def _png(self) -> bytes:
        buffer = io.BytesIO()
        imsave(buffer, np.asarray(self.canvas.buffer_rgba()), format="png", pil_kwargs={"compress_level": 1})
        return buffer.getvalue()

    def _points(self, ax: Axes, curves: Curves) -> list[Curve]:
        return [curves.line(name, MANY_POINTS) for name, line in self.lines.items() if line.axes is ax]

    def _is_outgrown(self, ax: Axes, curves: Curves) -> bool:
        x, y = extent(self._points(ax, curves))
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        return x[1] > right or x[0] < left or y[0] < bottom or y[1] > top

    def _set_limits(self, ax: Axes, curves: Curves, with_room: bool) -> None:
        (first, last), (low, high) = extent(self._points(ax, curves))
        if with_room:
            last = min(first + max((last - first) * 2, 1), max(self.epochs or math.inf, last))
        ax.set_xlim(first, max(last, first + 1e-9))
        room = (high - low or abs(high) or 1) * (0.3 if with_room else 0.05)
        bottom = low - room
        # most measures cannot be negative, so neither does the axis suggest it
        ax.set_ylim(max(bottom, 0 if with_room else bottom) if low >= 0 else bottom, high + room)


def extent(curves: Iterable[Curve]) -> tuple[Limits, Limits]:
    """The range of the points on both axes; values that are not finite do not count."""
    curves = list(curves)
    x = [value for curve in curves for value in curve.x]
    y = [value for curve in curves for value in curve.y if math.isfinite(value)]
    return _range(x), _range(y)


def _range(values: list[float]) -> Limits:
    return (min(values), max(values)) if values else (0.0, 1.0)


def described(curves: Curves) -> str:
    """The curves in words, for those who do not see the figure."""
    return "; ".join(f"{name} {_course(curves.line(name), is_loss(name))}" for name in curves.names)


def _course(curve: Curve, lower_is_better: bool) -> str:
    values = [value for value in curve.y if math.isfinite(value)]
    if len(values) < 2:
        return written(values[0]) if values else "is not a number"
    course = f"from {written(values[0])} to {written(values[-1])}"
    lowest = f" (lowest {written(min(values))})" if lower_is_better and min(values) < values[-1] else ""
    return course + lowest
