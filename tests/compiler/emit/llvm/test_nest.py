"""One pass over elements: any shape, any axes, any view."""

import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmagic import ops
from tests.compiler.programs import traced, uncached

from .native_programs import agree, normal

SHAPES = [(1,), (5,), (33,), (100,), (3, 1), (2, 17), (7, 64), (40, 3), (2, 3, 5), (3, 4, 40), (2, 2, 3, 19)]


@pytest.mark.parametrize("shape", SHAPES)
def test_reductions_over_every_choice_of_axes(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    choices = [axes for n in range(1, len(shape) + 1) for axes in itertools.combinations(range(len(shape)), n)]
    agree(lambda x: [ops.sum(x * x, axis=axes) for axes in choices], x)
    agree(lambda x: [ops.max(x, axis=axes, keepdims=True) for axes in choices], x)


def test_several_reductions_share_a_pass() -> None:
    agree(
        lambda x: [ops.sum(x), ops.sum(x, axis=0), ops.sum(x, axis=1), ops.min(x), ops.prod(x, axis=1), ops.tanh(x)],
        normal(37, 21),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "uint8"])
def test_reductions_of_other_dtypes(dtype: str) -> None:
    x = (normal(19, 23) > 0.3).astype(dtype)
    agree(lambda x: [ops.sum(x, axis=0), ops.sum(x), ops.any(x, axis=1), ops.all(x), ops.max(x, axis=1)], x)


@settings(max_examples=60)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_views_of_every_kind(shape: list[int], random: object) -> None:
    rng = np.random.default_rng(random.randrange(2**31))  # type: ignore[attr-defined]
    x = rng.standard_normal(shape)
    order = rng.permutation(len(shape)).tolist()
    starts = [int(rng.integers(0, n)) for n in shape[1:]]
    step = int(rng.choice([1, 2, -1]))

    def function(x: object) -> list[object]:
        turned = ops.transpose(x, order)
        parts = tuple(slice(None, None, step) if step < 0 else slice(start, None, step) for start in starts)
        cut = x[(slice(None), *parts)]  # type: ignore[index]
        return [ops.tanh(turned), cut * 2.0, ops.sum(turned, axis=0), ops.exp(x) + ops.sum(x), turned + turned * 2.0]

    agree(function, x)


def test_long_sums_keep_their_precision() -> None:
    x = np.random.default_rng(0).uniform(0, 1, (60_000, 20)).astype("float32")
    columns, total = agree(lambda x: [ops.sum(x, axis=0), ops.sum(x)], x, rtol=1e-5)
    right = x.astype("float64")
    np.testing.assert_allclose(columns, right.sum(0), rtol=1e-6)
    np.testing.assert_allclose(total, right.sum(), rtol=1e-6)


def test_counters_and_sizes_are_no_memory() -> None:
    agree(lambda x: [ops.arange(7, dtype="float64") * x, x * ops.cast(ops.shape(x)[0], "float64")], normal(3, 7))


def test_long_formulas_are_worked_out_in_vectors_too() -> None:
    def several(x: Any) -> Any:
        for number in range(20):
            x = x * 0.5 + float(number)
        return x

    x = normal(37, 3, dtype="float32")
    agree(lambda x: [several(x), ops.sum(several(x)), ops.max(several(x), axis=1)], x, rtol=1e-5)
    written = uncached(traced(several, [x], batch=True), executor="llvm").text.listing
    assert re.search(r"fmul contract <\d+ x float>", written)
