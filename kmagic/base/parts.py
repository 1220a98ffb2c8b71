"""Part: an object made from typed parameters, that can say what it was made of.

A subclass writes an ordinary `__init__`. Its arguments are checked against their bounds and remembered, so that
`get_config`, `from_config` and `repr` need no code in the part itself. A trailing `**options` stands for the
parameters of the base class, which are therefore written once.
"""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Sequence
from typing import Any, Self

from kmagic.base import parameters
from kmagic.base.errors import BadType, unknown_argument

_GROUPS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def snake(name: str) -> str:
    """The snake_case form of a class name, made as Keras makes it.

    >>> snake("MeanSquaredError"), snake("RMSprop"), snake("Conv2D")
    ('mean_squared_error', 'rm_sprop', 'conv2d')
    """
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


class Part:
    """Base of losses, metrics, optimizers, layers, initializers and callbacks: checked, remembered arguments."""

    arguments: dict[str, Any] = {}
    # attributes that a class of ours sets while models are made, traced, trained and looked at, and no trace reads
    left_behind: tuple[str, ...] = ("arguments",)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__ = _recorded(cls, vars(cls)["__init__"])  # type: ignore[method-assign]

    def _check_made(self, error: AttributeError | None = None) -> None:
        """Raise where a constructor has left out that of the base class; `error` is what it ended with."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal part, as plain data."""
        return {name: plain(getattr(self, name, given)) for name, given in self.arguments.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The part that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        defaults = {parameter.name: parameter.default for parameter in _parameters(self)}
        changed = ", ".join(
            f"{name}={value!r}" for name, value in self.arguments.items() if value is not defaults.get(name, self)
        )
        return f"{type(self).__name__}({changed})"


def _parameters(part: Part) -> tuple[parameters.Parameter, ...]:
    kind: Any = type(part)
    return parameters.parameters_of(kind)


def plain(value: Any) -> Any:
    """`value` as plain data for a config: parts become dictionaries, registered functions their names."""
    if isinstance(value, Part):
        return serialize(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, types.FunctionType | type):
        return value.__name__
    return value.tolist() if hasattr(value, "tolist") else value


def serialize(part: Any) -> Any:
    """A part as plain data: `{"module", "class_name", "config", "registered_name"}`, a function as its name."""
    if part is None or isinstance(part, str | dict):
        return part
    if isinstance(part, types.FunctionType):
        return part.__name__
    cls = type(part)
    own = cls.__module__.startswith("kmagic.")
    package = cls.__module__.rpartition(".")[0] if own else None
    described = {
        "module": package,
        "class_name": cls.__name__,
        "config": part.get_config(),
        "registered_name": None if package else cls.__name__,
    }
    built = getattr(part, "get_build_config", lambda: None)()
    return {**described, "build_config": built} if built else described


def constructor_of(function: Any, listed: Sequence[Any], start: Any) -> Any:
    """An `__init__` that takes a formula's own options and others, in the order of `listed`.

    `listed` holds names of the formula's options (an Ellipsis for all that are not named) and further parameters as
    (name, default, annotation). The formula's first two parameters are its data. Options become attributes; the
    values of further parameters go to `start(self, **values)`. Options that are not listed keep their defaults.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = {
        name: parameter.replace(kind=kind, annotation=hints.get(name, parameter.empty))
        for name, parameter in list(inspect.signature(function).parameters.items())[2:]
    }
    named = {item for item in listed if isinstance(item, str)}
    parameters = [inspect.Parameter("self", kind)]
    for item in listed:
        if item is ...:
            parameters += [parameter for name, parameter in own.items() if name not in named]
        elif isinstance(item, str):
            parameters += [own[item]] if item in own else []
        else:
            parameters.append(inspect.Parameter(item[0], kind, default=item[1], annotation=item[2]))
    further = [item[0] for item in listed if isinstance(item, tuple)]
    signature = inspect.Signature(parameters)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        start(self, **{name: given.arguments[name] for name in further})
        for name, parameter in own.items():
            setattr(self, name, given.arguments.get(name, parameter.default))

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters[1:]}
    return __init__


def options_of(part: Any, function: Any) -> dict[str, Any]:
    """The options that a part made by `constructor_of` passes to its formula."""
    return {name: getattr(part, name) for name in _option_names(function)}


@functools.cache
def _option_names(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)[2:]


def camel(name: str) -> str:
    """The class name of a function.

    >>> camel("mean_squared_error")
    'MeanSquaredError'
    """
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _recorded(cls: type, init: Any) -> Any:
    """Wrap a constructor: the outermost one checks its arguments and keeps them."""
    signature = _with_inherited(cls, inspect.signature(init))

    positional = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())

    @functools.wraps(init)
    def checked(self: Part, *args: Any, **kwargs: Any) -> None:
        is_outermost = "arguments" not in vars(self)
        if is_outermost:
            given = _bind(type(self), signature, (self, *args), kwargs)
            parameters.check(_parameters(self), given, type(self).__name__)
            object.__setattr__(self, "arguments", given)
        bound = signature.bind(self, *args, **kwargs)
        try:
            init(*bound.args, **bound.kwargs) if positional else init(self, **_by_name(bound))
        except AttributeError as error:
            self._check_made(error)
            raise
        if is_outermost:
            self._check_made()

    checked.__signature__ = signature  # type: ignore[attr-defined]
    return checked


def _with_inherited(cls: type, signature: inspect.Signature) -> inspect.Signature:
    """A constructor's parameters; `**options` stands for those of the base class."""
    own = list(signature.parameters.values())
    if not own or own[-1].kind is not inspect.Parameter.VAR_KEYWORD:
        return signature
    names = {parameter.name for parameter in own}
    # the first is the object itself, whatever each class calls it
    base = list(inspect.signature(cls.__mro__[1].__init__).parameters.values())[1:]  # type: ignore[misc]
    inherited = [parameter for parameter in base if parameter.name not in names and parameter.kind not in _GROUPS]
    if not inherited:
        return signature
    if any(parameter.default is not parameter.empty for parameter in own):
        # behind a default only a name tells which one is meant
        inherited = [p if p.default is not p.empty else p.replace(kind=p.KEYWORD_ONLY) for p in inherited]
    rest = [parameter for parameter in base if parameter.kind is inspect.Parameter.VAR_KEYWORD]
    ordered = sorted([*own[:-1], *inherited], key=lambda parameter: parameter.kind)
    return signature.replace(parameters=[*ordered, *rest])


def _by_name(bound: inspect.BoundArguments) -> dict[str, Any]:
    """The arguments that a call gave, without `self`, all by name."""
    given: dict[str, Any] = {}
    for name, value in list(bound.arguments.items())[1:]:
        given.update(value if bound.signature.parameters[name].kind in _GROUPS else {name: value})
    return given


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


def _argument_error(cls: type, signature: inspect.Signature, kwargs: dict[str, Any], error: TypeError) -> BadType:
    known = list(signature.parameters)[1:]
    unknown = next((name for name in kwargs if name not in known), None)
    if unknown is None:
        return BadType(str(error), where=cls.__name__, expected=f"{cls.__name__}({', '.join(known)})")
    found = unknown_argument(unknown, known, cls.__name__)
    if any(unknown in inspect.signature(base.__init__).parameters for base in cls.__mro__[1:-1]):  # type: ignore[misc]
        # as in what get_config gives
        found.expected = f"{found.expected}; those of the base class need **kwargs"
        own = ", ".join(["self", *known, "**kwargs"])
        found.fix = f"def __init__({own}): super().__init__(**kwargs)"
    return found
