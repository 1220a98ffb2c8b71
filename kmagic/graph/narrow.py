"""Numbers of 16 bits: how they are rounded, and arrays of bfloat16, which NumPy does not have.

Float16 and bfloat16 are what values are kept in; whatever computes with them does so in float32 and rounds its result
once. Arrays of float16 are NumPy's own. Those of bfloat16 are float32 arrays whose numbers all have eight binary
digits, which is exact, with a class around them that knows their dtype. Chosen instead of the dtype of the package
`ml_dtypes`, whose operations round after each step and take a number at a time, and which would be a requirement of
everybody for the sake of what two shifts do; its arrays are taken as data all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.graph.operators import Operators

Array = np.ndarray[Any, Any]


def to_float16(x: Any, out: Array | None = None) -> Any:
    """The nearest numbers that float16 holds, in the dtype of x: halves to the even one, too large ones to infinity.

    >>> to_float16(np.float32([1.0001, 70000.0])).tolist()
    [1.0, inf]
    """
    out = np.empty_like(x) if out is None else out
    with np.errstate(over="ignore"):
        out[...] = np.asarray(x).astype("float16")
    return out


def to_bfloat16(x: Any, out: Array | None = None) -> Any:
    """The nearest numbers that bfloat16 holds, in the dtype of x; halves to the even one.

    >>> to_bfloat16(np.float32([1.001, 1.01, 3e38])).tolist()[:2]
    [1.0, 1.0078125]
    """
    out = np.empty_like(x) if out is None else out
    wide = np.array(x, "float32", order="C")
    bits = wide.view("uint32")
    # half of the last place that is kept, a little less where its digit is even already; a carry may reach infinity
    bits += ((bits >> 16) & 1) + np.uint32(0x7FFF)
    bits &= np.uint32(0xFFFF0000)
    np.copyto(wide, np.nan, where=np.isnan(x))
    out[...] = wide
    return out


ROUND = {"float16": to_float16, "bfloat16": to_bfloat16}


class Bfloat16(Operators):
    """An array of bfloat16; NumPy's functions see its numbers as float32, kmagic's operations give bfloat16 again.

    >>> x = Bfloat16([1.001, 2.0])
    >>> x.dtype, x.tolist(), (x * 2).dtype
    ('bfloat16', [1.0, 2.0], 'bfloat16')
    """

    __slots__ = ("_keras_mask", "held")
    __array_priority__ = 100
    dtype = "bfloat16"

    def __init__(self, values: Any, mask: Any = None) -> None:
        self.held: Array = to_bfloat16(np.asarray(values, "float32"))
        self._keras_mask = mask

    @classmethod
    def around(cls, held: Array, mask: Any = None) -> Bfloat16:
        """The array whose numbers, which are rounded already, are `held`."""
        made = cls.__new__(cls)
        made.held, made._keras_mask = held, mask
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes."""
        shape: tuple[int, ...] = self.held.shape
        return shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.held.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.held.size

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self.held.copy() if dtype is None else self.held.astype(dtype)

    def numpy(self) -> Array:
        """The numbers as float32."""
        return self.held.copy()

    def tolist(self) -> Any:
        """The numbers as lists."""
        return self.held.tolist()

    def item(self, *index: int) -> Any:
        """The only number, or that at an index."""
        return self.held.item(*index)

    def __getitem__(self, key: Any) -> Bfloat16:
        return Bfloat16.around(np.asarray(self.held[key]))

    def __len__(self) -> int:
        return len(self.held)

    def __iter__(self) -> Iterator[Bfloat16]:
        return (self[i] for i in range(len(self)))

    def __float__(self) -> float:
        return float(self.held)

    def __int__(self) -> int:
        return int(self.held)

    def __bool__(self) -> bool:
        return bool(self.held)

    def __repr__(self) -> str:
        return f"Bfloat16({np.array2string(self.held, separator=', ')})"


def array_of(value: Any, dtype: Any = None) -> Any:
    """A value as an array of a dtype, of its own by default."""
    if dtype is None:
        dtype = getattr(value, "dtype", None)
    if dtype is not None and standard(dtype) == "bfloat16":
        return value if isinstance(value, Bfloat16) else Bfloat16(value)
    return np.asarray(value, None if dtype is None else standard(dtype))


def widened(value: Any) -> Any:
    """Numbers of 16 bits as float32; anything else as it is."""
    if isinstance(value, Bfloat16):
        return value.held
    return value.astype("float32") if value.dtype == "float16" else value


def narrowed(value: Any, dtype: str) -> Any:
    """A result of float32 as an array of 16 bits."""
    return Bfloat16(value) if dtype == "bfloat16" else np.asarray(value).astype(dtype)


def held(value: Any) -> Any:
    """The numbers of an array in memory of NumPy's."""
    return value.held if isinstance(value, Bfloat16) else value
