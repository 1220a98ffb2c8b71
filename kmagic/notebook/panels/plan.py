"""A plan as text and as a picture."""

from __future__ import annotations

from typing import Any


def bundle(plan: Any) -> dict[str, str]:
    """The plan in each form that a front end may show."""
    return {"text/plain": str(plan), "image/svg+xml": plan.svg()}
