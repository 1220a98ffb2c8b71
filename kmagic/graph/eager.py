"""Applying an operation: at once on arrays, or as a node where an argument is a symbol."""

from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kmagic.base import dtypes
from kmagic.base.config import floatx
from kmagic.base.dtypes import NARROW, TEXT, standard
from kmagic.base.errors import BadType, KmagicError, ShapeMismatch
from kmagic.base.shapes import Extent, Shape
from kmagic.graph.names import PLAIN, is_quiet, ops, quietly
from kmagic.graph.narrow import array_of, held, narrowed, widened
from kmagic.graph.node import NOWHERE, Node, Origin
from kmagic.graph.symbol import Symbol
from kmagic.graph.user_code import user_line

if TYPE_CHECKING:
    from kmagic.graph.table import Operation

_SIXTEEN_BITS = frozenset(NARROW)
_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("origin", default=NOWHERE)


@contextlib.contextmanager
def origin(layer: str = "", line: str = "", phase: str = "") -> Iterator[Origin]:
    """Nodes made inside say that they come from here; empty parts keep what is around."""
    outer = _origin.get()
    inner = Origin(layer or outer.layer, line or outer.line, phase or outer.phase)
    token = _origin.set(inner)
    try:
        yield inner
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Where nodes made now say that they come from."""
    return _origin.get()


def apply(row: Operation, arguments: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    """The result of `row` on `arguments`: an array, or a symbol where one of them is."""
    if PLAIN.issuperset(map(type, arguments)):
        return _run(row, arguments, attributes)
    nodes = [as_node(argument) for argument in arguments]
    if any(node is not None for node in nodes):
        # outside of a program a variable beside a symbol is read when the symbol gets its value
        read = [argument.read_node() if hasattr(argument, "read_node") else None for argument in arguments]
        nodes = [node if node is not None else late for node, late in zip(nodes, read, strict=True)]
        return Symbol(_node(row, arguments, nodes, attributes))
    return _run(row, arguments, attributes)


def as_node(value: Any) -> Node | None:
    """The node of a symbol, of a variable that is being traced, or of an axis; None for everything else."""
    if isinstance(value, Extent):
        return source_node("extent", (), "int32", value=value)
    return value.as_node() if hasattr(value, "as_node") else None


def _node(
    row: Operation, arguments: Sequence[Any], nodes: Sequence[Node | None], attributes: Mapping[str, Any]
) -> Node:
    given = [node if node is not None else argument for node, argument in zip(nodes, arguments, strict=True)]
    _refuse_text(row.name, nodes)
    kinds = dtypes_of(given)
    inputs = [
        value if isinstance(value, Node) else constant_node(value, kind)
        for value, kind in zip(given, kinds, strict=True)
    ]
    if row.compute is not None:
        inputs = [_cast(node, kind) for node, kind in zip(inputs, _computed(row, kinds, attributes), strict=True)]
    shape = _checked_shape(row, [node.shape for node in inputs], attributes)
    dtype = row.dtype(*(node.dtype for node in inputs), **attributes)
    return Node(row, tuple(inputs), dict(attributes), shape, dtype, _origin.get())


def _refuse_text(name: str, nodes: Sequence[Node | None]) -> None:
    if any(node is not None and node.dtype == TEXT for node in nodes):
        raise BadType(
            "text where numbers are wanted",
            where=place(name),
            expected="a layer before it that reads text: TextVectorization, StringLookup or Hashing",
            fix="x = kmagic.layers.TextVectorization()(x), or StringLookup()(x) for names of categories",
        )


def _checked_shape(row: Operation, shapes: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    try:
        return row.shape(*shapes, **attributes)
    except ShapeMismatch as error:
        if error.where:
            raise
        raise ShapeMismatch(error.found, where=place(row.name), expected=error.expected, fix=error.fix) from None


def place(name: str) -> str:
    """Where operation `name` is being applied, for a message: its layer, or else the user's line."""
    layer = _origin.get().layer
    return f"{layer}: {name}" if layer else f"{name} ({user_line()})"


def _computed(row: Operation, kinds: Sequence[str], attributes: Mapping[str, Any]) -> Sequence[str]:
    """What each input is cast to before the operation runs."""
    if row.compute is None:
        return kinds
    common = row.compute(*kinds, **attributes)
    return [common] * len(kinds) if isinstance(common, str) else common


def _cast(node: Node, dtype: str) -> Node:
    if node.dtype == dtype:
        return node
    if node.name == "constant":
        return constant_node(node.attributes["value"], dtype)
    return ops.cast(Symbol(node), dtype).node  # type: ignore[no-any-return]


def constant_node(value: Any, dtype: str | None = None) -> Node:
    """A node that holds `value` itself."""
    array = array_of(value, dtype)
    return source_node("constant", array.shape, standard(array.dtype), value=held(array))


def source_node(name: str, shape: Shape, dtype: str, **attributes: Any) -> Node:
    """A node without inputs: a constant, an input, a variable's value, a counter."""
    row: Any = ops.rows[name]
    return Node(row, (), attributes, shape, dtype, _origin.get())


def _run(row: Operation, arguments: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    kinds = dtypes_of(arguments)
    computed = _computed(row, kinds, attributes)
    if (not _SIXTEEN_BITS.isdisjoint(computed) or attributes.get("dtype") in NARROW) and not row.reads_memory:
        return _run_wide(row, arguments, computed, attributes)
    arrays = [
        argument if type(argument) is np.ndarray and kind == wanted else np.asarray(argument, dtype=wanted)
        for argument, kind, wanted in zip(arguments, kinds, computed, strict=True)
    ]
    return _run_on(row, arrays, attributes)


def _run_wide(row: Operation, arguments: Sequence[Any], kinds: Sequence[str], attributes: Mapping[str, Any]) -> Any:
    """Numbers of 16 bits are computed with in float32; the result is rounded once."""
    arrays = [widened(array_of(argument, kind)) for argument, kind in zip(arguments, kinds, strict=True)]
    given = dict(attributes, dtype="float32") if attributes.get("dtype") in NARROW else attributes
    result, dtype = _run_on(row, arrays, given), row.dtype(*kinds, **attributes)
    return narrowed(result, dtype) if dtype in NARROW else result


def _run_on(row: Operation, arrays: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
    run = row.function if row.numpy is None else row.numpy
    try:
        return run(*arrays, **attributes) if is_quiet() else quietly(run, *arrays, **attributes)
    except ValueError as error:
        if isinstance(error, KmagicError) or row.numpy is None:
            raise
        _checked_shape(row, [array.shape for array in arrays], attributes)
        raise


def dtypes_of(values: Sequence[Any]) -> list[str]:
    """The dtype of each value; Python numbers are weak and follow the others."""
    strong = [_strong(value) for value in values]
    if None not in strong:
        return strong  # type: ignore[return-value]
    known = [kind for kind in strong if kind is not None]
    common = dtypes.promote(*known) if known else None
    return [kind or _weak(value, common) for kind, value in zip(strong, values, strict=True)]


def number_dtype(value: Any) -> str:
    """The dtype that a Python number or list has on its own."""
    return _strong(value) or _weak(value, None)


def _strong(value: Any) -> str | None:
    if type(value) is np.ndarray:
        return _name_of(value.dtype)
    if isinstance(value, bool | int | float) and not isinstance(value, np.generic):
        return None
    if isinstance(value, list | tuple):
        return _of_list(value)
    return standard(value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype)


@functools.cache
def _name_of(dtype: np.dtype[Any]) -> str:
    return standard(dtype)


def _of_list(value: Any) -> str:
    name = standard(np.asarray(value).dtype)
    return {"float64": floatx(), "int64": "int32"}.get(name, name)


def _weak(value: Any, common: str | None) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return common if common and dtypes.is_float(common) else floatx()
    return dtypes.holding(value, common if common and common != "bool" else "int32")
