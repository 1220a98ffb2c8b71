"""Sources: values that no operation computes."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from kmagic.base import dtypes, shapes
from kmagic.base.config import floatx
from kmagic.base.errors import Defect, Unsupported
from kmagic.base.shapes import Extent, Shape
from kmagic.graph.eager import as_node, number_dtype, source_node
from kmagic.graph.narrow import array_of, held
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive, public


def _never(**attributes: Any) -> NoReturn:
    raise Defect("a source is bound by the program, not computed")


def _source(name: str, doc: str, **options: Any) -> Any:
    def row(*, value: Any = None) -> Any: ...

    row.__name__, row.__doc__ = f"_{name}", doc
    return primitive("source", numpy=_never, smooth=False, **options)(row)


constant = _source("constant", "A value known while tracing (`value`).")
placeholder = _source("placeholder", "Data given to the program, or what a body takes (`label`).")
read = _source(
    "read", "The value of a variable before the program ran (`variables`, one vector where there are several)."
)
iota = _source("iota", "0, 1, 2, … along one axis.")
extent = _source("extent", "A size that run time decides, as a number (`value`).")


def input_symbol(shape: Shape, dtype: str, label: str) -> Symbol:
    """A placeholder for data of this shape."""
    return Symbol(source_node("placeholder", shape, dtype, label=label))


def number_of(axis: shapes.Axis, dtype: str | None = None) -> Any:
    """An extent as a number that can be computed with: a float, or a symbol where run time decides."""
    wanted = dtype or floatx()
    if isinstance(axis, Extent):
        return Symbol(source_node("extent", (), wanted, value=axis))
    return float(axis) if dtypes.is_float(wanted) else axis


@public
def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """A value as an array (or a symbol, if it is one); lists of floats become floatx."""
    if sparse or ragged:
        raise Unsupported("sparse and ragged tensors", where="convert_to_tensor", expected="a dense array")
    if isinstance(x, Symbol) or hasattr(x, "as_node"):
        value = x if isinstance(x, Symbol) else x.value
        return value if dtype is None else ops.cast(value, dtype)
    if isinstance(x, list | tuple) and _has_symbols(x):
        joined = ops.stack([convert_to_tensor(item) for item in x])
        return joined if dtype is None else ops.cast(joined, dtype)
    kind = dtypes.standard(dtype) if dtype is not None else number_dtype(x)
    return array_of(x, kind)


def _has_symbols(values: Any) -> bool:
    """Whether something in nested lists is computed later."""
    return any(_has_symbols(x) if isinstance(x, list | tuple) else as_node(x) is not None for x in values)


@public
def convert_to_numpy(x: Any) -> Any:
    """A value as a NumPy array."""
    return np.asarray(x)


@public
def zeros(shape: Any, dtype: Any = None) -> Any:
    """An array of zeros."""
    return ops.full(shape, 0, dtype)


@public
def ones(shape: Any, dtype: Any = None) -> Any:
    """An array of ones."""
    return ops.full(shape, 1, dtype)


def _filled(x: Any, value: int, dtype: Any) -> Any:
    kind = dtypes.standard(dtype if dtype is not None else x.dtype)
    return ops.broadcast_to(trace_constant(value, kind, x), tuple(x.shape))


def trace_constant(value: Any, dtype: str, beside: Any) -> Any:
    """A number as an array, or as a symbol where `beside` is one."""
    array = array_of(value, dtype)
    return Symbol(source_node("constant", (), dtype, value=held(array))) if isinstance(beside, Symbol) else array


@public
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros in the shape of x."""
    return _filled(x, 0, dtype)


@public
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones in the shape of x."""
    return _filled(x, 1, dtype)
