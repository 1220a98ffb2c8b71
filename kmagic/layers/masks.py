"""Masks on their way through layers: which a call gets, which of its outputs get one, and from where."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.base.trees import filled, leaves, mapped
from kmagic.graph.masks import mask_of, with_mask


def masks_for(takes: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The masks for a `call` that takes these arguments, those that were not given.

    As in Keras: where one argument holds values its mask is `mask`; of several, that of `query` is `query_mask`. So a
    recurrent layer that is given states too walks over padding.
    """
    found = {name: value for name, value in given.items() if _holds_values(value)}
    wanted = {"mask" if len(found) == 1 else f"{name}_mask": value for name, value in found.items()}
    return {name: mapped(mask_of, value) for name, value in wanted.items() if name in takes and given.get(name) is None}


def _holds_values(argument: Any) -> bool:
    """Whether an argument is an array or a symbol, or consists of such."""
    parts = leaves(argument)
    return any(part is not None for part in parts) and all(part is None or hasattr(part, "dtype") for part in parts)


def pass_masks(layer: Any, inputs: Any, outputs: Any, given: Any) -> Any:
    """The outputs of a call with their masks; `given` is the mask that `call` got, if it takes one.

    A mask that an output has already, from a layer inside, stays.
    """
    previous = mapped(mask_of, inputs) if given is None else given
    arrives = any(mask is not None for mask in leaves(previous))
    parts = leaves(outputs)
    if not (arrives or layer.makes_masks) or all(mask_of(part) is not None for part in parts):
        return outputs
    if not layer.supports_masking:
        if arrives:
            _warn(layer)
        return outputs
    masks = leaves(layer.compute_mask(inputs, previous))[: len(parts)]
    pairs = itertools.zip_longest(parts, masks)
    return filled(outputs, [part if mask_of(part) is not None else with_mask(part, mask) for part, mask in pairs])


def masked(inputs: Any, mask: Any) -> Any:
    """The inputs with these masks; one that an input has already stays."""
    parts, masks = leaves(inputs), leaves(mask)
    if all(each is None for each in masks):
        return inputs
    pairs = itertools.zip_longest(parts, masks[: len(parts)])
    return filled(inputs, [part if mask_of(part) is not None else with_mask(part, each) for part, each in pairs])


def _warn(layer: Any) -> None:
    """Say that a mask ends here, unless `call` uses it or layers inside do."""
    if "mask" not in layer._takes and not any(layer._layers()):
        warnings.warn(
            f"layer {layer.name} ({type(layer).__name__}) does not support masking: the mask of its input ends here",
            stacklevel=2,
        )
