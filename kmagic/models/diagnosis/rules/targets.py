"""Whether targets and features suit the loss and the output."""

from __future__ import annotations

from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, rule
from kmagic.models.diagnosis.fixes.data import drop_missing

_MANY_CLASSES = 1000  # whole numbers up to here are taken for classes, larger ones for quantities


@rule("K122", "NaN or infinity in the data", always=True)
def not_finite(facts: Facts) -> Finding | None:
    """NaN or infinity in features or targets."""
    for found in (*facts.x, facts.y):
        if found is not None and found.is_number and found.bad is not None and found.array is not None:
            value = found.array[found.bad]
            where = f"row {found.bad[0]}" + (f", column {found.bad[1]}" if len(found.bad) > 1 else "")
            return Finding(
                "K122",
                "error",
                f"{found.name} holds {value} ({where})",
                (drop_missing(facts, found),),
                is_meaningless=True,
            )
    return None
