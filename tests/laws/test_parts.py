"""Laws of every registered part: documented, described by its config, bounded, and found by its names."""

import importlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmagic
from kmagic.base.errors import BadType, BadValue, KmagicError, UnknownName
from kmagic.base.parameters import parameters_of
from kmagic.base.registry import Entry, Registry
from tests.laws.part_examples import (
    arguments_of,
    behaviour,
    entries,
    examples_of,
    inside,
    outside,
    pair,
    required,
    run_example,
    smallest,
)

MATHEMATICAL = (
    "loss",
    "metric",
    "optimizer",
    "schedule",
    "activation",
    "layer",
    "initializer",
    "regularizer",
    "constraint",
)
CITED = ("loss", "optimizer", "activation")


def cases(*kinds: str, classes: bool = False) -> list[Any]:
    found = [(r, e) for r, e in entries(*kinds) if isinstance(e.target, type) or not classes]
    return [pytest.param(registry, entry, id=f"{registry.kind}-{entry.name}") for registry, entry in found]


BOUNDED = [
    pytest.param(entry, parameter, id=f"{registry.kind}-{entry.name}-{parameter.name}")
    for registry, entry in entries()
    for parameter in entry.parameters
    if parameter.bound
]


def test_every_kind_of_part_is_here() -> None:
    assert {registry.kind for registry, _ in entries()} >= {*MATHEMATICAL, "callback"}


@pytest.mark.parametrize(("registry", "entry"), cases())
def test_says_what_it_is(registry: Registry, entry: Entry) -> None:
    assert entry.summary.endswith((".", ")")) and entry.summary[0].isupper()
    assert "\n\n" not in entry.summary and len(entry.summary) <= 240


@pytest.mark.parametrize(("registry", "entry"), cases(*MATHEMATICAL))
def test_shows_its_formula(registry: Registry, entry: Entry) -> None:
    assert entry.formula


@pytest.mark.parametrize(("registry", "entry"), cases(*CITED))
def test_names_its_source(registry: Registry, entry: Entry) -> None:
    assert entry.section("Source")


@pytest.mark.parametrize(("registry", "entry"), cases(*MATHEMATICAL))
def test_its_example_is_true(registry: Registry, entry: Entry) -> None:
    assert examples_of(entry)
    result = run_example(entry)
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.parametrize(("registry", "entry"), cases())
def test_every_spelling_finds_it(registry: Registry, entry: Entry) -> None:
    for spelling in {entry.name, *entry.aliases, *entry.exports}:
        assert registry.find(spelling) is entry
        assert registry.find(spelling).target is entry.target
    module = importlib.import_module(registry.package)
    for public in entry.exports:
        assert getattr(module, public) is entry.target and public in dir(module)
    assert entry.name in registry.names() and registry.entry_of(entry.target) is entry


@pytest.mark.parametrize(("registry", "entry"), cases())
def test_typing_errors_get_a_suggestion(registry: Registry, entry: Entry) -> None:
    for wrong in (f"{entry.name}q", f"{entry.name[0]}{entry.name}"):
        with pytest.raises(UnknownName, match=f"unknown {registry.kind} '{wrong}'") as caught:
            registry.find(wrong)
        spellings = {entry.name, *entry.aliases, *entry.exports}
        assert any(repr(spelling) in str(caught.value.fix) for spelling in spellings)


@pytest.mark.parametrize(("entry", "parameter"), [case for case in BOUNDED if isinstance(case.values[0].target, type)])
@settings(max_examples=12)
@given(data=st.data())
def test_bounds_are_enforced(entry: Entry, parameter: Any, data: Any) -> None:
    arguments = required(entry)
    entry.target(**{**arguments, parameter.name: data.draw(inside(parameter.bound))})
    value = data.draw(outside(parameter.bound))
    with pytest.raises(KmagicError) as caught:
        entry.target(**{**arguments, parameter.name: value})
    assert isinstance(caught.value, BadValue | BadType)
    assert caught.value.where == entry.target.__name__
    assert caught.value.found.startswith(f"{parameter.name} is ") and caught.value.expected == str(parameter.bound)


FORMULAS = [
    pytest.param(function, parameter, id=f"{registry.kind}-{function.__name__}-{parameter.name}")
    for registry, entry in entries()
    if (function := getattr(entry.target, "function", None if isinstance(entry.target, type) else entry.target))
    for parameter in parameters_of(function)
    if parameter.bound
]


@pytest.mark.parametrize(("function", "parameter"), FORMULAS)
@settings(max_examples=12)
@given(data=st.data())
def test_plain_functions_keep_their_bounds_too(function: Any, parameter: Any, data: Any) -> None:
    needed = [other for other in parameters_of(function) if other.required]
    arrays = [np.ones((2, 4)) for other in needed if not other.bound]
    options = {other.name: smallest(other) for other in needed if other.bound}
    value = data.draw(outside(parameter.bound))
    with pytest.raises(KmagicError) as caught:
        function(*arrays, **{**options, parameter.name: value})
    assert isinstance(caught.value, BadValue | BadType)
    assert caught.value.where == function.__name__ and caught.value.expected == str(parameter.bound)


def test_options_inside_their_bounds_reach_the_formula() -> None:
    assert kmagic.activations.leaky_relu(np.array([-1.0]), 0.5).tolist() == [-0.5]
    # smoothing by 1 makes every target one half
    loss = kmagic.losses.binary_crossentropy(np.array([1.0]), np.array([0.5]), label_smoothing=1.0)
    assert float(loss) == pytest.approx(np.log(2))


@pytest.mark.parametrize(("registry", "entry"), cases(classes=True))
def test_unknown_arguments_are_refused(registry: Registry, entry: Entry) -> None:
    for parameter in entry.parameters[:1]:
        wrong = f"{parameter.name}x"
        with pytest.raises(BadType, match=wrong) as caught:
            entry.target(**{**required(entry), wrong: 1})
        assert f"{parameter.name}" in str(caught.value.fix)


@pytest.mark.parametrize(("registry", "entry"), cases(classes=True))
def test_config_makes_an_equal_part(registry: Registry, entry: Entry) -> None:
    part = entry.target(**required(entry))
    config = part.get_config()
    # a part that needs a function of the user's keeps it, which is no plain data
    if not any(callable(value) for value in required(entry).values()):
        assert json.loads(json.dumps(config)) == config
    again = entry.target.from_config(config)
    assert type(again) is type(part) and again.get_config() == config


@pytest.mark.parametrize(("registry", "entry"), cases(*MATHEMATICAL, classes=True))
@settings(max_examples=8)
@given(data=st.data())
def test_serialized_parts_behave_equally(registry: Registry, entry: Entry, data: Any) -> None:
    module = importlib.import_module(registry.package)
    part = entry.target(**{**data.draw(arguments_of(entry)), **fixed_seed(entry)})
    written = module.serialize(part)
    described = {"module": registry.package, "class_name": entry.target.__name__, "registered_name": None}
    assert described == {name: written[name] for name in described} and written["config"] == part.get_config()
    again = module.deserialize(json.loads(json.dumps(written)))
    assert again is not part and module.serialize(again) == written
    with np.errstate(all="ignore"):  # at the ends of their bounds some give no number
        pairs = list(zip(behaviour(registry, entry, part), behaviour(registry, entry, again), strict=True))
    for before, after in pairs:
        np.testing.assert_array_equal(before, after)


def fixed_seed(entry: Entry) -> dict[str, int]:
    return {"seed": 5} if any(parameter.name == "seed" for parameter in entry.parameters) else {}


@pytest.mark.parametrize(("registry", "entry"), cases("activation"))
def test_functions_are_their_names(registry: Registry, entry: Entry) -> None:
    module = importlib.import_module(registry.package)
    assert module.serialize(entry.target) == entry.name
    assert module.deserialize(entry.name) is entry.target and module.get(entry.name) is entry.target


FUNCTIONS = [case for case in cases("loss", "metric") if hasattr(case.values[1].target, "function")]


@pytest.mark.parametrize(("registry", "entry"), FUNCTIONS)
def test_functions_of_losses_and_metrics_are_public(registry: Registry, entry: Entry) -> None:
    function = entry.target.function
    assert getattr(importlib.import_module(registry.package), function.__name__) is function
    assert np.asarray(function(*pair(entry))).shape == (4,) if "n]" in str(entry.shapes) else True
