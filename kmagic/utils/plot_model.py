"""Pictures of models."""

from __future__ import annotations

from os import PathLike
from typing import Any

from kmagic.base.errors import BadType


def plot_model(
    model: Any,
    to_file: str | PathLike[str] | None = "model.svg",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Any:
    """The model as a picture, written to a file as SVG unless `to_file` is None; a notebook shows what it returns.

    `rankdir` says where inputs stand: 'TB' at the top, 'BT' at the bottom, 'LR' left, 'RL' right. `expand_nested`
    shows what is in models inside. Lines have no resolution, so `dpi` changes nothing.

    >>> from kmagic.layers import Dense
    >>> from kmagic.models import Sequential
    >>> shown = plot_model(Sequential([Dense(2, input_dim=3)]), to_file=None, show_shapes=True)
    >>> "output: [? 2]" in str(shown)
    True
    """
    if not hasattr(model, "picture"):
        raise BadType(f"{model!r} is no model", where="plot_model", expected="a model of kmagic.models")
    picture = model.picture(
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
    )
    if to_file is not None:
        picture.save(to_file)
    return picture
