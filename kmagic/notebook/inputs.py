"""The input shape that a `%%kmodel` line gives, beside the one that the cell may give itself."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue, KmagicError
from kmagic.graph.symbol import Symbol
from kmagic.layers import Layer
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import placeholder
from kmagic.models import Model, Sequential

RowShape = tuple[int | None, ...]


def own_input(layer: Any) -> RowShape | None:
    """The shape of one input row that a layer, model or input brings itself."""
    if isinstance(layer, Symbol):
        return tuple(axis if isinstance(axis, int) else None for axis in layer.shape[1:])
    if isinstance(layer, InputLayer):
        return layer.batch_shape[1:]
    if isinstance(layer, Model):
        return tuple(layer.input_shape[1:]) if layer.built and layer.input_shape else None
    return layer.given_input_shape if isinstance(layer, Layer) else None


def check_agreement(own: RowShape, given: RowShape, where: str) -> None:
    """Refuse an input of the cell that is not the one of the line; None stands for any size."""
    agree = len(own) == len(given) and all(a == b or None in (a, b) for a, b in zip(own, given, strict=True))
    if not agree:
        raise BadValue(f"--input says {given}, the cell's own input says {own}", where=where)


def apply(model: Model, given: RowShape, where: str) -> None:
    """Build a model that the cell made, for rows of the shape of the line."""
    own = own_input(model)
    if own is not None:
        check_agreement(own, given, where)
    elif not model.built and model.layers:
        try:
            _build(model, given)
        except KmagicError as error:
            error.where = f"{where} --input" + (f", {error.where}" if error.where else "")
            raise


def _build(model: Model, given: RowShape) -> None:
    if isinstance(model, Sequential):
        model.build((None, *given))
    else:
        # what a class of the user's own needs is known once its `call` was followed
        model.compute_output_spec(placeholder((None, *given), model.dtype))
