"""Layers that make one of several inputs, with masks where they matter."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import StepCase, layer_steps

TWO, THREE = ((3, 4), (3, 4)), ((3, 4), (3, 4), (3, 4))
STEPS, RANKS = ((3, 4, 2), (3, 4, 2)), ((2, 3, 4), (2, 4))
EACH = ("Add", "Multiply", "Average", "Maximum", "Minimum")

CASES = (
    *(StepCase(part, {}, shapes) for part in EACH for shapes in (TWO, THREE, RANKS)),
    *(StepCase(part, {}, STEPS, padded=True) for part in EACH),
    StepCase("Subtract", {}, TWO),
    StepCase("Subtract", {}, ((2, 3, 4), (2, 1, 4))),
    StepCase("Subtract", {}, STEPS, padded=True),
    StepCase("Concatenate", {}, ((3, 4), (3, 2), (3, 1))),
    StepCase("Concatenate", {"axis": 1}, ((2, 3, 4), (2, 1, 4))),
    StepCase("Concatenate", {"axis": 1}, STEPS, padded=True),
    StepCase("Concatenate", {}, STEPS, padded=True),
    StepCase("Dot", {"axes": 1}, TWO),
    StepCase("Dot", {"axes": -1, "normalize": True}, TWO),
    StepCase("Dot", {"axes": (2, 1)}, ((2, 3, 4), (2, 4, 5))),
    StepCase("Dot", {"axes": (1, 2)}, ((2, 4, 3), (2, 5, 4))),
    StepCase("Dot", {"axes": 2, "normalize": True}, ((2, 3, 4), (2, 5, 4))),
    StepCase("Dot", {"axes": (1, 1)}, ((2, 3), (2, 3, 4))),
    StepCase("Dot", {"axes": (2, 1)}, ((2, 4, 3), (2, 3))),
    StepCase("Dot", {"axes": (3, 1)}, ((2, 3, 2, 4), (2, 4, 5))),
)

AREAS = (Area("layers that merge", CASES, layer_steps),)
