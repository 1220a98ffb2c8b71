"""Every wrong combination gives its finding, every fix mends it; no right one gives more than a hint."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.models.diagnosis import Case, Finding, case_of, review
from kmagic.models.diagnosis.rules import every_rule
from kmagic.models.recipe import make_recipe
from tests.models.diagnosis import example
from tests.models.diagnosis.example import CORRECT, WRONG, Example, Wrong

example.load()

EPOCHS = 12


def looked_at(given: Example) -> list[Finding]:
    return review(case(given))


def case(given: Example) -> Case:
    return case_of(given.model, given.x, given.y, **given.recipe, **given.fit)


def of_code(found: list[Finding], code: str) -> list[Finding]:
    return [finding for finding in found if finding.code == code]


def fix_numbers() -> list[Any]:
    """Every fix of every wrong example."""
    found = []
    for name, wrong in WRONG.items():
        kmagic.utils.set_random_seed(7)
        findings = of_code(looked_at(wrong.make()), wrong.code)
        count = len(findings[0].fixes) if findings else 0
        found += [pytest.param(wrong, number, id=f"{name} fix {number}") for number in range(count)]
    return found


@pytest.fixture(autouse=True)
def seeded() -> None:
    kmagic.utils.set_random_seed(7)


@pytest.mark.parametrize("right", [pytest.param(right, id=title) for title, right in CORRECT.items()])
def test_no_more_than_hints_for_what_is_right(right: example.Correct) -> None:
    given = right.make()
    found = [str(finding) for finding in looked_at(given) if finding.severity != "hint"]
    assert not found
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if given.recipe or not given.model.compiled:
            given.model.compile(**given.recipe)
        history = given.model.fit(given.x, given.y, verbose=0, **{"epochs": 2, **given.fit})
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize("wrong", [pytest.param(wrong, id=name) for name, wrong in WRONG.items()])
def test_the_finding_says_what_was_seen(wrong: Wrong) -> None:
    found = looked_at(wrong.make())
    own = of_code(found, wrong.code)
    assert own, [str(finding) for finding in found]
    assert own[0].severity == wrong.severity
    for text in wrong.says:
        assert text in own[0].message, own[0].message
    assert len(own[0].fixes) >= wrong.fixes, own[0]


@pytest.mark.parametrize(("wrong", "number"), fix_numbers())
def test_a_fix_mends_it_and_training_works(wrong: Wrong, number: int) -> None:
    given = wrong.make()
    before = looked_at(given)
    mended = of_code(before, wrong.code)[0].fixes[number].apply()
    after = review(mended)
    assert not of_code(after, wrong.code), [str(finding) for finding in after]
    worse = {f.code for f in after if f.severity == "error"} - {f.code for f in before}
    assert not worse, [str(finding) for finding in after]
    if given.trains and not [finding for finding in after if finding.severity == "error"]:
        assert_learns(mended, given)


def assert_learns(mended: Case, given: Example) -> None:
    model = mended.model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.compile(**mended.recipe.chosen())
        options = {"epochs": EPOCHS, **mended.options.chosen()}
        losses = model.fit(mended.x, mended.y, verbose=0, **options).history["loss"]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] or len(losses) == 1, losses


@pytest.mark.parametrize(("wrong", "number"), fix_numbers())
def test_the_code_of_a_fix_does_the_same(wrong: Wrong, number: int) -> None:
    given = wrong.make()
    fix = of_code(looked_at(given), wrong.code)[0].fixes[number]
    after = ran(fix.code, given)
    assert not of_code(looked_at(after), wrong.code), fix.code
    if after.recipe is not given.recipe:  # what it compiles with can be made
        further = ("keep_optimizer_state", "validate")
        make_recipe(**{name: value for name, value in after.recipe.items() if name not in further})


def ran(code: str, given: Example) -> Example:
    """The example after a fix's code was run, with calls of `compile` and `fit` noted instead of made."""
    noted: dict[str, Any] = {}
    model = given.model
    names: dict[str, Any] = {"model": model, "x": given.x, "y": given.y, "numpy": np, "kmagic": kmagic}
    names |= {name: value for name, value in given.fit.items() if name not in names}
    vars(model)["compile"] = lambda **arguments: noted.update(recipe=arguments)
    vars(model)["fit"] = lambda x=None, y=None, **arguments: noted.update(fit=arguments)
    try:
        exec(code, names)
    finally:
        del vars(model)["compile"], vars(model)["fit"]
    return replace(
        given,
        model=names["model"],
        x=names["x"],
        y=names["y"],
        recipe=noted.get("recipe", given.recipe),
        fit=noted.get("fit", {name: names.get(name, value) for name, value in given.fit.items()}),
    )


CODES = {rule.code for rule in every_rule()}


def test_there_are_two_examples_of_each_mistake() -> None:
    codes = [wrong.code for wrong in WRONG.values()]
    assert not [code for code in sorted(CODES) if codes.count(code) < 2]


def test_all_sixty_are_known_and_many_beyond() -> None:
    sixty = {f"K{number}" for number in range(101, 161)}
    assert sixty <= CODES and len(CODES - sixty) >= 15


def test_there_are_forty_right_combinations() -> None:
    assert len(CORRECT) >= 40
