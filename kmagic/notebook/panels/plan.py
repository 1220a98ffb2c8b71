"""A plan as text and as a picture."""

from __future__ import annotations

from typing import Any

from IPython.display import display


def show(plan: Any) -> None:
    """Print the plan, and show its picture where pictures can be shown; a terminal leaves it out."""
    print(plan)
    display({"image/svg+xml": plan.svg()}, raw=True)
