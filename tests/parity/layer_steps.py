"""One experiment for layers: outputs, masks, gradients and state, in inference and in training.

Gradients of weights, and what becomes of state, are seen in one training step of a model: plain SGD with learning rate
1 moves each weight by its gradient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import inputs
from .area import Arguments, Library, Results, written
from .operations import gradients
from .reading import config_of, numpy_of, variable_facts

Array = np.ndarray


@dataclass(frozen=True)
class Inner:
    """A layer that another one holds."""

    part: str
    arguments: Arguments = field(default_factory=dict)

    def __repr__(self) -> str:
        return written(self.part, self.arguments)


@dataclass(frozen=True)
class StepCase:
    """A layer called on arrays of some shapes, normal ones, or whole numbers below `whole`.

    With `padded`, steps at the ends of the sequences are 0, and a Masking layer comes before. `call` holds further
    arguments of the call; a tuple of whole numbers among them is the shape of a normal array, and a list of such tuples
    several arrays. Several inputs are passed as a list, or `apart`.
    """

    part: str
    arguments: Arguments
    shapes: Sequence[tuple[int, ...]]
    call: Arguments = field(default_factory=dict)
    whole: int = 0
    padded: bool = False
    apart: bool = False

    @property
    def name(self) -> str:
        called = ", ".join(f"{name}={value}" for name, value in self.call.items())
        padded = ", padded" if self.padded else ""
        shapes = " and ".join(map(str, self.shapes))
        return f"{written(self.part, self.arguments)} on {shapes}{padded}{f', {called}' if called else ''}"


def made(library: Library, value: Any) -> Any:
    """An argument with the layers that it describes."""
    if isinstance(value, Inner):
        return getattr(library.layers, value.part)(**{k: made(library, v) for k, v in value.arguments.items()})
    return [made(library, item) for item in value] if isinstance(value, list) else value


def arrays_of(case: StepCase) -> list[Array]:
    """The arrays that a layer is called on."""
    if case.whole:
        stream = inputs.generator("whole", case.part)
        return [stream.integers(0, case.whole, shape).astype("int32") for shape in case.shapes]
    found = [inputs.normal("step", place, shape=shape) + 0.25 for place, shape in enumerate(case.shapes)]
    return [padded(array) for array in found] if case.padded else found


def padded(array: Array) -> Array:
    """Sequences of which the first is whole, and each further one is one step shorter; the third begins late."""
    result = array.copy()
    for row in range(1, len(array)):
        result[row, max(1, array.shape[1] - row) :] = 0
    if len(array) > 2:
        result[2, 0] = 0
    return result


def further(case: StepCase) -> list[Array]:
    """The arrays among the further arguments of a call, in order; masks are true in two places of three."""
    found = []
    for name, given in case.call.items():
        for place, shape in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(shape, tuple):
                array = inputs.normal(name, place, shape=shape)
                found.append(array > -0.3 if "mask" in name else array)
    return found


def placed(arguments: Mapping[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    """The further arguments of a call with values in place of shapes."""
    left = iter(values)

    def value(given: Any) -> Any:
        if isinstance(given, list):
            return [value(item) for item in given]
        return next(left) if isinstance(given, tuple) else given

    return {name: value(given) for name, given in arguments.items()}


class Called:
    """A layer with what it is called on."""

    def __init__(self, library: Library, case: StepCase) -> None:
        self.library, self.case = library, case
        self.layer = made(library, Inner(case.part, {**case.arguments, "name": "layer"}))
        self.before = [library.layers.Masking(name=f"masking_{place}") for place in range(len(case.shapes))]
        self.arrays = arrays_of(case)
        self.options = further(case)

    def __call__(self, given: Sequence[Any], training: bool | None = None, options: Any = None) -> list[Any]:
        """The outputs, one after the other."""
        tensors = [self.library.ops.convert_to_tensor(array) for array in self.options] if options is None else options
        values = [mask(x) for mask, x in zip(self.before, given, strict=True)] if self.case.padded else list(given)
        mode = {} if training is None or not takes_training(self.layer) else {"training": training}
        further = placed(self.case.call, tensors)
        passed = values if self.case.apart or len(values) == 1 else [values]
        found = self.layer(*passed, **further, **mode)
        return list(found) if isinstance(found, list | tuple) else [found]

    def tensors(self) -> list[Any]:
        """The arrays as the library has them."""
        return [self.library.ops.convert_to_tensor(array) for array in self.arrays]

    def set_weights(self) -> None:
        """Known weights, those of moving averages of squares positive."""
        shapes = [array.shape for array in self.layer.get_weights()]
        names = [variable.name for variable in self.layer.weights]
        drawn = inputs.weights(shapes, "layer steps")
        pairs = zip(drawn, names, strict=True)
        self.layer.set_weights([np.abs(a) + 0.5 if "variance" in n or "stddev" in n else a for a, n in pairs])


def told(config: Any) -> Any:
    """A configuration without the penalties that there are not: some layers of Keras list them and others do not."""
    if isinstance(config, list):
        return [told(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {name: told(value) for name, value in config.items() if (name, value) != ("activity_regularizer", None)}


def takes_training(layer: Any) -> bool:
    """Whether a layer's call has a mode."""
    return "training" in type(layer).call.__code__.co_varnames


def layer_steps(library: Library, case: StepCase) -> Results:
    """What a layer gives and learns."""
    called = Called(library, case)
    config = told(config_of(called.layer))
    called(called.tensors())
    called.set_weights()
    start = called.layer.get_weights()
    results: Results = {"config": config, "weights": [variable_facts(v) for v in called.layer.weights]}
    for title, training in (("inference", False), ("training", True)):
        called.layer.set_weights(start)
        outputs = called(called.tensors(), training)
        results |= {f"{title}/{place}": numpy_of(output) for place, output in enumerate(outputs)}
        results |= {f"mask/{place}": mask for place, mask in enumerate(map(mask_of, outputs))}
        called.layer.set_weights(start)
        if not case.whole:
            found = gradients(library, lambda *x, mode=training: total(called, x, mode), called.arrays)
            results |= {f"{title} gradient/{place}": numpy_of(part) for place, part in enumerate(found)}
    called.layer.set_weights(start)
    shapes = [tuple(output.shape) for output in outputs]
    return results | (after_a_step(called, shapes) if called.layer.trainable_weights else {})


def total(called: Called, given: Sequence[Any], training: bool) -> Any:
    """A number that every output counts in, differently."""
    ops = called.library.ops
    terms = [
        ops.sum(output * ops.convert_to_tensor(inputs.normal("weight", place, shape=tuple(output.shape))))
        for place, output in enumerate(called(given, training))
    ]
    return sum(terms)


def mask_of(output: Any) -> Any:
    """The mask that an output carries, as a list."""
    mask = getattr(output, "_keras_mask", None)
    if mask is None and isinstance(output, np.ndarray):
        from kmagic.graph.masks import mask_of as own

        mask = own(output)
    return None if mask is None else numpy_of(mask).astype(int).tolist()


def after_a_step(called: Called, shapes: Sequence[tuple[int, ...]]) -> Results:
    """Weights and state after a training step of a model of this layer, whose rows count differently."""
    library, case = called.library, called.case
    starts = [
        library.layers.Input(shape[1:], dtype="int32" if case.whole else None, name=f"input_{place}")
        for place, shape in enumerate(case.shapes)
    ]
    others = [
        library.layers.Input(array.shape[1:], dtype="bool" if array.dtype == bool else None, name=f"further_{place}")
        for place, array in enumerate(called.options)
    ]
    outputs = called(starts, options=others)
    if "return_attention_scores" in case.call:  # of which Keras does not know the shape
        outputs, shapes = outputs[:1], shapes[:1]
    model = library.models.Model([*starts, *others], outputs)
    model.compile(library.optimizers.SGD(learning_rate=1.0), ["mse"] * len(outputs), jit_compile=False)
    before = called.layer.get_weights()
    targets = [
        inputs.normal("target", place, shape=(len(called.arrays[0]), *o.shape[1:])) for place, o in enumerate(outputs)
    ]
    loss = model.train_on_batch([*called.arrays, *called.options], targets)
    moved = [old - new for old, new in zip(before, called.layer.get_weights(), strict=True)]
    return {"loss": np.ravel(numpy_of(loss))[:1]} | {f"moved/{place}": array for place, array in enumerate(moved)}
