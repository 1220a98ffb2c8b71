"""The learning rates of a model, as callbacks read, log and set them."""

from __future__ import annotations

from typing import Any


def optimizers_of(model: Any) -> list[tuple[str, Any]]:
    """The optimizers that hold rates with their names: the model's, the one that it wraps, or the several it holds.

    A second of a name is numbered.
    """
    found: dict[str, Any] = {}
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    for one in getattr(optimizer, "optimizers", None) or [optimizer]:
        title, number = one.name, 1
        while title in found:
            title, number = f"{one.name}_{number}", number + 1
        found[title] = one
    return list(found.items())


def rate_of(optimizer: Any) -> float:
    """The learning rate now."""
    return float(optimizer.learning_rate)


def log_rates(model: Any, logs: dict[str, Any] | None) -> None:
    """Add `learning_rate` to the logs of an epoch, or `learning_rate_<optimizer>` of each of several."""
    if logs is None:
        return
    found = optimizers_of(model)
    for name, optimizer in found:
        logs["learning_rate" if len(found) == 1 else f"learning_rate_{name}"] = rate_of(optimizer)
