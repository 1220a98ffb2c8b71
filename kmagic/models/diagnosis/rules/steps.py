"""Steps of the model's preparation that do not fit the data."""

from __future__ import annotations

from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule


@rule("K230", "a preparation step that does not take the data", once=True, any_step=True)
def unprepared(facts: Facts) -> Finding | None:
    """A step that was attached for other data: a label that it does not know, or done already by hand or by a fix."""
    failed = facts.preparation_error
    if failed is None:
        return None
    title, error = failed
    number = next(place for place, step in enumerate(facts.model.preparation.steps) if step is error.step)
    name = type(error.step).__name__
    expected = f", expected {error.expected}" if error.expected else ""
    message = f"model.preparation's step {name} does not take {title}{error.part}: {error.found}{expected}"

    def change(case: Case) -> Case:
        case.model.preparation = case.model.preparation.without(number)
        return case

    code = f"model.preparation = model.preparation.without({number})"
    return Finding("K230", "error", message, (Fix(f"Remove {name}", code, change, facts.case),), is_meaningless=True)
