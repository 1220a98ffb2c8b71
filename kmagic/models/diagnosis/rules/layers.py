"""Whether the layers of a model can learn: what is frozen, thinned, normalized, squeezed or used twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kmagic.layers.core import Dense
from kmagic.layers.layer import Layer
from kmagic.layers.randomness import RandomLayer
from kmagic.models import editing
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import activation_of, repeated, takers
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.layers import activate, remove, set_option, unfreeze
from kmagic.models.diagnosis.fixes.options import set_options

_MOST_DROPPED = 0.8
_DEEP = 4  # layers of sigmoids through which a gradient shrinks to 1/256 at best
_BATCH = 32
_WIDE = 8  # units


@rule("K153", "nothing to train", once=True)
def nothing_to_train(facts: Facts) -> Finding | None:
    """No weight that training could change."""
    if not facts.model.built or not facts.model.weights or facts.model.trainable_weights:
        return None
    total = facts.model.count_params()
    return Finding("K153", "error", f"0 of {total} parameters are trainable", (unfreeze(facts),))


@rule("K154", "batch normalization over single rows", once=True)
def single_rows(facts: Facts) -> Finding | None:
    """Batches of one row, whose mean is the row itself, so that nothing is left of it."""
    if facts.batch_size != 1 or not facts.x or facts.training_rows < 2:
        return None
    for layer in facts.layers:
        if type(layer).__name__ == "BatchNormalization" and layer.trainable and _is_a_vector(layer):
            message = f"{layer.name!r} normalizes over batches of 1 row: every value becomes the same"
            size = min(_BATCH, facts.training_rows)
            return Finding("K154", "warning", message, (set_options(facts, f"batch_size={size}", batch_size=size),))
    return None


def _is_a_vector(layer: Layer) -> bool:
    """Whether there is nothing but the batch to normalize over: pictures and sequences have axes of their own."""
    return isinstance(layer.output_shape, tuple) and len(layer.output_shape) == 2


@rule("K162", "dropout that leaves too little", once=True)
def dropped_too_much(facts: Facts) -> Finding | None:
    """A rate of dropout in per cent, or one that hardly lets anything through."""
    for layer in facts.layers:
        rate = getattr(layer, "rate", None)
        if "Dropout" not in type(layer).__name__ or not isinstance(rate, int | float) or rate <= _MOST_DROPPED:
            continue
        if rate >= 1:
            meant = rate / 100 if 1 < rate < 100 * _MOST_DROPPED else 0.5
            message = f"the rate of {layer.name!r} is {rate:g}: it is a share between 0 and 1"
            return Finding("K162", "error", message, tuple(_with_rate(facts, layer, meant)))
        message = f"{layer.name!r} has a rate of {rate:g}: it lets only {1 - rate:.2g} of all values through"
        return Finding("K162", "warning", message, tuple(_with_rate(facts, layer, 0.5)))
    return None


@rule("K231", "noise on the output", once=True)
def noisy_output(facts: Facts) -> Finding | None:
    """Dropout or noise behind the last layer spoils the answers themselves, while the model is trained."""
    after = takers(facts.model)
    noisy = [layer for layer in after if isinstance(layer, RandomLayer) and set(after[layer]) == {None}]
    if not noisy or facts.recipe.loss is None:
        return None
    layer = noisy[-1]
    message = f"{layer.name!r}, {type(layer).__name__}, comes after the output layer: it spoils the answers in training"
    is_output = layer.name in facts.output_names and facts.outputs > 1
    return Finding("K231", "warning", message, () if is_output else (remove(facts, layer),))


def _with_rate(facts: Facts, layer: Layer, rate: float) -> Iterator[Fix]:
    if layer in facts.model.layers:
        yield set_option(facts, layer, f"rate={rate:g}", rate=rate)


@rule("K210", "a deep stack of sigmoids", once=True)
def vanishing(facts: Facts) -> Finding | None:
    """Many hidden layers with sigmoid in a row: each makes gradients at least four times smaller."""
    stack = _longest_stack(facts)
    if len(stack) < _DEEP:
        return None
    count = len(stack)
    message = f"{count} hidden layers with sigmoid in a row shrink gradients to at most 1/{4**count:,} on their way"
    return Finding("K210", "warning", message, (activate(facts, stack, "relu"),))


def _longest_stack(facts: Facts) -> list[Any]:
    """Layers with sigmoid of which each takes what the one before gives, without heads."""
    heads, after = _heads(facts), takers(facts.model)
    hidden = {layer for layer in facts.model.layers if activation_of(layer) == "sigmoid" and layer not in heads}
    return max((list(_stack_from(layer, after, hidden)) for layer in hidden), key=len, default=[])


def _stack_from(layer: Any, after: dict[Any, list[Any]], hidden: set[Any]) -> Iterator[Any]:
    seen: set[Any] = set()
    while layer is not None and layer not in seen:
        seen.add(layer)
        yield layer
        layer = next((taker for taker in after.get(layer, []) if taker in hidden), None)


def _heads(facts: Facts) -> list[Any]:
    return [Facts(facts.shared, output).head for output in range(facts.outputs)]


@rule("K216", "a bottleneck of one unit", once=True)
def bottleneck(facts: Facts) -> Finding | None:
    """A hidden Dense layer of one unit: everything behind it sees a single number."""
    if facts.outputs == 1 and facts.output_shape and facts.output_shape == facts.model.input_shape:
        return None  # an autoencoder squeezes on purpose
    heads, after = _heads(facts), takers(facts.model)
    for layer in facts.model.layers:
        behind = after.get(layer, [])
        if (
            layer in heads
            or not behind
            or not _is_dense_of_one(layer)
            or any(type(item) is not Dense for item in behind)
        ):
            continue
        units = max((getattr(taker, "units", 0) for taker in behind if taker not in heads), default=0)
        message = f"{layer.name!r} has 1 unit: all layers behind it get a single number"
        return Finding("K216", "warning", message, (_with_units(facts, layer, max(units, _WIDE)),))
    return None


def _is_dense_of_one(layer: Layer) -> bool:
    return type(layer) is Dense and layer.units == 1 and layer.built and layer.kernel.shape[0] > 1


def _with_units(facts: Facts, layer: Any, units: int) -> Fix:
    """The layer with more units."""

    def change(case: Case) -> Case:
        editing.set_units(case.model, layer, units)
        return case

    code = f"kmagic.models.editing.set_units(model, {layer.name!r}, {units})"
    return Fix(f"Give it {units} units", code, change, facts.case)


@rule("K217", "a layer that is called on its own output", once=True)
def called_again(facts: Facts) -> Finding | None:
    """One layer object several times in a row: all of these layers are one, and share their weights."""
    for layer, times in repeated(facts.model).items():
        if not layer.weights:
            continue
        count = {2: "twice"}.get(times, f"{times} times")
        message = f"{layer.name!r} is called {count} in a row: that is one layer with {layer.count_params():,} weights"

        def change(case: Case, layer: Layer = layer) -> Case:
            editing.separate(case.model, layer)
            return case

        code = f"kmagic.models.editing.separate(model, {layer.name!r})"
        return Finding("K217", "hint", message, (Fix("Give each call its own layer", code, change, facts.case),))
    return None
