"""Shapes: extents that may be unknown until run time, and one notation for them.

An axis is an `int` or an `Extent`, a polynomial in named sizes such as `batch`. Equal polynomials are equal extents, so
`(batch, 4, 8)` flattened is `(batch, 32)` and `(batch, 4)` merged is `(4·batch,)`.

The notation is read by people in docstrings, errors and plans, and by `Signature`, which makes the written line the
check:

    f32[batch *d features]     dtype, then axes: a name, `*d` any number, a number, `n-1`, `?` unknown, `#n` n or 1
    [n], [n] -> [n n]          several inputs, an arrow, the outputs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Integral
from typing import Any, NoReturn, Union

from kmagic.base.dtypes import SHORT
from kmagic.base.errors import Defect, ShapeMismatch, TraceError

Monomial = tuple[str, ...]
Axis = Union[int, "Extent"]
Shape = tuple[Axis, ...]


class Extent:
    """A size that depends on run time: a polynomial with whole coefficients in named sizes.

    >>> batch = Extent.named("batch")
    >>> batch * 4 // 2 + 1
    2·batch+1
    >>> (batch * 4 // 2 + 1).bind({"batch": 10})
    21
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self.terms = tuple(sorted((names, count) for names, count in terms.items() if count))

    @classmethod
    def named(cls, name: str) -> Extent:
        """The size called `name`."""
        return cls({(name,): 1})

    def bind(self, sizes: Mapping[str, int]) -> int:
        """The number that this extent is for the given sizes."""
        total = 0
        for names, count in self.terms:
            for name in names:
                count *= sizes[name]
            total += count
        return total

    @property
    def names(self) -> frozenset[str]:
        """The sizes that this extent depends on."""
        return frozenset(name for names, _ in self.terms for name in names)

    def __add__(self, other: Axis) -> Axis:
        if not isinstance(other, Integral | Extent):
            return NotImplemented
        terms = dict(self.terms)
        for names, count in _terms(other):
            terms[names] = terms.get(names, 0) + count
        return _settle(terms)

    __radd__ = __add__

    def __sub__(self, other: Axis) -> Axis:
        return self + other * -1 if isinstance(other, Integral | Extent) else NotImplemented

    def __rsub__(self, other: int) -> Axis:
        return self * -1 + other

    def __mul__(self, other: Axis) -> Axis:
        if not isinstance(other, Integral | Extent):
            return NotImplemented
        terms: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in _terms(other):
                key = tuple(sorted(left + right))
                terms[key] = terms.get(key, 0) + a * b
        return _settle(terms)

    __rmul__ = __mul__

    def __floordiv__(self, other: Axis) -> Axis:
        quotient = exact_quotient(self, other)
        if quotient is None:
            raise ShapeMismatch(f"{self} cannot be divided by {other} for every size", expected="a divisor of it")
        return quotient

    def _refuse(self, *others: object) -> NoReturn:
        raise TraceError(
            f"the size {self} as a number, which is known when the program runs",
            expected="kmagic.ops.cast(kmagic.ops.shape(x)[0], 'float32') to compute with it, or run_eagerly=True",
        )

    __int__ = __index__ = __float__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Extent) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __repr__(self) -> str:
        parts = []
        for names, count in sorted(self.terms, key=lambda term: -len(term[0])):
            factors = [] if abs(count) == 1 and names else [str(abs(count))]
            parts.append(("-" if count < 0 else "+") + "·".join([*factors, *names]))
        return "".join(parts).removeprefix("+")


def _terms(axis: Axis) -> tuple[tuple[Monomial, int], ...]:
    return axis.terms if isinstance(axis, Extent) else (((), int(axis)),)


def _settle(terms: Mapping[Monomial, int]) -> Axis:
    kept = {names: count for names, count in terms.items() if count}
    if not kept or set(kept) == {()}:
        return kept.get((), 0)
    return Extent(kept)


def exact_quotient(total: Axis, divisor: Axis) -> Axis | None:
    """`total / divisor` where that is exact for all sizes, else None.

    >>> exact_quotient(12, 4), exact_quotient(12, 5)
    (3, None)
    """
    if isinstance(total, int) and isinstance(divisor, int):
        return total // divisor if divisor and total % divisor == 0 else None
    if total == divisor:
        return 1
    if len(_terms(divisor)) != 1 or divisor == 0:
        return None
    ((names, count),) = _terms(divisor)
    quotient: dict[Monomial, int] = {}
    for left, a in _terms(total):
        rest = list(left)
        for name in names:
            if name not in rest:
                return None
            rest.remove(name)
        if a % count:
            return None
        quotient[tuple(rest)] = a // count
    return _settle(quotient)


def size(shape: Iterable[Axis]) -> Axis:
    """How many elements an array of this shape has."""
    total: Axis = 1
    for axis in shape:
        total = axis * total
    return total


def bind(shape: Iterable[Axis], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape in numbers, for the given sizes."""
    return tuple(axis.bind(sizes) if isinstance(axis, Extent) else axis for axis in shape)


def broadcast(*shapes: Shape) -> Shape:
    """The common shape under NumPy's rule: axes align from the right, and 1 stretches.

    >>> broadcast((3, 1), (4,))
    (3, 4)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    result: list[Axis] = []
    for position in range(rank):
        axes = {shape[position - rank + len(shape)] for shape in shapes if position - rank + len(shape) >= 0} - {1}
        if len(axes) > 1:
            raise ShapeMismatch(
                " and ".join(written(shape) for shape in shapes) + " do not broadcast together",
                expected="equal axes, or 1, counted from the right",
            )
        result.append(axes.pop() if axes else 1)
    return tuple(result)


def written(shape: Iterable[Axis | None], dtype: str | None = None) -> str:
    """A shape in the one notation.

    >>> written((32, None), "float32")
    'f32[32 ?]'
    """
    axes = " ".join("?" if axis is None else str(axis) for axis in shape)
    return f"{SHORT.get(dtype, dtype) if dtype else ''}[{axes}]"


def shapes_in(tree: Any) -> list[Any]:
    """The shapes in a tree of them, each a tuple of axes, in the order of sorted keys.

    >>> shapes_in([(None, 3), {"b": (2,), "a": None}])
    [(None, 3), None, (2,)]
    """
    if tree is None or (isinstance(tree, tuple) and all(isinstance(axis, int | Extent | None) for axis in tree)):
        return [tree]
    parts = [tree[key] for key in sorted(tree)] if isinstance(tree, dict) else tree
    return [shape for part in parts for shape in shapes_in(part)]


@dataclass(frozen=True)
class Pattern:
    """One side of a signature, e.g. `f32[batch *d n]`: an optional dtype and axis tokens."""

    tokens: tuple[str, ...]
    dtype: str | None = None

    def __str__(self) -> str:
        return f"{self.dtype or ''}[{' '.join(self.tokens)}]"

    def match(self, shape: Shape, names: dict[str, object]) -> bool:
        """Whether `shape` fits, given what names already stand for; new names are added to `names`."""
        stars = [i for i, token in enumerate(self.tokens) if token.startswith("*")]
        if not stars:
            return len(shape) == len(self.tokens) and all(map(_fits, self.tokens, shape, [names] * len(shape)))
        star, after = stars[0], len(self.tokens) - stars[0] - 1
        if len(shape) < star + after:
            return False
        middle = shape[star : len(shape) - after]
        head = all(_fits(t, axis, names) for t, axis in zip(self.tokens[:star], shape[:star], strict=True))
        tail = all(
            _fits(t, axis, names) for t, axis in zip(self.tokens[star + 1 :], shape[len(shape) - after :], strict=True)
        )
        return head and tail and names.setdefault(self.tokens[star], middle) == middle


def _fits(token: str, axis: Axis, names: dict[str, object]) -> bool:
    if token == "?":
        return True
    if token.startswith("#"):
        return axis == 1 or _fits(token[1:], axis, names)
    if token.isdigit():
        return axis == int(token)
    arithmetic = re.fullmatch(r"(\w+)([-+])(\d+)", token)
    if arithmetic:
        name, sign, number = arithmetic.groups()
        step = int(number) if sign == "+" else -int(number)
        return names.setdefault(name, axis - step) == axis - step
    return names.setdefault(token, axis) == axis


@dataclass(frozen=True)
class Signature:
    """A parsed line such as `[batch *d], [batch *d] -> [batch]`.

    >>> signature("[n k], [n k] -> [n]").check([(8, 3), (8, 3)])
    {'n': 8, 'k': 3}
    """

    inputs: tuple[Pattern, ...]
    outputs: tuple[Pattern, ...]

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.inputs))} -> {', '.join(map(str, self.outputs))}"

    def check(
        self, shapes: Sequence[Shape], *, where: str | None = None, names: Sequence[str] = (), fix: str | None = None
    ) -> dict[str, object]:
        """Bind the names of the signature to `shapes`; raise ShapeMismatch where they do not fit."""
        bound: dict[str, object] = {}
        if len(shapes) != len(self.inputs):
            raise ShapeMismatch(f"{len(shapes)} inputs", where=where, expected=f"{len(self.inputs)}: {self}")
        for position, (pattern, shape) in enumerate(zip(self.inputs, shapes, strict=True)):
            if not pattern.match(shape, bound):
                label = f"{names[position]} has shape" if names else "shape"
                others = [written(s) for s in shapes]
                raise ShapeMismatch(
                    f"{label} {others[position]}" + (f" beside {others[1 - position]}" if len(others) == 2 else ""),
                    where=where,
                    expected=", ".join(map(str, self.inputs)),
                    fix=fix,
                )
        return bound

    def result(self, names: Mapping[str, object]) -> tuple[Shape, ...]:
        """The output shapes that the bound names give."""
        return tuple(tuple(_resolve(pattern.tokens, names)) for pattern in self.outputs)


def _resolve(tokens: Iterable[str], names: Mapping[str, object]) -> Iterable[Axis]:
    for token in tokens:
        if token.startswith("*"):
            yield from names[token]  # type: ignore[misc]
        elif token.isdigit():
            yield int(token)
        else:
            yield names[token]  # type: ignore[misc]


@cache
def signature(text: str) -> Signature:
    """Parse one line of the notation."""
    left, arrow, right = text.partition("->")
    if not arrow:
        raise Defect(f"no arrow in signature {text!r}")
    return Signature(_patterns(left), _patterns(right))


def _patterns(text: str) -> tuple[Pattern, ...]:
    found = re.findall(r"(\w*)\[([^\]]*)\]", text)
    return tuple(Pattern(tuple(axes.split()), dtype or None) for dtype, axes in found)
