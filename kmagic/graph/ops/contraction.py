"""Sums of products over chosen axes: einsum and its special cases, each one matrix product where it can be."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import promote
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import Axis, Extent
from kmagic.graph.ops.movement import axis_of, dtype_of, listed, shape_of, whole
from kmagic.graph.table import ops, public


@dataclass(frozen=True)
class Term:
    """A factor with one letter for each axis."""

    value: Any
    letters: str

    def sizes(self) -> dict[str, Axis]:
        """The size that each letter stands for."""
        return dict(zip(self.letters, shape_of(self.value), strict=True))


@public
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Einstein's sum: letters name axes; those absent from the result are summed over.

    >>> einsum("ij,jk->ik", np.eye(2), np.ones((2, 3))).shape
    (2, 3)
    """
    values = [x if hasattr(x, "shape") else ops.convert_to_tensor(x) for x in operands]
    inputs, result = _parsed(subscripts, [len(shape_of(x)) for x in values])
    terms = _alike([_once(Term(x, letters)) for x, letters in zip(values, inputs, strict=True)], subscripts)
    for places in _path(terms, result):
        chosen = [terms[place] for place in places]
        terms = [term for i, term in enumerate(terms) if i not in places]
        joint = chosen[0]
        for i, other in enumerate(chosen[1:], 2):
            needed = result + "".join(term.letters for term in [*terms, *chosen[i:]])
            joint = _contract(joint, other, needed)
        terms.append(joint)
    found = _summed(terms[0], result)
    turned = ops.transpose(found.value, [found.letters.index(letter) for letter in result])
    return ops.cast(turned, promote(*map(dtype_of, values)))


def _parsed(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The letters of each factor and of the result; `...` gets letters of its own, aligned from the right."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks) or not re.fullmatch(r"[A-Za-z,.]*(->[A-Za-z.]*)?", text):
        raise BadValue(f"subscripts {subscripts!r} for {len(ranks)} arrays", where="einsum", expected='"ij,jk->ik"')
    named = [len(letters.replace("...", "")) for letters in inputs]
    hidden = max(rank - count if "..." in item else 0 for item, rank, count in zip(inputs, ranks, named, strict=True))
    spare = "".join(letter for letter in string.ascii_letters if letter not in text)[: max(hidden, 0)]
    full = [
        item.replace("...", spare[len(spare) - (rank - count) :] if rank > count else "")
        for item, rank, count in zip(inputs, ranks, named, strict=True)
    ]
    if any(len(letters) != rank or "." in letters for letters, rank in zip(full, ranks, strict=True)):
        raise ShapeMismatch(f"subscripts {subscripts!r} for arrays with {list(ranks)} axes", where="einsum")
    every = "".join(full)
    once = "".join(sorted(letter for letter in set(every) if every.count(letter) == 1 and letter not in spare))
    result = right.replace("...", spare) if arrow else spare + once
    if set(result) - set(every) or len(set(result)) != len(result):
        raise BadValue(
            f"subscripts {subscripts!r}", where="einsum", expected="letters of the result once, from the left"
        )
    return full, result


def _once(term: Term) -> Term:
    """With the diagonal of axes that share a letter."""
    for letter in term.letters:
        while term.letters.count(letter) > 1:
            first, second = [i for i, other in enumerate(term.letters) if other == letter][:2]
            rest = "".join(other for i, other in enumerate(term.letters) if i not in (first, second))
            term = Term(ops.diagonal(term.value, 0, first, second), rest + letter)
    return term


def _alike(terms: Sequence[Term], subscripts: str) -> list[Term]:
    """With axes of 1 stretched to the size that their letter has elsewhere."""
    sizes: dict[str, Axis] = {}
    for term in terms:
        for letter, size in term.sizes().items():
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            if size not in (1, sizes[letter]):
                raise ShapeMismatch(
                    f"{subscripts!r}: {letter} is {sizes[letter]} and {size}", where="einsum", expected="equal sizes"
                )
    wanted = [tuple(sizes[letter] for letter in term.letters) for term in terms]
    return [Term(ops.broadcast_to(term.value, shape), term.letters) for term, shape in zip(terms, wanted, strict=True)]


def _path(terms: Sequence[Term], result: str) -> list[tuple[int, ...]]:
    """Which factors to multiply next; NumPy's greedy order, with a guess for sizes that run time decides."""
    if len(terms) == 1:
        return []
    if len(terms) == 2:
        return [(0, 1)]
    guesses = [
        np.broadcast_to(np.float32(0), [32 if isinstance(n, Extent) else n for n in shape_of(term.value)])
        for term in terms
    ]
    equation = ",".join(term.letters for term in terms) + "->" + result
    path: list[tuple[int, ...]] = np.einsum_path(equation, *guesses, optimize="greedy")[0][1:]
    return path


def _summed(term: Term, needed: str) -> Term:
    """Summed over the letters that nothing needs."""
    axes = [i for i, letter in enumerate(term.letters) if letter not in needed]
    if not axes:
        return term
    return Term(ops.sum(term.value, axes), "".join(letter for letter in term.letters if letter in needed))


def _contract(a: Term, b: Term, needed: str) -> Term:
    """The product of two factors, summed over what nothing needs: one (batched) matrix product."""
    a, b = _summed(a, needed + b.letters), _summed(b, needed + a.letters)
    both = [letter for letter in a.letters if letter in b.letters]
    batch = [letter for letter in both if letter in needed]
    inner = [letter for letter in both if letter not in needed]
    rows = [letter for letter in a.letters if letter not in both]
    columns = [letter for letter in b.letters if letter not in both]
    sizes = a.sizes() | b.sizes()
    n, m, k = (shapes.size(sizes[letter] for letter in group) for group in (rows, columns, inner))
    lead = tuple(sizes[letter] for letter in batch)
    left = ops.reshape(_turned(a, batch + rows + inner), (*lead, n, k))
    right = ops.reshape(_turned(b, batch + inner + columns), (*lead, k, m))
    product = ops.matmul(left, right) if inner else ops.multiply(left, right)
    letters = "".join(batch + rows + columns)
    return Term(ops.reshape(product, tuple(sizes[letter] for letter in letters)), letters)


def _turned(term: Term, order: Sequence[str]) -> Any:
    return ops.transpose(term.value, [term.letters.index(letter) for letter in order])


@public
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sum of products over the last axes of one and the first of the other, or over two lists of axes.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    a, b = (x if hasattr(x, "shape") else ops.convert_to_tensor(x) for x in (x1, x2))
    rank_a, rank_b = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, list | tuple):
        left = [axis_of(axis, rank_a) for axis in listed(axes[0])]
        right = [axis_of(axis, rank_b) for axis in listed(axes[1])]
    else:
        left, right = list(range(rank_a - whole(axes), rank_a)), list(range(whole(axes)))
    if len(left) != len(right) or any(shape_of(a)[i] != shape_of(b)[j] for i, j in zip(left, right, strict=True)):
        raise ShapeMismatch(
            f"tensordot of {shapes.written(shape_of(a))} and {shapes.written(shape_of(b))} over {axes}",
            expected="axes of equal size",
        )
    letters = string.ascii_letters
    first = list(letters[:rank_a])
    second = list(letters[rank_a : rank_a + rank_b])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    kept = [x for i, x in enumerate(first) if i not in left] + [x for j, x in enumerate(second) if j not in right]
    return einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}", a, b)


@public
def outer(x1: Any, x2: Any) -> Any:
    """Every product of an entry of one (flattened) with an entry of the other.

    >>> outer([1, 2], [3, 4]).tolist()
    [[3, 4], [6, 8]]
    """
    return ops.multiply(ops.reshape(ops.ravel(x1), (-1, 1)), ops.ravel(x2))


@public
def inner(x1: Any, x2: Any) -> Any:
    """Sum of products over the last axis of both.

    >>> float(inner([1.0, 2.0], [3.0, 4.0]))
    11.0
    """
    if not shape_of(x1) or not shape_of(x2):
        return ops.multiply(x1, x2)
    return tensordot(x1, x2, axes=([-1], [-1]))


@public
def vdot(x1: Any, x2: Any) -> Any:
    """Sum of products of all entries.

    >>> float(vdot([[1.0, 2.0]], [[3.0, 4.0]]))
    11.0
    """
    return tensordot(ops.ravel(x1), ops.ravel(x2), axes=1)


@public
def kron(x1: Any, x2: Any) -> Any:
    """Every entry of the first replaced by its product with the whole second.

    >>> kron([1, 10], [1, 2]).tolist()
    [1, 2, 10, 20]
    """
    a, b = shape_of(x1), shape_of(x2)
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    left = ops.reshape(x1, tuple(n for size in a for n in (size, 1)))
    right = ops.reshape(x2, tuple(n for size in b for n in (1, size)))
    return ops.reshape(ops.multiply(left, right), tuple(n * m for n, m in zip(a, b, strict=True)))


@public
def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector at right angles to two others of length 3 (or 2, whose third entry is 0).

    >>> cross([1, 0, 0], [0, 1, 0]).tolist()
    [0, 0, 1]
    """
    places = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = (ops.moveaxis(ops.convert_to_tensor(x), place, -1) for x, place in zip((x1, x2), places, strict=False))
    lengths = (shape_of(a)[-1], shape_of(b)[-1])
    if not set(lengths) <= {2, 3}:
        raise ShapeMismatch(f"cross of vectors of length {lengths[0]} and {lengths[1]}", expected="2 or 3")
    (a0, a1, *a2), (b0, b1, *b2) = (ops.unstack(x, axis=-1) for x in (a, b))
    third = a0 * b1 - a1 * b0
    if lengths == (2, 2):
        return third
    az, bz = (a2 or [ops.zeros_like(a0)])[0], (b2 or [ops.zeros_like(b0)])[0]
    return ops.moveaxis(ops.stack([a1 * bz - az * b1, az * b0 - a0 * bz, third], -1), -1, places[2])


@public
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """How well the second vector fits the first at each offset: sums of products.

    `valid` are the offsets where one covers the other, `full` all where they overlap, `same` as many as the longer has.

    >>> correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5]).tolist()
    [3.5]
    """
    a, b = (ops.convert_to_tensor(x) for x in (x1, x2))
    n, m = (_known(x) for x in (a, b))
    if mode not in ("valid", "same", "full"):
        raise BadValue(f"mode is {mode!r}", where="correlate", expected='"valid", "same" or "full"')
    kind = promote(dtype_of(a), dtype_of(b))
    wide = ops.pad(ops.cast(a, kind), (m - 1, m - 1))
    windows = ops.take(wide, np.arange(n + m - 1, dtype="int32")[:, None] + np.arange(m, dtype="int32"), 0)
    full = ops.sum(windows * ops.cast(b, kind), 1)
    length = {"full": n + m - 1, "same": max(n, m), "valid": max(n, m) - min(n, m) + 1}[mode]
    start = {"full": 0, "same": (min(n, m) - 1 + (n < m and min(n, m) % 2 == 0)) // 2, "valid": min(n, m) - 1}[mode]
    return ops.getitem(full, slice(start, start + length))


def _known(x: Any) -> int:
    """The length of a vector, which must be known."""
    shape = shape_of(x)
    if len(shape) != 1 or not isinstance(shape[0], int):
        raise ShapeMismatch(f"correlate of {shapes.written(shape)}", expected="vectors of known length")
    return shape[0]
