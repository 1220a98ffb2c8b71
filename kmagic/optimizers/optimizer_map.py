"""Which optimizer moves which weights."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any, Self

from kmagic.base.errors import BadType, BadValue
from kmagic.base.parts import Part
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer


class OptimizerMap(MutableMapping[str, Optimizer], Part):
    """Optimizers by paths of weights: an equal path counts first, then a pattern that matches all of it.

    >>> from kmagic.optimizers import SGD, Adam
    >>> by_path = OptimizerMap(SGD(), {"encoder/.*": Adam()})
    >>> by_path["encoder/dense/kernel"].name, by_path["head/kernel"].name
    ('adam', 'sgd')
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise _stranger("default_optimizer", default_optimizer)
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise BadType(f"optimizer_map is {optimizer_map!r}", where="OptimizerMap", expected="a dictionary")
        self.default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = {}
        for path, optimizer in (optimizer_map or {}).items():
            self[path] = optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise BadValue(
                f"Multiple optimizers assigned to variable {key}: {', '.join(map(repr, matching))}",
                where="OptimizerMap",
                expected="one pattern that matches",
            )
        return self._optimizer_map[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise BadValue(f"key is {key!r}", where="OptimizerMap", expected="a path or a pattern, as a string")
        if key in self._optimizer_map:
            raise BadValue(f"{key!r} already exists", where="OptimizerMap", expected="one optimizer for a path")
        if not isinstance(optimizer, Optimizer):
            raise _stranger(f"optimizer for {key!r}", optimizer)
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a weight."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal map."""
        return {
            "default_optimizer": registry.serialize(self.default_optimizer),
            "optimizer_map": {path: registry.serialize(optimizer) for path, optimizer in self._optimizer_map.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The map that `get_config` described."""
        by_path = {path: registry.deserialize(c, custom_objects) for path, c in config["optimizer_map"].items()}
        return cls(registry.deserialize(config["default_optimizer"], custom_objects), by_path)


def _stranger(what: str, found: Any) -> BadType:
    return BadType(f"{what} is {found!r}", where="OptimizerMap", expected="an optimizer object", fix="SGD()")


registry.export("OptimizerMap", OptimizerMap)
