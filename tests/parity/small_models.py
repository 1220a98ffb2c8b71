"""The small models that experiments and scenarios train."""

from __future__ import annotations

from typing import Any

from . import inputs


def layered(library: Any, sizes: tuple[int, int, int], *, hidden: str = "tanh", head: str) -> Any:
    """A model of two Dense layers with names and with weights from a seed."""
    columns, *units = sizes
    model = library.models.Sequential(
        [
            library.layers.Input((columns,)),
            library.layers.Dense(units[0], activation=hidden, name="hidden"),
            library.layers.Dense(units[1], activation=head, name="head"),
        ],
        name="net",
    )
    model.set_weights(inputs.weights([array.shape for array in model.get_weights()], "weights", *sizes))
    return model
