"""A small picture of a learning-rate schedule, readable on white and on dark pages."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kmagic.notebook.panels.figure import BLUE, GREY
from kmagic.training.events import written

SIZE, DPI = (3.9, 1.25), 160  # inches, pixels an inch
POINTS = 240
# How far behind the steps that its arguments name a schedule is shown; what goes on there needs more room.
BEYOND, FAR_BEYOND = 1.25, 3
GOES_ON = {"t_mul", "decay_rate", "cycle"}


def horizon(schedule: Any, otherwise: int = 1000) -> int:
    """Up to which step a schedule is worth seeing: somewhat past the steps that its arguments name."""
    arguments = getattr(schedule, "arguments", {})
    named = [value for name, value in arguments.items() if name.endswith("steps") and isinstance(value, int | float)]
    limits = arguments.get("boundaries") or ()
    last = max([sum(named), *limits], default=0)
    return max(int(last * (FAR_BEYOND if GOES_ON & set(arguments) else BEYOND)), 1) if last else otherwise


def course(schedule: Any, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The learning rate at steps from 0 to the horizon."""
    at = np.unique(np.linspace(0, steps, POINTS).astype(int))
    try:
        rates = np.asarray(schedule(at), "float64")
    except Exception:  # a schedule of the user's own may know single steps only
        rates = np.empty(0)
    return at, rates if rates.shape == at.shape else np.asarray([float(schedule(int(step))) for step in at])


def draw(schedule: Any, otherwise: int = 1000) -> bytes:
    """The curve as a PNG."""
    steps, rates = course(schedule, horizon(schedule, otherwise))
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    ax = figure.subplots()
    ax.patch.set_alpha(0)
    ax.plot(steps, rates, color=BLUE, linewidth=1.8)
    ax.fill_between(steps, rates, color=BLUE, alpha=0.12, linewidth=0)
    ax.set_xlim(0, steps[-1] or 1)
    ax.set_ylim(0, (float(rates.max()) or 1) * 1.12)
    ax.grid(color=GREY, alpha=0.3, linewidth=0.6)
    ax.tick_params(colors=GREY, labelsize=7)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(3))
    for side, spine in ax.spines.items():
        spine.set_color(GREY)
        spine.set_visible(side in ("left", "bottom"))
    ax.set_xlabel("step", fontsize=7, color=GREY, labelpad=1)
    figure.subplots_adjust(left=0.17, right=0.97, bottom=0.3, top=0.95)
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()


def described(schedule: Any, otherwise: int = 1000) -> str:
    """The curve in words, for those who do not see it."""
    steps, rates = course(schedule, horizon(schedule, otherwise))
    highest = f", at most {written(float(rates.max()))}" if rates.max() > max(rates[0], rates[-1]) else ""
    return f"from {written(float(rates[0]))} to {written(float(rates[-1]))} over {steps[-1]} steps{highest}"
