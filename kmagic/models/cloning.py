"""Copies of models with fresh weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmagic.base.errors import BadType, BadValue
from kmagic.base.parts import serialize
from kmagic.base.trees import described, leaves, mapped
from kmagic.graph.symbol import Symbol
from kmagic.layers.connection import call_of
from kmagic.layers.input import Input, InputLayer
from kmagic.layers.layer import Layer, known
from kmagic.models.model import Model
from kmagic.models.sequential import Sequential
from kmagic.models.written import read_layer

Copy = Callable[[Layer], Layer]


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Copy | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Model:
    """A model of the same layers, made anew with fresh weights, and compiled as the model is.

    `clone_function(layer)` makes the copy of a layer, `call_function(layer, inputs)` calls it; `recursive` does the
    same within models inside, which are otherwise copied as a layer is. `input_tensors` are symbols to begin with.

    >>> from kmagic.layers import Dense, Input
    >>> first = Sequential([Input((3,)), Dense(2)])
    >>> second = clone_model(first)
    >>> second.count_params(), second.layers[0] is first.layers[0]
    (8, False)
    """
    own = _of_own_structure(model)
    if isinstance(model, Sequential) and call_function is not None:
        raise BadValue(
            "`call_function` argument is not supported with Sequential models",
            where="clone_model",
            expected="a model of symbols",
        )
    if own and (clone_function or call_function or input_tensors is not None):
        raise BadValue(
            f"clone_function, call_function or input_tensors for a {type(model).__name__}",
            where="clone_model",
            expected="a model of symbols or a Sequential: they are only supported for these",
            fix=f"{type(model).__name__}.from_config(model.get_config())",
        )
    return _Cloning(clone_function, call_function, recursive).copy(model, input_tensors)


def _of_own_structure(model: Any) -> bool:
    """Whether only the class of a model knows how its layers belong together."""
    if not isinstance(model, Model):
        raise BadType(f"{model!r} is no model", where="clone_model", expected="a Model")
    return not isinstance(model, Sequential) and model._network is None


class _Cloning:
    """The copies made so far, so that what was shared is shared again."""

    def __init__(self, clone: Copy | None, call: Callable[..., Any] | None, recursive: bool) -> None:
        self._clone, self._call, self._recursive = clone, call, recursive
        self._made: dict[Layer, Layer] = {}

    def copy(self, model: Model, inputs: Any = None) -> Model:
        """The copy of a model."""
        if isinstance(model, Sequential):
            made: Model = self._sequential(model, inputs)
        elif model._network is not None:
            made = self._joined(model, inputs)
        else:
            made = read_layer(serialize(model), {type(model).__name__: type(model)})
        if model.compiled and not made.compiled:
            made.compile_from_config(model.get_compile_config())
        return made

    def _sequential(self, model: Sequential, inputs: Any) -> Sequential:
        front = [item for item in model._members if isinstance(item, InputLayer)]
        if inputs is not None:
            (symbol,) = _checked(inputs if isinstance(inputs, list | tuple) else [inputs], [0])
            shape, kind = known(symbol.shape), symbol.dtype
            front = [InputLayer(batch_shape=shape, dtype=kind, name=front[0].name if front else None)]
        else:
            front = [type(item).from_config(item.get_config()) for item in front]
        layers = [*front, *map(self._layer, model.layers)]
        return Sequential(layers, model.trainable, model.name)

    def _joined(self, model: Model, inputs: Any) -> Model:
        assert model._network is not None
        if inputs is None:
            inputs = mapped(_again, model.input)
        else:
            _checked(inputs, model.input)
        instead = {layer: self._called(layer) for layer in model.layers if not isinstance(layer, InputLayer)}
        outputs = model._network(inputs, instead)
        kind = type(model) if "inputs" in model.arguments else Model
        return kind(inputs, outputs, name=model.name, trainable=model.trainable)

    def _called(self, layer: Layer) -> Callable[..., Any]:
        copy, call = self._layer(layer), self._call
        return copy if call is None else lambda *args, **options: call(copy, *args, **options)

    def _layer(self, layer: Layer) -> Layer:
        if layer not in self._made:
            is_known = isinstance(layer, Model) and not _of_own_structure(layer)
            if isinstance(layer, Model) and is_known and self._recursive:
                self._made[layer] = self.copy(layer)
            elif self._clone is not None:
                self._made[layer] = self._clone(layer)
            elif isinstance(layer, Model) and is_known:
                self._made[layer] = clone_model(layer)
            else:
                self._made[layer] = type(layer).from_config(layer.get_config())
        return self._made[layer]


def _checked(given: Any, like: Any) -> list[Symbol]:
    """The symbols to begin with."""
    found = leaves(given)
    if not all(isinstance(leaf, Symbol) for leaf in found):
        raise BadValue(f"input_tensors is {given!r}", where="clone_model", expected="symbols: what Input(...) gives")
    if described(given) != described(like):
        raise BadValue(
            f"input_tensors are {described(given)}",
            where="clone_model",
            expected=f"the same structure as the inputs of the model: {described(like)}",
        )
    return found


def _again(symbol: Symbol) -> Symbol:
    call = call_of(symbol.node)
    name = call.layer.name if call else None
    return Input(batch_shape=known(symbol.shape), dtype=symbol.dtype, name=name)
