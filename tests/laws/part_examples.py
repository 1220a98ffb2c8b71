"""What laws need of any registered part, read from the part itself: arguments from bounds, calls from its own example.

A required argument without a bound (the shape of `Reshape`) comes from the call that the part's docstring shows.
"""

import doctest
import functools
import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import strategies as st

from kmagic.base import shapes
from kmagic.base.parameters import Bound, Parameter
from kmagic.base.parts import Part
from kmagic.base.registry import Entry, Registry
from kmagic.base.shapes import signature
from kmagic.base.trees import leaves, mapped
from kmagic.cli.parts import registries
from kmagic.graph.variable import Variable
from kmagic.layers import Layer

Array = np.ndarray[Any, Any]
BY_KIND: dict[str, Registry] = {registry.kind: registry for registry in registries()}


def entries(*kinds: str) -> Iterator[tuple[Registry, Entry]]:
    """All parts of these kinds, or of all kinds."""
    for kind in kinds or BY_KIND:
        for entry in BY_KIND[kind].entries():
            yield BY_KIND[kind], entry


def namespace(entry: Entry) -> dict[str, Any]:
    """What an example of the part sees: its module and itself."""
    module = importlib.import_module(entry.target.__module__)
    function = getattr(entry.target, "function", entry.target)
    return {**vars(module), function.__name__: function, entry.target.__name__: entry.target}


def examples_of(entry: Entry) -> list[doctest.DocTest]:
    """The examples in the part's docstring."""
    finder = doctest.DocTestFinder(recurse=False)
    return [test for test in finder.find(entry.target, entry.name, globs=namespace(entry)) if test.examples]


def run_example(entry: Entry) -> doctest.TestResults:
    """Run the examples; failures are printed."""
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS, verbose=False)
    for test in examples_of(entry):
        runner.run(test)
    return runner.summarize(verbose=False)


@dataclass
class Shown:
    """How an example makes a layer, and the array, or list of arrays, that it calls the layer with, if it does."""

    arguments: dict[str, Any]
    inputs: Any


def shown(entry: Entry) -> Shown:
    """What the part's own example does."""
    calls: list[tuple[Layer, Any]] = []
    made: list[Any] = []
    call, start = Layer.__call__, entry.target.__init__

    def watched_call(self: Layer, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append((self, inputs))
        return call(self, inputs, *args, **kwargs)

    @functools.wraps(start)  # parameters are read off it, and kept
    def watched_start(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        made.append(self)

    with mock.patch.object(Layer, "__call__", watched_call), mock.patch.object(entry.target, "__init__", watched_start):
        run_example(entry)
    defaults = {parameter.name: parameter.default for parameter in entry.parameters}
    given = {name: value for name, value in made[0].arguments.items() if value is not defaults.get(name)}
    return Shown(given, next((mapped(np.asarray, inputs) for layer, inputs in calls if layer is made[0]), None))


def called_layers() -> list[Entry]:
    """The layers that their own examples call on numbers."""
    called = [entry for _, entry in entries("layer") if entry.shapes and shown(entry).inputs is not None]
    return [entry for entry in called if not reads_text(entry)]


def inside(bound: Bound) -> st.SearchStrategy[Any]:
    """Values within a bound."""
    if bound.choices:
        return st.sampled_from(bound.choices)
    low = bound.at_least if bound.at_least is not None else bound.above
    high = bound.at_most if bound.at_most is not None else bound.below
    if bound.whole:
        return st.integers(int(low) if low is not None else -50, int(high) if high is not None else 50)
    low, high = (-1e3 if low is None else low), (1e3 if high is None else high)
    return st.floats(low, high).filter(bound.holds)


def outside(bound: Bound) -> st.SearchStrategy[Any]:
    """Values beyond a bound: numbers past its ends, NaN, fractions of what is whole, things of other kinds."""
    strangers = st.sampled_from(["three", (1, 2), True, float("nan"), 1j])
    if bound.choices:
        return (st.text() | st.integers()).filter(lambda value: value not in bound.choices)
    numbers = st.floats(-1e6, 1e6).filter(lambda value: not bound.holds(value))
    bounded = any(limit is not None for limit in (bound.at_least, bound.above, bound.at_most, bound.below))
    fractions = st.integers(-5, 5).map(lambda value: value + 0.5) if bound.whole else st.nothing()
    return strangers | fractions | (numbers if bounded else st.nothing())


def required(entry: Entry) -> dict[str, Any]:
    """Arguments that the part cannot be made without."""
    arguments = {p.name: smallest(p) for p in entry.parameters if p.required and p.bound}
    if any(p.required and not p.bound for p in entry.parameters) or not can_be_made(entry, arguments):
        arguments = {**shown(entry).arguments, **arguments}
    return {name: unused(value) for name, value in arguments.items()}


def function_of(entry: Entry) -> Any:
    """What a part computes of one array: a class is made, a function gets the options that it cannot do without."""
    if isinstance(entry.target, type):
        return entry.target(**required(entry))
    given = {p.name: smallest(p) for p in entry.parameters if p.required and p.bound}
    return functools.partial(entry.target, **given)


def can_be_made(entry: Entry, arguments: dict[str, Any]) -> bool:
    """Whether these arguments suffice."""
    try:
        entry.target(**arguments)
    except (TypeError, ValueError):
        return False
    return True


def smallest(parameter: Parameter) -> Any:
    """A value within the bound that is not at its lower end, where it often means "off"."""
    bound = parameter.bound
    assert bound is not None
    if bound.choices:
        return bound.choices[-1]
    candidates = (3, 0.25, 0, -1)
    return next(value for value in candidates if bound.holds(value))


@st.composite
def arguments_of(draw: Any, entry: Entry) -> dict[str, Any]:
    """Arguments of a part: what is required, and a value within its bound for each parameter that has one."""
    drawn = {p.name: draw(inside(p.bound)) for p in entry.parameters if p.bound}
    exclusive = [name for name in drawn if "clip" in name]
    for name in exclusive[1:]:
        del drawn[name]
    return {**required(entry), **drawn}


def scores(entry: Entry, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Predictions of the kind that a loss or metric wants: probabilities where its tags say so."""
    if "class numbers" in entry.tags:
        return generator.integers(0, shape[-1], shape)
    values = generator.uniform(0.1, 1.0, shape)
    return values / values.sum(-1, keepdims=True) * 0.9 if "probabilities" in entry.tags else values


def targets(entry: Entry, prediction: Array, generator: np.random.Generator) -> Array:
    """Targets of the kind that a loss or metric wants."""
    classes = prediction.shape[-1]
    if "class numbers" in entry.tags:
        return generator.integers(0, classes, prediction.shape)
    if "sequences" in entry.tags:
        return generator.integers(1, classes, (len(prediction), 2))
    if "integer labels" in entry.tags:
        return generator.integers(0, classes, prediction.shape[:-1])
    if "one-hot labels" in entry.tags:
        return np.eye(classes)[generator.integers(0, classes, prediction.shape[:-1])]
    if "binary" in entry.tags:
        return generator.integers(0, 2, prediction.shape).astype(float)
    return generator.uniform(0.1, 1.0, prediction.shape)


def admits(entry: Entry, shape: tuple[int, ...]) -> bool:
    """Whether a prediction of a loss or metric may have this shape."""
    return not entry.shapes or shapes.signature(entry.shapes).inputs[-1].match(shape, {})


def pair(entry: Entry, shape: tuple[int, ...] | None = None, seed: int = 0, samples: int = 4) -> tuple[Array, Array]:
    """A target and a prediction for a loss or metric."""
    generator = np.random.default_rng(seed)
    usual = (samples, 3) if admits(entry, (samples, 3)) else (samples, 5, 3)
    prediction = scores(entry, shape or usual, generator)
    return targets(entry, prediction, generator), prediction


def weight_shape(entry: Entry) -> tuple[int, ...]:
    """A shape that an initializer can fill: of two axes, unless it declares another number."""
    tokens = signature(entry.shapes).outputs[0].tokens if entry.shapes else ("rows", "columns")
    named = [token for token in tokens if not token.startswith("*")]
    return (5, 4, 3)[: len(named)]


def behaviour(registry: Registry, entry: Entry, part: Any) -> list[Array]:
    """What a part does, as arrays: two parts with equal arguments do the same."""
    x = np.random.default_rng(7).uniform(0.1, 1.0, (4, 3))
    match registry.kind:
        case "loss":
            return [np.asarray(part(*pair(entry)))]
        case "metric":
            part.update_state(*(pair(entry) if entry.shapes else (x,)))
            with warnings.catch_warnings():  # of more regressors than samples
                warnings.simplefilter("ignore")
                return [np.asarray(part.result())]
        case "initializer":
            return [np.asarray(part(weight_shape(entry)))]
        case "regularizer" | "constraint" | "activation":
            return [np.asarray(part(x))]
        case "layer":
            given = shown(entry).inputs
            if isinstance(given, np.ndarray) and given.dtype.kind == "i":
                given = 0 * given  # there may be no more numbers to look up than one
            if getattr(part, "can_adapt", False):
                part.adapt(x if given is None else given)
            return [np.asarray(leaf).shape for leaf in leaves(part(x if given is None else given))]
        case "schedule":
            return [np.asarray(part(np.arange(9)))]
        case "optimizer":
            return two_steps(part)
        case _:
            return []


def reads_text(entry: Entry) -> bool:
    """Whether a layer's example calls it on text, which it reads before the graph."""
    return any(np.asarray(leaf).dtype.kind == "U" for leaf in leaves(shown(entry).inputs))


def unused(value: Any, **changed: Any) -> Any:
    """The parts that an argument holds, made anew: an example may have used them; layers with changed arguments."""
    if isinstance(value, list):
        return [unused(item, **changed) for item in value]
    if not isinstance(value, Part):
        return value
    return type(value).from_config({**value.get_config(), **(changed if isinstance(value, Layer) else {})})


def two_steps(optimizer: Any) -> list[Array]:
    """A weight after each of two steps of an optimizer."""
    weight = Variable(np.linspace(-1, 1, 12).reshape(4, 3))
    found = []
    for gradient in np.random.default_rng(3).normal(size=(2, 4, 3)):
        optimizer.apply([gradient], [weight])
        found.append(weight.numpy())
    return found
