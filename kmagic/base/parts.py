"""Part: an object made from typed parameters, that can say what it was made of.

A subclass writes an ordinary `__init__`. Its arguments are checked against their bounds and remembered, so that
`get_config`, `from_config` and `repr` need no code in the part itself.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any, Self

from kmagic.base import parameters
from kmagic.base.errors import BadType, closest

_GROUPS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def snake(name: str) -> str:
    """The snake_case form of a class name, made as Keras makes it.

    >>> snake("MeanSquaredError"), snake("RMSprop"), snake("Conv2D")
    ('mean_squared_error', 'rm_sprop', 'conv2d')
    """
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


class Part:
    """Base of losses, metrics, optimizers, layers, initializers and callbacks: checked, remembered arguments."""

    arguments: dict[str, Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__ = _recorded(cls.__init__)  # type: ignore[method-assign]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal part, as plain data."""
        from kmagic.base.registry import plain

        return {name: plain(getattr(self, name, given)) for name, given in self.arguments.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The part that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        defaults = {parameter.name: parameter.default for parameter in parameters.parameters_of(type(self))}
        changed = ", ".join(
            f"{name}={value!r}" for name, value in self.arguments.items() if value is not defaults.get(name, self)
        )
        return f"{type(self).__name__}({changed})"


def _recorded(init: Any) -> Any:
    """Wrap a constructor: the outermost one checks its arguments and keeps them."""
    signature = inspect.signature(init)

    @functools.wraps(init)
    def checked(self: Part, *args: Any, **kwargs: Any) -> None:
        if "arguments" not in vars(self):
            given = _bind(type(self), signature, (self, *args), kwargs)
            parameters.check(parameters.parameters_of(type(self)), given, type(self).__name__)
            object.__setattr__(self, "arguments", given)
        init(self, *args, **kwargs)

    return checked


def _bind(cls: type, signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """All arguments by name, defaults filled in; an unknown one is named with the closest known."""
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise _argument_error(cls, signature, kwargs, error) from None
    bound.apply_defaults()
    given: dict[str, Any] = {}
    for name, value in list(bound.arguments.items())[1:]:
        if signature.parameters[name].kind in _GROUPS:
            given.update(value if isinstance(value, dict) else {})
        else:
            given[name] = value
    return given


def _argument_error(
    cls: type, signature: inspect.Signature, kwargs: dict[str, Any], error: TypeError
) -> BadType:
    known = list(signature.parameters)[1:]
    unknown = next((name for name in kwargs if name not in known), None)
    if unknown is None:
        return BadType(str(error), where=cls.__name__, expected=f"{cls.__name__}({', '.join(known)})")
    close = closest(unknown, known)
    return BadType(
        f"unknown argument {unknown!r}",
        where=cls.__name__,
        expected=f"one of {', '.join(known)}",
        fix=f"did you mean {close[0]}=?" if close else None,
    )
