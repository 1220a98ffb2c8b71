"""Diagnosis: mistakes in the choice of model, recipe and data, found before the first step.

A `case` is a model, a recipe, data and the arguments of `fit`. `facts` are gathered once, `rules/` look at them, one
rule a mistake; a finding says what was seen, and its `fixes` mend it. `diagnose` and `review` return all findings;
`admit` raises and `tell` warns in plain Python; `check_data` raises what makes a computation meaningless.

`preview` measures the first batch by a `probe`, a training step that writes nothing. While a model trains, `watching`
listens: `trends` of the losses, and at epoch edges `symptoms` that a probe shows, make findings by the thresholds of
`policy`.
"""

from kmagic.models.diagnosis.case import Case, Options
from kmagic.models.diagnosis.facts import Facts, Gathered
from kmagic.models.diagnosis.finding import DiagnosisWarning, Finding, Fix, describe
from kmagic.models.diagnosis.review import (
    HELD_OUT,
    admit,
    case_of,
    check_data,
    check_validate,
    diagnose,
    errors,
    review,
    tell,
)

__all__ = [
    "HELD_OUT",
    "Case",
    "DiagnosisWarning",
    "Facts",
    "Finding",
    "Fix",
    "Gathered",
    "Options",
    "admit",
    "case_of",
    "check_data",
    "check_validate",
    "describe",
    "diagnose",
    "errors",
    "review",
    "tell",
]
