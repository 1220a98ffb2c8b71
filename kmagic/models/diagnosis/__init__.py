"""Diagnosis: mistakes in the choice of model, recipe and data, found before the first step.

`facts` are gathered once, `rules/` look at them, one rule a mistake; a finding says what was seen and how to mend it.
`review` returns all findings; `check_data` raises the first that makes the computation meaningless.
"""

from kmagic.models.diagnosis.finding import Finding, Fix
from kmagic.models.diagnosis.review import check_data, review

__all__ = ["Finding", "Fix", "check_data", "review"]
