"""What a layer is called on: whether it has the axes that the layer declares, and errors that name both."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kmagic.base import shapes
from kmagic.base.errors import KmagicError, ShapeMismatch, UserCodeError
from kmagic.base.registry import REGISTRIES
from kmagic.base.trees import leaves
from kmagic.graph.symbol import Symbol
from kmagic.layers.connection import call_of

if TYPE_CHECKING:
    from kmagic.layers.layer import Layer


@contextlib.contextmanager
def named_in_errors(layer: Layer, inputs: Any) -> Iterator[None]:
    """Shapes that do not fit inside are those of this layer on these inputs, unless an inner one is already named."""
    try:
        yield
    except ShapeMismatch as error:
        if error.is_placed:
            raise
        where = _place(layer, error.where)
        fix = _sequences_before(layer, inputs) or error.fix
        raise placed(_with_shapes(error.found, inputs), where, error.expected, fix) from None
    except ValueError as error:
        # of arrays that meet without an operation of ours
        if isinstance(error, KmagicError) or not str(error).startswith(_NUMPYS):
            raise
        raise placed(_with_shapes(str(error), inputs), layer.path, "shapes that fit each other") from None


def forgotten_base(name: str) -> UserCodeError:
    """The error for a class whose constructor does not call that of `Layer` or `Model`."""
    return UserCodeError(
        f"In layer {name!r}, you forgot to call `super().__init__()`",
        expected="it as the first statement of `__init__`",
        fix="super().__init__()",
    )


_NUMPYS = ("operands could not be broadcast", "shapes ", "matmul:")


def _sequences_before(layer: Layer, inputs: Any) -> str | None:
    """What a recurrent layer before it needs, so that one that takes sequences gets them; None where that is not it."""
    kind: Any = type(layer)
    entry = REGISTRIES["kmagic.layers"].loaded_entry(kind)
    declared = shapes.signature(entry.shapes) if entry and entry.shapes else None
    if declared is None or "steps" not in declared.inputs[0].tokens:
        return None
    symbol = inputs
    while isinstance(symbol, Symbol) and len(symbol.shape) == 2:
        call = call_of(symbol.node)
        if call is None or not call.args:
            return None
        if getattr(call.layer, "return_sequences", None) is False:
            return f"return_sequences=True in {call.layer.name}, the recurrent layer before it"
        symbol = call.args[0]
    return None


def _with_shapes(found: str, inputs: Any) -> str:
    """What was found, with the shapes of the inputs where it does not say them itself."""
    seen = " and ".join(_seen(inputs))
    return found if not seen or seen in found else f"{found}; called on {seen}"


def placed(found: str, where: str, expected: str | None, fix: str | None = None) -> ShapeMismatch:
    """An error that layers around leave as it is."""
    error = ShapeMismatch(found, where=where, expected=expected, fix=fix)
    error.is_placed = True
    return error


def _place(layer: Layer, where: str | None) -> str:
    if not where:
        return layer.path
    return where if layer.name in where else f"{layer.path}: {where}"


def _seen(inputs: Any) -> list[str]:
    """The shapes of inputs as they are written in errors."""
    return [shapes.written(tuple(leaf.shape)) for leaf in leaves(inputs) if hasattr(leaf, "shape")]


def check_axes(layer: Layer, inputs: Any) -> None:
    """Raise unless a layer that was built for as many axes as its class declares gets them again."""
    kind: Any = type(layer)
    declared = _declared(kind)
    if declared is None:
        return
    given = [tuple(leaf.shape) for leaf in leaves(inputs) if hasattr(leaf, "shape")]
    if _fits(declared, shapes.shapes_in(layer._built_input_shape)) and not _fits(declared, given):
        found = f"input of shape {' and '.join(_seen(inputs))}"
        raise placed(found, layer.path, ", ".join(map(str, declared.inputs)))


def _is_open(pattern: shapes.Pattern) -> bool:
    """Whether any number of axes fits."""
    return any(token.startswith("*") for token in pattern.tokens)


def _fits(declared: shapes.Signature, given: Sequence[Any]) -> bool:
    """Whether shapes have as many axes as declared."""
    return len(given) == len(declared.inputs) and all(
        _is_open(pattern) or (shape is not None and len(pattern.tokens) == len(shape))
        for pattern, shape in zip(declared.inputs, given, strict=True)
    )


def check_as_built(layer: Layer, inputs: Any, axes: Sequence[int]) -> None:
    """Raise unless inputs have the axes that the weights of a layer were made for."""
    was, now = layer._built_input_shape, tuple(inputs.shape)
    if len(now) != len(was) or any(was[place] not in (None, now[place]) for place in axes):
        expected = f"{shapes.written(was)}, as at the first call"
        raise placed(f"input of shape {shapes.written(now)}", layer.path, expected)


@functools.cache
def _declared(kind: Any) -> shapes.Signature | None:
    """The shapes that a registered class declares; None where they leave the numbers of axes open."""
    entry = REGISTRIES["kmagic.layers"].loaded_entry(kind)
    declared = shapes.signature(entry.shapes) if entry and entry.shapes else None
    return None if declared is None or all(map(_is_open, declared.inputs)) else declared
