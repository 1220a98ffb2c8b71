"""The operation table: one row an operation, read by eager execution, tracing, the compiler and the laws.

A row is made by decorating a function whose positional-only parameters are the inputs, and the others attributes; a
leading underscore keeps it out of the public `kmagic.ops`. Of a
*primitive* the function only documents name and arguments; of a *composite* its body is the lowering to primitives.
Emitters print primitives only, so a device never needs to learn a composite.

    @primitive("pointwise", numpy=np.exp, gradient=lambda g, y, x: (g * y,))
    def exp(x, /): ...

    @composite(gradient=lambda g, y, x: (g * y * (1 - y),))
    def sigmoid(x, /):
        return 1 / (1 + ops.exp(-x))

Gradients receive the output's gradient `g`, the output `y` and the inputs, all as symbols, and return one gradient (or
None) per input. They are ordinary code in operations, so gradients are differentiable; un-broadcasting is done once, by
the reverse pass.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kmagic.base import dtypes, shapes
from kmagic.base.config import floatx
from kmagic.base.errors import BadType, Defect
from kmagic.base.shapes import Shape
from kmagic.graph.eager import apply
from kmagic.graph.names import ops, public

ShapeRule = Callable[..., Shape]
DtypeRule = Callable[..., str]
ComputeRule = Callable[..., "str | tuple[str, ...]"]
KINDS = (
    "pointwise",
    "reduce",
    "movement",
    "product",
    "decomposition",
    "index",
    "window",
    "random",
    "source",
    "control",
    "composite",
)


@dataclass(eq=False)
class Operation:
    """One row.

    `shape(*shapes, **attributes)` and `dtype(*dtypes, **attributes)` are the rules; `compute(*dtypes)` says what
    inputs are cast to before the operation runs (None: they stay); `numpy(*arrays, **attributes)` runs it; `domain`
    is the range that laws draw inputs from; `smooth` is False where finite differences cannot test the gradient
    (steps, integers); `host_only` rows have no device lowering and split a program that runs on one; `whole` rows take
    whole numbers and truth values only; others than those that read memory get numbers of 16 bits as float32.
    """

    name: str
    kind: str
    function: Callable[..., Any]
    shape: ShapeRule
    dtype: DtypeRule
    compute: ComputeRule | None
    numpy: Callable[..., Any] | None
    gradient: Callable[..., Sequence[Any]] | None
    domain: tuple[float, float] = (-2.0, 2.0)
    smooth: bool = True
    commutes: bool = False
    host_only: bool = False
    whole: bool = False
    reads_memory: bool = False
    inputs: tuple[str, ...] = field(init=False)
    arity: int = field(init=False)
    variadic: bool = field(init=False)
    defaults: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        parameters = list(inspect.signature(self.function).parameters.values())
        self.variadic = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        self.inputs = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_ONLY)
        self.arity = len(self.inputs)
        self.defaults = {
            parameter.name: parameter.default
            for parameter in parameters
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        }
        self.__doc__ = inspect.getdoc(self.function)
        self.__name__ = self.__qualname__ = self.name
        self.__module__ = self.function.__module__
        # inputs may be given by name too
        shown = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) if p.kind is p.POSITIONAL_ONLY else p for p in parameters]
        self.__signature__ = inspect.signature(self.function).replace(parameters=shown)
        self.__wrapped__ = self.function

    @property
    def is_primitive(self) -> bool:
        """Whether emitters must know it."""
        return self.kind != "composite"

    def __call__(self, *arguments: Any, **attributes: Any) -> Any:
        inputs = arguments if self.variadic else arguments[: self.arity]
        if not attributes and len(inputs) == len(arguments) and (self.variadic or len(inputs) == self.arity):
            return apply(self, inputs, self.defaults)
        further = arguments[len(inputs) :]
        missing = self.inputs[len(inputs) :]
        inputs += tuple(attributes.pop(name) for name in missing if name in attributes)
        named = dict(zip(self.defaults, further, strict=False))
        unknown = set(attributes) - (set(self.defaults) - set(named))
        if unknown or len(named) != len(further) or (not self.variadic and len(inputs) != self.arity):
            raise BadType(f"{self.name}{inspect.signature(self.function)} does not take these arguments", where="ops")
        return apply(self, inputs, {**self.defaults, **named, **attributes})

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> tuple[Callable[[str], Operation], tuple[str]]:
        # a copy of a graph is made of the same rows
        return row_called, (self.name,)


TABLE: dict[str, Operation] = ops.rows


def row_called(name: str) -> Operation:
    """The row of this name."""
    return TABLE[name]


def same_shape(*inputs: Shape, **attributes: Any) -> Shape:
    """The broadcast shape of all inputs."""
    return shapes.broadcast(*inputs)


def promoted(*inputs: str, **attributes: Any) -> str:
    """The dtype that all inputs combine to."""
    return dtypes.promote(*inputs)


def promoted_number(*inputs: str, **attributes: Any) -> str:
    """As `promoted`, with truth values counted in int32."""
    combined = dtypes.promote(*inputs)
    return "int32" if combined == "bool" else combined


def promoted_float(*inputs: str, **attributes: Any) -> str:
    """As `promoted`, with whole numbers taken to the default float type."""
    combined = dtypes.promote(*inputs)
    return combined if dtypes.is_float(combined) else floatx()


def boolean(*inputs: str, **attributes: Any) -> str:
    """Comparisons give truth values."""
    return "bool"


def primitive(
    kind: str,
    *,
    numpy: Callable[..., Any],
    gradient: Callable[..., Sequence[Any]] | None = None,
    shape: ShapeRule = same_shape,
    dtype: DtypeRule = promoted,
    compute: ComputeRule | None = promoted,
    **options: Any,
) -> Callable[[Callable[..., Any]], Operation]:
    """Decorate the documented signature of an operation that emitters print."""

    def decorate(function: Callable[..., Any]) -> Operation:
        return _add(
            Operation(function.__name__.lstrip("_"), kind, function, shape, dtype, compute, numpy, gradient, **options)
        )

    return decorate


def composite(
    *,
    gradient: Callable[..., Sequence[Any]],
    shape: ShapeRule = same_shape,
    dtype: DtypeRule = promoted_float,
    compute: ComputeRule | None = promoted_float,
    **options: Any,
) -> Callable[[Callable[..., Any]], Operation]:
    """Decorate an operation whose body is its lowering, and whose gradient is better written than derived."""

    def decorate(function: Callable[..., Any]) -> Operation:
        return _add(
            Operation(
                function.__name__.lstrip("_"), "composite", function, shape, dtype, compute, None, gradient, **options
            )
        )

    return decorate


def _add(row: Operation) -> Operation:
    if row.name in TABLE:
        raise Defect(f"operation {row.name!r} is defined twice")
    if not row.__doc__ or row.kind not in KINDS:
        raise Defect(f"operation {row.name!r} needs a docstring and one of the kinds {', '.join(KINDS)}")
    TABLE[row.name] = row
    if not row.function.__name__.startswith("_"):
        public(row)
    return row


__all__ = [
    "TABLE",
    "Operation",
    "boolean",
    "composite",
    "ops",
    "primitive",
    "promoted",
    "promoted_float",
    "promoted_number",
    "public",
    "same_shape",
]
