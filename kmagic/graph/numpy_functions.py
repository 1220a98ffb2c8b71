"""NumPy's functions on symbols: each call is read by NumPy's own signature and becomes an operation.

So a loss or metric written with NumPy is traced as it stands. An argument that changes the result and has no
counterpart is refused with the user's line, never passed over.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NoReturn

import numpy as np

from kmagic.base.errors import Unsupported
from kmagic.graph.names import ops
from kmagic.graph.user_code import user_line

# NumPy's names that differ from those of `kmagic.ops`
_NAMES = {
    "remainder": "mod",
    "true_divide": "divide",
    "rint": "round",
    "around": "round",
    "fix": "trunc",
    "concat": "concatenate",
    "permute_dims": "transpose",
    "invert": "bitwise_not",
    "degrees": "rad2deg",
    "radians": "deg2rad",
    "float_power": "power",
}

# arguments that only say how NumPy goes about it, and names that differ from ours
_NO_MATTER = {"copy", "subok", "kind", "stable", "optimize", "overwrite_input", "casting", "device"}
_RENAMED = {"x": "x1", "y": "x2"}
_ROW_BY_ROW = ("C", "K", "A", None)
# those of `np.linalg` that share a name with one of NumPy's own and mean other axes
_OTHER_AXES = ("diagonal", "trace")


def called(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a function of NumPy gives on symbols."""
    special = _SPECIAL.get(function.__name__)
    if special is not None:
        return special(*args, **kwargs)
    name = _NAMES.get(function.__name__, function.__name__)
    if name not in ops.functions or (function.__module__ == "numpy.linalg" and name in _OTHER_AXES):
        _refuse(function.__name__)
    target = ops.functions[name]
    signature = _signature(function)
    if signature is None:
        return target(*args, **kwargs)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"np.{function.__name__}: {error}") from None
    bound.apply_defaults()
    return _translated(function.__name__, target, signature, bound.arguments)


def ufunc_on_arrays(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a universal function of NumPy gives on arrays that stand for variables: our operation where it is one."""
    name = _NAMES.get(ufunc.__name__, ufunc.__name__)
    if method == "__call__" and not kwargs and ufunc.__name__ not in _SPECIAL and name in ops.functions:
        return ops.functions[name](*inputs)
    return getattr(ufunc, method)(*inputs, **kwargs)


def ufunc_called(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What a universal function of NumPy gives on symbols."""
    special = _SPECIAL.get(ufunc.__name__)
    name = _NAMES.get(ufunc.__name__, ufunc.__name__)
    if method != "__call__" or (special is None and name not in ops.functions):
        _refuse(ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}")
    left = {key: value for key, value in kwargs.items() if key not in _NO_MATTER and value is not None}
    if _is_in_place(left.get("out"), inputs):
        del left["out"]  # the name on the left gets what is returned
    dtype = left.pop("dtype", None)
    if left.pop("where", True) is not True or left:
        _refuse(f"{ufunc.__name__}({', '.join(kwargs)}=…)")
    result = (special or ops.functions[name])(*inputs)
    return result if dtype is None else ops.cast(result, dtype)


def _is_in_place(out: Any, inputs: Sequence[Any]) -> bool:
    """Whether a function is called as `array += symbol` calls it."""
    return isinstance(out, tuple) and len(out) == 1 and len(inputs) == 2 and out[0] is inputs[0]


def _refuse(what: str, instead: str = "an operation of kmagic.ops") -> NoReturn:
    raise Unsupported(f"np.{what} on a symbol", where=user_line(), expected=instead)


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a function; None where NumPy does not tell."""
    try:
        return inspect.signature(function)
    except ValueError:
        return None


@cache
def _parameters(target: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(target).parameters)


def _translated(name: str, target: Callable[..., Any], signature: inspect.Signature, given: Mapping[str, Any]) -> Any:
    """Call our function with NumPy's arguments: the leading ones by position, the others by name."""
    ours = _parameters(target)
    positions: list[Any] = []
    named: dict[str, Any] = {}
    dtype = None
    for place, (key, value) in enumerate(given.items()):
        parameter = signature.parameters[key]
        ours_key = _RENAMED.get(key, key) if key not in ours else key
        if parameter.kind is parameter.VAR_POSITIONAL:
            positions.extend(value)
        elif parameter.kind is parameter.VAR_KEYWORD:
            named.update(value)
        elif parameter.default is parameter.empty and place == len(positions):
            positions.append(value)
        elif value is np._NoValue or key in _NO_MATTER or (key == "order" and value in _ROW_BY_ROW):
            continue
        elif ours_key in ours:
            named[ours_key] = value  # the default too: ours may be another
        elif _is_default(value, parameter.default):
            continue
        elif key == "dtype":
            dtype = value
        else:
            _refuse(f"{name}({key}=…)")
    if dtype is not None:
        positions[0] = _as(positions[0], dtype)
    return target(*positions, **named)


def _is_default(value: Any, default: Any) -> bool:
    if value is default:
        return True
    return isinstance(value, bool | int | str) and isinstance(default, bool | int | str) and value == default


def _as(values: Any, dtype: Any) -> Any:
    if isinstance(values, list | tuple):
        return [ops.cast(value, dtype) for value in values]
    return ops.cast(values, dtype)


def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """np.clip, where either limit may be missing."""
    if out is not None:
        _refuse("clip(out=…)")
    low, high = (min if a_min is None else a_min), (max if a_max is None else a_max)
    if low is None or high is None:
        raised = a if low is None else ops.maximum(a, low)
        return raised if high is None else ops.minimum(raised, high)
    return ops.clip(a, low, high)


def _spread(variance: str, root: bool) -> Callable[..., Any]:
    """np.var and its kin, with `ddof` values less in the count."""

    def spread(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: Any = False,
        **kwargs: Any,
    ) -> Any:
        ddof = kwargs.pop("correction", ddof)
        if out is not None or any(value is not np._NoValue for value in kwargs.values()):
            _refuse(f"{'std' if root else 'var'}({', '.join(kwargs) or 'out'}=…)")
        value = a if dtype is None else ops.cast(a, dtype)
        keep = keepdims is not np._NoValue and bool(keepdims)
        found = getattr(ops, variance)(value, axis, keep)
        if ddof:
            known = ops.ones_like(value) if variance == "var" else ops.logical_not(ops.isnan(value))
            count = ops.cast(ops.sum(ops.cast(known, "int32"), axis, keep), found.dtype)
            found = found * (count / (count - ddof))
        return ops.sqrt(found) if root else found

    return spread


def _angle(z: Any, deg: bool = False) -> Any:
    return ops.rad2deg(ops.angle(z)) if deg else ops.angle(z)


def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """np.take, where indices outside may be moved to the ends (`clip`) or counted round and round (`wrap`)."""
    if out is not None:
        _refuse("take(out=…)")
    size = ops.size(a) if axis is None else ops.shape(a)[axis]
    if mode == "clip":
        indices = ops.clip(indices, 0, size - 1)
    elif mode == "wrap":
        indices = ops.mod(indices, size)
    return ops.take(a, indices, axis)


def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return ops.sum(ops.cast(ops.not_equal(a, 0), "int32"), axis, keepdims)


def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    if tuple(ops.shape(a1)) != tuple(ops.shape(a2)):
        return False
    same = ops.equal(a1, a2)
    return ops.all(ops.logical_or(same, ops.isnan(a1) & ops.isnan(a2)) if equal_nan else same)


def _at_least(rank: int) -> Callable[..., Any]:
    """np.atleast_1d and np.atleast_2d."""

    def at_least(*arrays: Any) -> Any:
        found = [ops.reshape(x, (1,) * max(rank - ops.ndim(x), 0) + tuple(ops.shape(x))) for x in arrays]
        return found[0] if len(found) == 1 else tuple(found)

    return at_least


def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = ops.broadcast_shapes(*(ops.shape(x) for x in args))
    return tuple(ops.broadcast_to(x, shape) for x in args)


def _column_stack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([ops.expand_dims(x, 1) if ops.ndim(x) == 1 else x for x in tup], 1)


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    longer, shorter = (a, v) if ops.shape(a)[0] >= ops.shape(v)[0] else (v, a)
    return ops.correlate(longer, ops.flip(shorter), mode)


def _digitize(x: Any, bins: Any, right: bool = False) -> Any:
    return ops.searchsorted(bins, x, "left") if right else ops.digitize(x, bins)


_SPECIAL: dict[str, Callable[..., Any]] = {
    "clip": _clip,
    "var": _spread("var", root=False),
    "std": _spread("var", root=True),
    "nanvar": _spread("nanvar", root=False),
    "nanstd": _spread("nanvar", root=True),
    "angle": _angle,
    "take": _take,
    "count_nonzero": _count_nonzero,
    "array_equal": _array_equal,
    "atleast_1d": _at_least(1),
    "atleast_2d": _at_least(2),
    "broadcast_arrays": _broadcast_arrays,
    "column_stack": _column_stack,
    "convolve": _convolve,
    "digitize": _digitize,
    "positive": lambda x: x,
    "copysign": lambda x1, x2: ops.absolute(x1) * ops.where(ops.signbit(x2), -1, 1),
    "vecdot": lambda x1, x2: ops.sum(ops.multiply(x1, x2), -1),
    "divmod": lambda x1, x2: (ops.floor_divide(x1, x2), ops.mod(x1, x2)),
}
