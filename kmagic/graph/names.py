"""`ops`: every public operation by name, resolved when it is called.

Gradients, operators and lowerings reach each other through this one object, so files of operations never import each
other.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from kmagic.base.errors import Defect, closest

Function = TypeVar("Function", bound=Callable[..., Any])

# values of these types are neither symbols nor variables, and need no further look
PLAIN = frozenset({np.ndarray, bool, int, float, str, type(None), *(np.dtype(code).type for code in "?bBhHiIlLqQefd")})

_quiet: contextvars.ContextVar[bool] = contextvars.ContextVar("quiet", default=False)
is_quiet = _quiet.get  # whether NumPy's warnings are off already


def quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What `function` gives, with infinity or NaN instead of NumPy's warnings; one that is quiet already just runs."""
    if is_quiet():
        return function(*args, **kwargs)
    token = _quiet.set(True)
    try:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)
    finally:
        _quiet.reset(token)


class Names:
    """A namespace that files of operations fill as they load; `rows` also has those that users do not see."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[..., Any]] = {}
        self.rows: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in self.functions:
            return self.functions[name]
        near = ", ".join(closest(name, self.functions))
        raise AttributeError(f"no operation {name!r}" + (f"; did you mean {near}?" if near else ""))


ops = Names()


def public(function: Function) -> Function:
    """Make a plain function of operations public under its name; it leaves no node of its own.

    As operations do, it gives infinity or NaN on arrays without a warning.
    """
    _add(function.__name__, _called_by_users(function) if inspect.isfunction(function) else function)
    return function


def _called_by_users(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        given = args if PLAIN.issuperset(map(type, args)) else _alive(args)
        return function(*given, **kwargs) if is_quiet() else quietly(function, *given, **kwargs)

    return called


def _alive(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments with variables read when the symbols beside them get their values, and not now."""
    flat = [item for arg in args for item in (arg if isinstance(arg, list | tuple) else (arg,))]
    kind = next((type(item) for item in flat if hasattr(item, "node")), None)
    if kind is None or not any(hasattr(item, "read_node") for item in flat):
        return args

    def read(item: Any) -> Any:
        return kind(item.read_node()) if hasattr(item, "read_node") else item

    return tuple(type(arg)(map(read, arg)) if isinstance(arg, list | tuple) else read(arg) for arg in args)


def also_called(**others: str) -> None:
    """Further names of public operations: `also_called(pow="power")`."""
    for other, name in others.items():
        _add(other, ops.functions[name])


def _add(name: str, function: Callable[..., Any]) -> None:
    if name in ops.functions:
        raise Defect(f"operation {name!r} is public twice")
    ops.functions[name] = function
    setattr(ops, name, function)  # found without __getattr__, which takes longer
