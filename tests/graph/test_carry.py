"""What a loop carries: one structure, shape and dtype in each step, but plain numbers follow."""

import numpy as np
import pytest

from kmagic.base.errors import ShapeMismatch
from kmagic.graph.carry import TracedBody, carried, is_symbolic
from kmagic.graph.immediate import immediate
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import current, not_tracing, tracing
from kmagic.graph.variable import Variable

ROW = np.ones(3, "float32")


def test_values_come_back_in_their_structure() -> None:
    start = {"b": (ROW, None), "a": [1, 2.5]}
    carry = carried(start)
    assert [np.shape(value) for value in carry.values] == [(), (), (3,)]
    assert carry.dtypes == [
        "int32",
        "float32",
        "float32",
    ]
    given = carry.given
    assert list(given) == ["b", "a"] and given["b"][1] is None and isinstance(given["b"], tuple)
    assert float(given["a"][1]) == 2.5 and given["b"][0].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("start", "result", "message"),
    [
        ((ROW,), [ROW], r"^loop: carry \(·\) becomes \[·\]"),
        ([ROW], [ROW, ROW], r"carry \[·\] becomes \[·, ·\]"),
        ([None], [ROW], r"carry \[None\] becomes \[·\]"),
        ({"a": ROW}, {"b": ROW}, r"carry {a: ·} becomes {b: ·}"),
        (ROW, ROW[:2], r"carry f32\[3\] becomes f32\[2\]"),
        (ROW, ROW.astype("float64"), r"carry f32\[3\] becomes f64\[3\]"),
        (2.5, np.int32(2), r"carry f32\[\] becomes i32\[\]"),
        (np.int32(1), np.float32(1), r"carry i32\[\] becomes f32\[\]"),
    ],
)
def test_a_step_keeps_structure_shape_and_dtype(start: object, result: object, message: str) -> None:
    with pytest.raises(ShapeMismatch, match=message) as caught:
        carried(start).next(result, "loop")
    kinds_alone = np.shape(start) == np.shape(result) and not isinstance(start, list | tuple | dict)
    assert (caught.value.fix == "kmagic.ops.cast") == kinds_alone


def test_plain_numbers_follow_what_a_step_makes_of_them() -> None:
    start = carried([0, True, 1, ROW])
    after = start.next([np.float64(2), np.int32(3), np.int32(4), ROW * 2], "loop")
    assert after.dtypes == ["float64", "int32", "int32", "float32"]
    again = start.following(after.dtypes)
    assert again.dtypes == after.dtypes and [float(x) for x in again.values[:3]] == [0, 1, 1]
    with pytest.raises(ShapeMismatch, match="becomes f64"):
        again.next([np.float64(2), np.float64(3), np.int32(4), ROW], "loop")


def test_a_loop_is_a_node_where_symbols_or_a_program_take_part() -> None:
    x = input_symbol((3,), "float32", "x")
    assert is_symbolic([ROW], {"a": x}) and not is_symbolic([ROW, None], 1)
    with tracing():
        assert is_symbolic(ROW)
        with not_tracing():
            assert not is_symbolic(ROW, Variable(ROW))
    with immediate({x.node: ROW}):
        assert not is_symbolic(x)


def test_a_body_carries_what_it_assigns_and_checks_and_notes_what_it_reads() -> None:
    written, read, outside = Variable(ROW), Variable(2 * ROW), input_symbol((3,), "float32", "x")
    with tracing() as around:
        written.assign(3 * ROW)
        before = around.values[written]
        body = TracedBody(carried({"c": ROW}))
        with tracing(current(), repeats=True) as inner:
            carry = body.carry["c"]
            written.assign(written + carry * read + outside)
            inner.check(carry)
            after = body.start.next({"c": carry + 1}, "loop")
        body.finish(inner, after)
        assert [node.shape for node in body.carried] == [(3,), (3,), ()] and body.assigned == [written]
        assert body.initial[1] is before and len(body.next) == 3
        assert [node.attributes["variables"] for node in body.read.values()] == [(read,)]
        taken = body.outside(body.next)
        assert taken == [outside.node], "neither what is carried nor variables"
        result = body.leave([input_symbol(n.shape, n.dtype, "end") for n in body.carried], "loop")
    assert list(result) == ["c"] and result["c"].shape == (3,)
    assert around.written[written].attributes["label"] == "end" and read not in around.written
    assert len(around.checks) == 1
