"""Operations on arrays as NumPy has them: values, slopes, and which dtype comes of which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results
from ..operations import OperationCase, values_and_slopes


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("operations on arrays", name, shape=shape)


X, Y, ROW = _normal("x", 3, 4), _normal("y", 3, 4), _normal("row", 4)
CUBE = _normal("cube", 2, 3, 4)
POSITIVE = np.abs(X) + 0.25
INSIDE = np.tanh(X)
HOLES = np.where(np.arange(12).reshape(3, 4) % 5 == 2, np.nan, X)
ENDS = np.array([0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 0.5])
WHOLE = inputs.generator("whole numbers").integers(-9, 9, (2, 5)).astype("int32")
OTHER = inputs.generator("other whole numbers").integers(1, 9, (2, 5)).astype("int32")
COUNTS = inputs.generator("counts").integers(0, 5, 10).astype("int32")
SEGMENTS = np.array([0, 2, 2, 0, 1, 2], "int32")
SIX = _normal("six", 6, 2)
PLACES = np.array([[0], [2], [2]], "int32")
CELLS = np.array([[0, 1], [2, 3]], "int32")


def _case(part: str, *arrays: np.ndarray, slopes: int | None = None, **arguments: Any) -> OperationCase:
    """A call with gradients by all leading arrays of floats, unless told otherwise."""
    floats = 0
    while floats < len(arrays) and arrays[floats].dtype == "float64":
        floats += 1
    return OperationCase(part, arrays, arguments, floats if slopes is None else slopes)


def _flat(*parts: str) -> list[OperationCase]:
    """Functions of one number without a slope, on ordinary and on special numbers."""
    return [_case(part, array, slopes=0) for part in parts for array in (X, ENDS)]


def _smooth(array: np.ndarray, *parts: str) -> list[OperationCase]:
    return [_case(part, array) for part in parts]


def _reducing(*parts: str, array: np.ndarray = CUBE, slopes: int | None = None) -> list[OperationCase]:
    """Reductions over all, one and several axes."""
    return [
        case
        for part in parts
        for case in (
            _case(part, array, slopes=slopes),
            _case(part, array, axis=-1, slopes=slopes),
            _case(part, array, axis=0, keepdims=True, slopes=slopes),
        )
    ]


POINTWISE = (
    *_smooth(X, "abs", "absolute", "arcsinh", "arctan", "cbrt", "conj", "cos", "cosh", "deg2rad", "erf", "erfc", "exp"),
    *_smooth(X, "exp2", "expm1", "fabs", "i0", "negative", "rad2deg", "real", "reciprocal", "sin", "sinc", "sinh"),
    *_smooth(X, "square", "tan", "tanh", "ravel", "copy", "array", "fliplr", "flipud", "transpose", "corrcoef"),
    *_smooth(POSITIVE, "log", "log10", "log1p", "log2", "sqrt", "rsqrt"),
    *_smooth(POSITIVE + 1, "arccosh"),
    *_smooth(INSIDE, "arccos", "arcsin", "arctanh", "erfinv"),
    *_flat("ceil", "floor", "trunc", "signbit", "isfinite", "isinf", "isnan", "isneginf", "isposinf"),
    *_flat("nan_to_num", "logical_not", "isreal", "round"),
    *(_case(part, X, slopes=0) for part in ("sign", "angle")),  # torch takes NaN and −0 for 0
    _case("round", X, decimals=2, slopes=0),
    _case("nan_to_num", ENDS, nan=1.0, posinf=2.0, neginf=3.0, slopes=0),
    *(_case(part, X, Y) for part in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "true_divide")),
    *(_case(part, X, Y) for part in ("arctan2", "hypot", "logaddexp", "logaddexp2", "divide_no_nan", "fmax", "fmin")),
    *(_case(part, X, ROW) for part in ("add", "subtract", "multiply", "divide", "maximum", "minimum")),
    *(_case(part, X, POSITIVE, slopes=0) for part in ("mod", "fmod", "floor_divide", "heaviside", "nextafter")),
    _case("power", POSITIVE, Y),
    *(_case(part, X, X.round(), slopes=0) for part in ("equal", "not_equal", "less", "less_equal", "greater")),
    *(_case(part, X, X + 1e-9, slopes=0) for part in ("isclose", "allclose", "greater_equal")),
    *(_case(part, X > 0, Y > 0) for part in ("logical_and", "logical_or", "logical_xor")),
    *(_case(part, WHOLE, OTHER) for part in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "fmod", "mod")),
    *(_case(part, WHOLE, OTHER) for part in ("left_shift", "right_shift", "floor_divide")),
    *(_case(part, WHOLE) for part in ("bitwise_not", "bitwise_invert", "square", "sign", "trunc", "round")),
    _case("ldexp", X, COUNTS[:4].copy(), slopes=1),
    _case("where", X > 0, X, Y),
    _case("clip", X, x_min=-0.5, x_max=1.0),
    _case("logical_not", WHOLE),
    _case("saturate_cast", X * 1e10, dtype="int32", slopes=0),
    _case("cast", X * 3, dtype="int32", slopes=0),
)

REDUCTIONS = (
    *_reducing("sum", "mean", "prod", "var", "std", "max", "min", "amax", "amin", "median", "logsumexp", "ptp"),
    *_reducing(
        "nanmean", "nansum", "nanprod", "nanmax", "nanmin", "nanvar", "nanstd", "nanmedian", array=HOLES, slopes=0
    ),
    *_reducing("all", "any", array=CUBE > -1),
    *_reducing("argmax", "argmin", slopes=0),
    *_reducing("nanargmax", "nanargmin", array=HOLES, slopes=0),
    _case("count_nonzero", WHOLE),
    _case("count_nonzero", WHOLE, axis=1),
    _case("max", X, axis=1, initial=0.5),
    _case("average", X),
    _case("average", X, axis=1, weights=np.arange(4.0)),
    *(_case("quantile", X, q=0.3, axis=1, method=m) for m in ("linear", "lower", "higher", "midpoint", "nearest")),
    _case("quantile", CUBE, q=np.array([0.2, 0.9]), axis=(0, 2), keepdims=True),
    _case("percentile", X, q=30.0),
    _case("nanquantile", HOLES, q=0.4, axis=1, slopes=0),
    _case("nanpercentile", HOLES, q=40.0, slopes=0),
    *(_case(part, X, axis=axis) for part in ("cumsum", "cumprod") for axis in (None, 0, 1)),
    _case("cumprod", X[:2] * [1, 0, 1, 0], axis=1),
    *(_case(part, HOLES, axis=1, slopes=0) for part in ("nancumsum", "nancumprod")),
    _case("diff", X),
    _case("diff", X, n=2, axis=0),
    _case("trapezoid", X, dx=0.5),
    _case("trapezoid", X, x=np.array([0.0, 1.0, 3.0, 3.5])),
    _case("bincount", COUNTS),
    _case("bincount", COUNTS, weights=np.arange(10.0) / 4, minlength=7),
    _case("histogram", X.ravel(), bins=4, slopes=0),
    _case("histogram", X.ravel(), bins=3, range=(-1, 1), slopes=0),
)

PRODUCTS = (
    *(_case("einsum_of", X, Y, subscripts=text) for text in ("ij,kj->ik", "ij,ij->", "ij,ik->jk", "ij,kl->ijkl")),
    _case("matmul", X, Y.T.copy()),
    _case("matmul", CUBE, ROW),
    _case("dot", X, ROW),
    _case("dot", CUBE, Y.T.copy()),
    _case("inner", X, Y),
    _case("outer", X, ROW),
    _case("vdot", ROW, X[0]),
    _case("kron", X, Y[:2, :2].copy()),
    _case("tensordot", CUBE, X),
    _case("tensordot", CUBE, X, axes=[[1, 2], [0, 1]]),
    _case("tensordot", X, ROW, axes=1),
    _case("cross", X[:2, :3].copy(), Y[:2, :3].copy()),
    *(_case("correlate", ROW, Y[0, :3].copy(), mode=mode) for mode in ("valid", "same", "full")),
)

MOVEMENT = (
    _case("reshape", X, newshape=(2, -1)),
    _case("transpose", CUBE, axes=(2, 0, 1)),
    _case("swapaxes", CUBE, axis1=0, axis2=-1),
    _case("moveaxis", CUBE, source=(0, 2), destination=(1, 0)),
    _case("expand_dims", X, axis=(0, -1)),
    _case("squeeze", X[:, None], axis=1),
    _case("broadcast_to", ROW, shape=(3, 4)),
    _case("flip", X, axis=1),
    _case("flip", X),
    *(_case("rot90", X, k=k) for k in (-1, 0, 1, 2)),
    *(_case("roll", X, shift=shift, axis=axis) for shift, axis in ((1, None), (-2, 1), (5, 0))),
    _case("repeat", X, repeats=2),
    _case("repeat", X, repeats=3, axis=1),
    _case("tile", X, repeats=2),
    _case("tile", X, repeats=(2, 1, 2)),
    *(_case("pad", X, pad_width=((1, 2), (0, 3)), mode=mode) for mode in ("constant", "symmetric")),
    _case("pad", X, pad_width=((1, 2), (0, 3)), mode="reflect"),
    _case("pad", X, pad_width=((1, 1), (1, 1)), constant_values=2.5),
    _case("split", X, indices_or_sections=2, axis=1),
    _case("split", X, indices_or_sections=[1, 3], axis=1),
    _case("array_split", X, indices_or_sections=3, axis=1),
    *(
        _case(part, CUBE, indices_or_sections=sections)
        for part, sections in (("vsplit", 2), ("hsplit", 3), ("dsplit", 2))
    ),
    _case("unstack", X, axis=1),
    _case("append", X, Y),
    _case("append", X, Y, axis=1),
    *(_case(f"{part}_of", X, Y) for part in ("concatenate", "stack", "vstack", "hstack", "dstack")),
    _case("diag", X),
    _case("diag", ROW, k=1),
    _case("diagflat", X, k=-1),
    _case("diagonal", CUBE, offset=1, axis1=1, axis2=2),
    _case("trace", CUBE, axis1=1, axis2=2),
    _case("tril", X, k=-1),
    _case("triu", CUBE, k=1),
    _case("vander", ROW, slopes=0),
    _case("vander", ROW, N=3, increasing=True, slopes=0),
    _case("meshgrid", ROW, X[0]),
    _case("meshgrid", ROW, X[0], indexing="ij"),
    _case("full_like", X, fill_value=2.5, slopes=0),
    _case("zeros_like", X, slopes=0),
    _case("ones_like", X, dtype="int32", slopes=0),
)

SEARCHING = (
    _case("sort", X),
    _case("sort", X, axis=0),
    _case("argsort", X, axis=0, slopes=0),
    _case("searchsorted", np.sort(ROW), X, slopes=0),
    _case("searchsorted", np.array([0.0, 1.0, 1.0, 2.0]), np.array([1.0, -1.0, 9.0]), side="right", slopes=0),
    _case("digitize", X, np.array([-1.0, 0.0, 1.0]), slopes=0),
    _case("isin", WHOLE, OTHER),
    _case("isin", WHOLE, OTHER, invert=True),
    _case("in_top_k", np.array([0, 3, 1], "int32"), X, k=2),
    _case("top_k", X, k=2, slopes=0),
    _case("take", X, np.array([0, 2, -1], "int32"), axis=1, slopes=1),
    _case("take", X, np.array([0, 11], "int32"), slopes=1),
    _case("take_along_axis", X, np.argsort(X, 1), axis=1, slopes=1),
    _case("one_hot", COUNTS, num_classes=5),
    _case("unravel_index", COUNTS, shape=(2, 3)),
    _case("unique", WHOLE),
    *(_case(f"segment_{part}", SIX, SEGMENTS, num_segments=3, slopes=1) for part in ("sum", "max", "min")),
    _case("segment_prod", SIX, SEGMENTS, num_segments=3, slopes=0),
    _case("scatter", PLACES, SIX[:3].copy(), shape=(4, 2)),
    _case("scatter", CELLS, ROW[:2].copy(), shape=(3, 4)),
    *(
        _case("scatter_update", X, CELLS, ROW[:2].copy(), slopes=int(how not in ("max", "min")), reduction=how)
        for how in (None, "add", "max", "min", "mul")
    ),
    _case("slice", X, start_indices=(1, 0), shape=(2, 3)),
    _case("slice_update_at", X, Y[:2, :3].copy(), start_indices=(1, 0)),
)

MADE = (
    *(_case(part, x=6) for part in ("bartlett", "blackman", "hamming", "hanning")),
    _case("kaiser", x=6, beta=5.0),
    _case("arange", start=2, stop=9, step=3),
    _case("arange", start=0.5, stop=2.0, step=0.25),
    _case("linspace", start=0, stop=3, num=7),
    _case("linspace", start=0, stop=3, num=6, endpoint=False),
    _case("logspace", start=0, stop=3, num=7, base=2),
    _case("geomspace", start=1, stop=64, num=7),
    _case("eye", N=3, M=4, k=1),
    _case("identity", n=3),
    _case("tri", N=3, M=4, k=-1),
    _case("full", shape=(2, 3), fill_value=1.5),
    _case("zeros", shape=(2, 3)),
    _case("ones", shape=(2, 3)),
)


class Rearranged:
    """The operations of a library, and those whose arrays come as a list or beside a keyword, under other names."""

    def __init__(self, library: Library) -> None:
        self._ops = library.ops

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ops, name)

    def einsum_of(self, *arrays: Any, subscripts: str) -> Any:
        """einsum with its text by name."""
        return self._ops.einsum(subscripts, *arrays)

    def slice_update_at(self, x: Any, updates: Any, start_indices: Any) -> Any:
        """slice_update with the place by name."""
        return self._ops.slice_update(x, start_indices, updates)

    def concatenate_of(self, *arrays: Any) -> Any:
        """concatenate by positions."""
        return self._ops.concatenate(arrays)

    def stack_of(self, *arrays: Any) -> Any:
        """stack by positions."""
        return self._ops.stack(arrays)

    def vstack_of(self, *arrays: Any) -> Any:
        """vstack by positions."""
        return self._ops.vstack(arrays)

    def hstack_of(self, *arrays: Any) -> Any:
        """hstack by positions."""
        return self._ops.hstack(arrays)

    def dstack_of(self, *arrays: Any) -> Any:
        """dstack by positions."""
        return self._ops.dstack(arrays)


class WithRearranged:
    """A library whose operations are `Rearranged`."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.ops = Rearranged(library)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)


def _values_and_slopes(library: Library, case: OperationCase) -> Results:
    return values_and_slopes(WithRearranged(library), case)  # type: ignore[arg-type]


KINDS = ("bool", "uint8", "int8", "int16", "int32", "float16", "float32")
WHOLE_KINDS = KINDS[:5]
NUMBERS = KINDS[1:]


@dataclass(frozen=True)
class DtypeCase:
    """What dtype comes of each, or of each two."""

    part: str
    kinds: tuple[str, ...] = KINDS
    arity: int = 1
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.part} of {self.arity}"


def dtypes(library: Library, case: DtypeCase) -> Results:
    """The dtype of a result for every dtype, or pair of them, that goes in."""
    found = {}
    for first in case.kinds:
        for second in case.kinds if case.arity == 2 else (first,):
            arrays = [library.ops.ones((2, 2), kind) for kind in (first, second)[: case.arity]]
            result = getattr(library.ops, case.part)(*arrays, **case.arguments)
            found[" ".join((first, second)[: case.arity])] = library.ops.dtype(result)
    return found


_TO_FLOAT = (
    "exp",
    "log",
    "sqrt",
    "sin",
    "tanh",
    "arctan",
    "arcsinh",
    "ceil",
    "floor",
    "exp2",
    "sinc",
    "mean",
    "median",
)
DTYPES = (
    *(DtypeCase(part) for part in _TO_FLOAT),
    *(DtypeCase(part) for part in ("var", "std", "sum", "prod", "max", "min", "cumsum", "cumprod", "argmax", "sort")),
    *(DtypeCase(part) for part in ("isnan", "logical_not", "count_nonzero", "trunc", "absolute", "tril", "ravel")),
    *(DtypeCase(part, NUMBERS) for part in ("sign", "negative", "square", "round", "ptp", "diff", "nan_to_num")),
    *(DtypeCase(part, arity=2) for part in ("add", "multiply", "divide", "maximum", "equal", "logical_and", "arctan2")),
    *(DtypeCase(part, arity=2) for part in ("matmul", "tensordot", "outer", "logaddexp")),
    *(DtypeCase(part, NUMBERS, arity=2) for part in ("subtract", "mod", "floor_divide", "power", "hypot")),
    *(DtypeCase(part, WHOLE_KINDS, arity=2) for part in ("bitwise_and", "bitwise_xor")),
    DtypeCase("bitwise_not", WHOLE_KINDS),
    DtypeCase("average", arguments={"axis": 0}),
    DtypeCase("quantile", NUMBERS, arguments={"q": 0.5}),
)

AREAS = (
    Area(
        "operations on arrays", (*POINTWISE, *REDUCTIONS, *PRODUCTS, *MOVEMENT, *SEARCHING, *MADE), _values_and_slopes
    ),
    Area("operations on dtypes", DTYPES, dtypes, "float32"),
)
