"""Shapes: extents are numbers that come later, and one notation is both text and check."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.base import shapes
from kmagic.base.errors import Defect, ShapeMismatch
from kmagic.base.shapes import Axis, Extent, exact_quotient, signature, written
from kmagic.graph.load import ops
from kmagic.graph.ops.source import input_symbol

BATCH, TIME = Extent.named("batch"), Extent.named("time")
SIZES = st.fixed_dictionaries({"batch": st.integers(0, 12), "time": st.integers(0, 12)})


def axes() -> st.SearchStrategy[Axis]:
    """Axes made by adding, subtracting and multiplying named sizes and numbers."""
    leaves = st.one_of(st.integers(-9, 9), st.sampled_from([BATCH, TIME]))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
        ),
        max_leaves=6,
    )


def number(axis: Axis, sizes: dict[str, int]) -> int:
    return shapes.bind((axis,), sizes)[0]


@given(axes(), axes(), SIZES)
def test_arithmetic_on_extents_is_that_of_their_numbers(a: Axis, b: Axis, sizes: dict[str, int]) -> None:
    x, y = number(a, sizes), number(b, sizes)
    assert number(a + b, sizes) == x + y
    assert number(a - b, sizes) == x - y
    assert number(a * b, sizes) == x * y


@given(axes(), axes(), axes())
def test_equal_polynomials_are_equal_extents(a: Axis, b: Axis, c: Axis) -> None:
    assert a + b == b + a and a * b == b * a and a * (b + c) == a * b + a * c and a - a == 0
    assert hash(a * (b + c)) == hash(a * b + a * c)


@given(axes(), axes(), SIZES)
def test_quotients_are_exact(a: Axis, b: Axis, sizes: dict[str, int]) -> None:
    whole = exact_quotient(a * b, b)
    if whole is not None:
        assert number(whole, sizes) * number(b, sizes) == number(a * b, sizes)
    elif isinstance(b, int) or len(b.terms) == 1:
        assert b == 0, "one term always divides its own product"


@given(axes(), SIZES)
def test_the_text_of_an_extent_says_what_it_is(a: Axis, sizes: dict[str, int]) -> None:
    if isinstance(a, Extent):
        text = str(a).replace("·", "*")
        assert eval(text, {}, dict(sizes)) == a.bind(sizes)
        assert a.names <= {"batch", "time"}


def test_extents_read_well() -> None:
    assert str(BATCH * 4 - 1) == "4·batch-1"
    assert str(BATCH * TIME + BATCH) == "batch·time+batch"
    assert str(1 - BATCH) == "1-batch" or str(1 - BATCH) == "-batch+1"


def test_a_division_with_a_rest_is_refused() -> None:
    assert BATCH * 4 // 2 == BATCH * 2
    with pytest.raises(ShapeMismatch, match="batch cannot be divided by 2 for every size"):
        BATCH // 2


def test_extents_do_not_mix_with_fractions() -> None:
    """Half of a batch would silently be no batch at all."""
    for wrong in (lambda: BATCH * 0.5, lambda: BATCH + 0.5, lambda: 0.5 - BATCH, lambda: BATCH - "a"):
        with pytest.raises(TypeError):
            wrong()
    assert BATCH * np.int64(2) == BATCH + BATCH


@given(st.lists(axes(), max_size=4), SIZES)
def test_sizes_are_products(shape: list[Axis], sizes: dict[str, int]) -> None:
    assert number(shapes.size(shape), sizes) == int(np.prod(shapes.bind(shape, sizes), dtype=object))


small_shapes = st.lists(st.integers(1, 3), max_size=4).map(tuple)


@given(st.lists(small_shapes, min_size=1, max_size=3))
def test_broadcasting_is_that_of_numpy(given_shapes: list[tuple[int, ...]]) -> None:
    try:
        expected = np.broadcast_shapes(*given_shapes)
    except ValueError:
        with pytest.raises(ShapeMismatch, match="do not broadcast together"):
            shapes.broadcast(*given_shapes)
    else:
        assert shapes.broadcast(*given_shapes) == expected


def test_broadcasting_of_unknown_sizes() -> None:
    assert shapes.broadcast((BATCH, 1), (1, 4), ()) == (BATCH, 4)
    with pytest.raises(ShapeMismatch, match=r"\[batch 4\] and \[batch\] do not broadcast together"):
        shapes.broadcast((BATCH, 4), (BATCH,))


@given(small_shapes, st.randoms(use_true_random=False))
def test_a_missing_axis_of_reshape_is_found(shape: tuple[int, ...], random) -> None:
    wanted = list(shape)
    random.shuffle(wanted)
    place = random.randrange(len(wanted) + 1)
    rest = wanted[:place] + [-1] + wanted[place:]
    symbol = input_symbol((BATCH, *shape), "float32", "x")
    assert ops.reshape(symbol, rest).shape == (*wanted[:place], BATCH, *wanted[place:])


def test_reshape_of_unknown_sizes() -> None:
    x = input_symbol((BATCH, 4, 6), "float32", "x")
    assert ops.reshape(x, (-1, 24)).shape == (BATCH, 24)
    assert ops.reshape(x, (-1, 12)).shape == (BATCH * 2, 12)
    assert ops.reshape(x, (-1,)).shape == (BATCH * 24,)
    assert ops.reshape(x, (BATCH, -1)).shape == (BATCH, 24)
    with pytest.raises(ShapeMismatch, match=r"\[batch 4 6\] cannot be reshaped to \[-1 7\]") as caught:
        ops.reshape(x, (-1, 7))
    assert caught.value.expected == "a shape of 24·batch elements"


def test_shapes_are_written_in_one_notation() -> None:
    assert written((BATCH, 4), "float32") == "f32[batch 4]"
    assert written((None, 4)) == "[? 4]" and written(()) == "[]"


@pytest.mark.parametrize(
    ("line", "given_shapes", "names"),
    [
        ("[n k], [n k] -> [n]", [(8, 3), (8, 3)], {"n": 8, "k": 3}),
        ("[batch *d] -> [batch]", [(BATCH, 4, 5)], {"batch": BATCH, "*d": (4, 5)}),
        ("[batch *d] -> [batch]", [(7,)], {"batch": 7, "*d": ()}),
        ("[*d n], [n] -> [*d]", [(2, 3, 4), (4,)], {"*d": (2, 3), "n": 4}),
        ("[#n], [n] -> [n]", [(1,), (5,)], {"n": 5}),
        ("[?  3] -> [3]", [(9, 3)], {}),
        ("[n], [n-1] -> [n]", [(5,), (4,)], {"n": 5}),
        ("[n+2] -> [n]", [(BATCH + 2,)], {"n": BATCH}),
    ],
)
def test_signatures_bind_their_names(line: str, given_shapes: list, names: dict[str, object]) -> None:
    assert signature(line).check(given_shapes) == names


@pytest.mark.parametrize(
    ("line", "given_shapes", "found"),
    [
        ("[n k], [n k] -> [n]", [(8, 3), (8, 4)], r"shape \[8 4\] beside \[8 3\]"),
        ("[n k] -> [n]", [(8,)], r"shape \[8\]"),
        ("[*d n] -> [*d]", [()], r"shape \[\]"),
        ("[*d], [*d] -> []", [(2, 3), (2, 4)], r"shape \[2 4\] beside \[2 3\]"),
        ("[n], [n-1] -> [n]", [(5,), (5,)], r"shape \[5\] beside \[5\]"),
        ("[n 3] -> [n]", [(2, 4)], r"shape \[2 4\]"),
        ("[n] -> [n]", [(2,), (2,)], "2 inputs"),
    ],
)
def test_signatures_refuse_what_does_not_fit(line: str, given_shapes: list, found: str) -> None:
    with pytest.raises(ShapeMismatch, match=found):
        signature(line).check(given_shapes)


def test_a_refusal_names_the_input_and_gives_the_fix() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        signature("[batch k], [batch k] -> [batch]").check(
            [(BATCH, 3), (BATCH, 1)], where="Hinge", names=("y_true", "y_pred"), fix="Dense(3)"
        )
    assert str(caught.value) == (
        "Hinge: y_pred has shape [batch 1] beside [batch 3]\nexpected: [batch k], [batch k]\nfix: Dense(3)"
    )


def test_signatures_give_the_shape_of_the_result() -> None:
    line = signature("[batch *d n] -> [batch *d], [2]")
    assert line.result(line.check([(BATCH, 3, 4)])) == ((BATCH, 3), (2,))
    assert str(line) == "[batch *d n] -> [batch *d], [2]"


def test_a_line_without_an_arrow_is_our_own_mistake() -> None:
    with pytest.raises(Defect, match="no arrow"):
        signature("[n]")


@pytest.mark.parametrize("rule", [lambda: signature("f32[n] -> f32[n]").inputs[0].dtype])
def test_patterns_keep_their_dtype(rule: Callable[[], str]) -> None:
    assert rule() == "f32"
