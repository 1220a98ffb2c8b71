"""Variables: state with a shape, a dtype and a movable place in a store.

A `Store` is one flat buffer. `pack` moves variables next to each other, so that one kernel can update all of them;
models and optimizers hold variables and never see where they lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from kmagic.base.dtypes import held_as, is_float, standard
from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph import numpy_functions, trace
from kmagic.graph.autocast import autocast_dtype
from kmagic.graph.names import ops
from kmagic.graph.narrow import Bfloat16, array_of, held
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
    while a program is traced, it is an ordered write. In a layer that computes in another dtype floats come in that
    one, unless `autocast` is False.

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
        autocast: bool = True,
    ) -> None:
        self.trainable = trainable
        self.autocast = autocast
        self.name = name or "variable"
        self.path = path or self.name
        self.regularizer: Any = None
        self.constraint: Any = None
        self.owner: Owner | None = None
        self.store: Store | None = None
        self.offset = 0
        initial = _initial(initializer, shape, dtype, self.path)
        self.stored_dtype = standard(initial.dtype)
        self._array: Array = held(initial)

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes, all known."""
        return tuple(self._array.shape)

    @property
    def dtype(self) -> str:
        """The name of the dtype in which the value comes here; `stored_dtype` is that of the variable."""
        wanted = autocast_dtype()
        if wanted is None or not self.autocast or not is_float(self.stored_dtype):
            return self.stored_dtype
        return wanted

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
        """The memory itself, of bfloat16 as float32; writing to it changes the variable."""
        return self._array

    @property
    def value(self) -> Any:
        """The current value: a copy as an array, or a symbol while a program is traced."""
        node = self.as_node()
        if node is not None:
            return Symbol(node)
        array, wanted = self.numpy(), self.dtype
        return array if wanted == self.stored_dtype else ops.cast(array, wanted)

    def numpy(self) -> Any:
        """A copy of the value, in a step that runs line by line of what it assigned."""
        node = self.as_node() if trace.is_immediate() else None
        array = self._array.copy() if node is None else np.array(Symbol(node).numpy())
        return Bfloat16.around(array) if self.stored_dtype == "bfloat16" else array

    def as_node(self) -> Node | None:
        """The node of the current value in the trace that is running, if one is."""
        current = trace.current()
        return self._cast(current.value(self)) if current else None

    def read_node(self) -> Node:
        """A node of the current value: of the trace that is running, or of what will be held when it is run."""
        return self._cast(trace.value_of(self, trace.current()))

    def _cast(self, node: Node) -> Node:
        """The value in the dtype that is wanted here."""
        wanted = self.dtype
        return node if node.dtype == wanted else ops.cast(Symbol(node), wanted).node

    def assign(self, value: Any) -> None:
        """Replace the value."""
        current = trace.current()
        if current:
            current.assign(self, value)
            return
        given = held(array_of(value, "bfloat16" if self.stored_dtype == "bfloat16" else None))
        if given.shape != self.shape:
            expected = written(self.shape, self.stored_dtype)
            raise ShapeMismatch(f"value of shape {written(given.shape)}", where=self.path, expected=expected)
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
        return {**vars(self), "_array": held(self.numpy()), "store": None, "offset": 0, "owner": None}

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        node = self.as_node()
        if node is not None:
            return Symbol(node).__array__()
        array = np.asarray(self.value)
        return array if dtype is None else array.astype(dtype)

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        ufunc, method, *inputs = args
        values = [item.value if isinstance(item, Variable) else item for item in inputs]
        return numpy_functions.ufunc_on_arrays(ufunc, method, values, kwargs)

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
        return f"<Variable path={self.path} {written(self.shape, self.stored_dtype)}>"


def _values(given: Any) -> Any:
    """Arguments of a function of NumPy, with the values of variables in place of them."""
    if isinstance(given, Variable):
        return given.value
    if isinstance(given, list | tuple):
        return type(given)(_values(item) for item in given)
    return {name: _values(item) for name, item in given.items()} if isinstance(given, dict) else given


def _initial(initializer: Any, shape: Sequence[int] | None, dtype: Any, path: str) -> Any:
    if callable(initializer) and not hasattr(initializer, "__array__"):
        if shape is None:
            raise BadType("an initializer without a shape", where=path, expected="shape=(…)")
        initializer = initializer(tuple(shape), dtype=held_as(standard(dtype)))
    kind = standard(dtype) if dtype is not None or not hasattr(initializer, "dtype") else standard(initializer.dtype)
    array = Bfloat16(initializer) if kind == "bfloat16" else np.array(initializer, dtype=kind, order="C")
    if shape is not None and array.shape != tuple(shape):
        raise ShapeMismatch(
            f"initial value of shape {written(array.shape)}", where=path, expected=written(tuple(shape))
        )
    return array


class Store:
    """One flat buffer of one dtype, in which variables lie one after the other."""

    def __init__(self, dtype: str, size: int) -> None:
        self.buffer: Array = np.zeros(size, held_as(dtype))


def settle(variables: Iterable[Variable]) -> None:
    """Wait for the runs in other threads that are changing one of these variables."""
    for variable in variables:
        if variable.busy and variable.owner is not None:
            variable.owner.wait_or_interrupt()


def pack(variables: Iterable[Variable]) -> None:
    """Move variables of equal dtype next to each other, in order; those that already lie so stay."""
    groups: dict[str, list[Variable]] = {}
    for variable in dict.fromkeys(variables):
        groups.setdefault(variable.stored_dtype, []).append(variable)
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
