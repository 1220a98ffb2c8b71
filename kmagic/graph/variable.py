"""Variables: state with a shape, a dtype and a movable place in a store.

A `Store` is one flat buffer. `pack` moves variables next to each other, so that one kernel can update all of them;
models and optimizers hold variables and never see where they lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph import trace
from kmagic.graph.node import Node
from kmagic.graph.operators import Operators
from kmagic.graph.symbol import Symbol

Array = np.ndarray[Any, Any]


class Owner(Protocol):
    """What changes variables for a while: a run."""

    @property
    def finished(self) -> bool:
        """Whether it is over."""

    @property
    def is_own_thread(self) -> bool:
        """Whether the caller is the run itself."""

    def wait_or_interrupt(self) -> None:
        """Block until it is over; an interrupt ends it and is raised again."""


class Variable(Operators):
    """A value that training changes; public as `kmagic.Variable`.

    `initializer` is an array, or a function of shape and dtype. Outside of a program, assigning takes effect at once;
    while a program is traced, it is an ordered write.

    >>> v = Variable([1.0, 2.0], name="v")
    >>> v.assign_add([1.0, 1.0])
    >>> v.numpy().tolist()
    [2.0, 3.0]
    """

    __array_priority__ = 100
    moves: ClassVar[int] = 0  # how often any variable got another place; views of memory are stale after one

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        self.trainable = trainable
        self.name = name or "variable"
        self.path = path or self.name
        self.regularizer: Any = None
        self.constraint: Any = None
        self.owner: Owner | None = None
        self.store: Store | None = None
        self.offset = 0
        self._array = _initial(initializer, shape, dtype, self.path)

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes, all known."""
        return tuple(self._array.shape)

    @property
    def dtype(self) -> str:
        """The dtype's name."""
        return standard(self._array.dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self._array.size)

    @property
    def array(self) -> Array:
        """The memory itself; writing to it changes the variable."""
        return self._array

    @property
    def value(self) -> Any:
        """The current value: a copy as an array, or a symbol while a program is traced."""
        node = self.as_node()
        return self.numpy() if node is None else Symbol(node)

    def numpy(self) -> Array:
        """A copy of the value, in a step that runs line by line of what it assigned."""
        node = self.as_node() if trace.is_immediate() else None
        return self._array.copy() if node is None else np.array(Symbol(node).numpy())

    def as_node(self) -> Node | None:
        """The node of the current value in the trace that is running, if one is."""
        current = trace.current()
        return current.value(self) if current else None

    def read_node(self) -> Node:
        """A node of the current value: of the trace that is running, or of what will be held when it is run."""
        return trace.value_of(self, trace.current())

    def assign(self, value: Any) -> None:
        """Replace the value."""
        current = trace.current()
        if current:
            current.assign(self, value)
            return
        given = np.asarray(value)
        if given.shape != self.shape:
            raise ShapeMismatch(
                f"value of shape {written(given.shape)}", where=self.path, expected=written(self.shape, self.dtype)
            )
        np.copyto(self._array, given, casting="unsafe")

    def assign_add(self, value: Any) -> None:
        """Add to the value."""
        self.assign(self + value)

    def assign_sub(self, value: Any) -> None:
        """Subtract from the value."""
        self.assign(self - value)

    @property
    def busy(self) -> bool:
        """Whether a run in another thread is changing it."""
        return self.owner is not None and not self.owner.finished and not self.owner.is_own_thread

    def move(self, store: Store, offset: int) -> None:
        """Keep the value in `store` from now on."""
        place = store.buffer[offset : offset + self.size].reshape(self.shape)
        np.copyto(place, self._array)
        self._array, self.store, self.offset = place, store, offset
        Variable.moves += 1

    def __getstate__(self) -> dict[str, Any]:
        # a copy has memory of its own, and no run that changes it
        return {**vars(self), "_array": self.numpy(), "store": None, "offset": 0, "owner": None}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        node = self.as_node()
        if node is not None:
            return Symbol(node).__array__()
        return self._array.astype(dtype) if dtype is not None else self._array.copy()

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        ufunc, method, *inputs = args
        values = [item.value if isinstance(item, Variable) else item for item in inputs]
        return getattr(ufunc, method)(*values, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*_values(args), **_values(kwargs))

    def item(self, *index: int) -> Any:
        """The only value as a number."""
        return self.value.item(*index)

    def tolist(self) -> Any:
        """The values as lists."""
        return self.value.tolist()

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __getitem__(self, key: Any) -> Any:
        return self.value[key]

    def __repr__(self) -> str:
        return f"<Variable path={self.path} {written(self.shape, self.dtype)}>"


def _values(given: Any) -> Any:
    """Arguments of a function of NumPy, with the values of variables in place of them."""
    if isinstance(given, Variable):
        return given.value
    if isinstance(given, list | tuple):
        return type(given)(_values(item) for item in given)
    return {name: _values(item) for name, item in given.items()} if isinstance(given, dict) else given


def _initial(initializer: Any, shape: Sequence[int] | None, dtype: Any, path: str) -> Array:
    if callable(initializer) and not hasattr(initializer, "__array__"):
        if shape is None:
            raise BadType("an initializer without a shape", where=path, expected="shape=(…)")
        initializer = initializer(tuple(shape), dtype=standard(dtype))
    kind = standard(dtype) if dtype is not None or not hasattr(initializer, "dtype") else standard(initializer.dtype)
    array = np.array(initializer, dtype=kind, order="C")
    if shape is not None and array.shape != tuple(shape):
        raise ShapeMismatch(
            f"initial value of shape {written(array.shape)}", where=path, expected=written(tuple(shape))
        )
    return array


class Store:
    """One flat buffer of one dtype, in which variables lie one after the other."""

    def __init__(self, dtype: str, size: int) -> None:
        self.buffer: Array = np.zeros(size, dtype)


def settle(variables: Iterable[Variable]) -> None:
    """Wait for the runs in other threads that are changing one of these variables."""
    for variable in variables:
        if variable.busy and variable.owner is not None:
            variable.owner.wait_or_interrupt()


def pack(variables: Iterable[Variable]) -> None:
    """Move variables of equal dtype next to each other, in order; those that already lie so stay."""
    groups: dict[str, list[Variable]] = {}
    for variable in dict.fromkeys(variables):
        groups.setdefault(variable.dtype, []).append(variable)
    for dtype, members in groups.items():
        if flat(members) is None:
            store = Store(dtype, sum(member.size for member in members))
            offset = 0
            for member in members:
                member.move(store, offset)
                offset += member.size


def flat(variables: Sequence[Variable]) -> Array | None:
    """The memory of variables as one vector, where they lie one after the other in this order."""
    first = variables[0]
    if first.store is None:
        return None
    end = first.offset
    for variable in variables:
        if variable.store is not first.store or variable.offset != end:
            return None
        end += variable.size
    return first.store.buffer[first.offset : end]
