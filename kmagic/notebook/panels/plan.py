"""A plan as text and as a picture."""

from __future__ import annotations

from typing import Any

from IPython.display import display


def show(plan: Any, brief: bool = False) -> None:
    """Print the plan, or its headline only, and show its picture where pictures can be shown."""
    print(plan.headline() if brief else plan)
    display({"image/svg+xml": plan.svg()}, raw=True)
