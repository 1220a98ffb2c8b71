"""Public operations against formulas in plain NumPy: on arrays, and compiled with a batch of any size."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch
from kmagic.graph.ops.source import input_symbol
from tests.compiler.programs import BATCH, Array, named, step, traced, uncached
from tests.laws.function_examples import EXAMPLES


@dataclass(frozen=True)
class Case:
    """A function of arrays whose first axis is the batch, and what it must give."""

    name: str
    function: Callable[..., Any]
    formula: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = ((4,),)  # without the batch axis
    dtypes: tuple[str, ...] = ("float64",)
    low: float = -2.0
    high: float = 2.0

    def arrays(self, rows: int) -> list[Array]:
        generator = np.random.default_rng(rows)
        return [
            generator.uniform(self.low, self.high, (rows, *shape)).astype(dtype)
            for shape, dtype in zip(self.shapes, self.dtypes * len(self.shapes), strict=False)
        ]


def _logsumexp(x: Array, axis: int) -> Array:
    return np.log(np.sum(np.exp(x), axis))


def _one_hot(x: Array, classes: int) -> Array:
    return np.array([[float(value == k) for k in range(classes)] for value in x])


def _top(x: Array, k: int) -> tuple[Array, Array]:
    order = np.array([sorted(range(row.size), key=lambda i: (-float(row[i]), i))[:k] for row in x])
    return np.array([row[places] for row, places in zip(x, order, strict=True)]), order.astype("int32")


WHOLE = {"dtypes": ("int32",), "low": 0.0, "high": 4.0}
BYTES = {"dtypes": ("uint8",), "low": 100.0, "high": 250.0}
POSITIVE = {"dtypes": ("int32",), "low": 1.0, "high": 9.0}
CASES = [
    Case("mean", lambda x: ops.mean(x, axis=-1), lambda x: x.sum(-1) / x.shape[-1]),
    Case("mean over the batch", lambda x: ops.mean(x, axis=0), lambda x: x.sum(0) / len(x)),
    Case("mean of all", ops.mean, lambda x: x.sum() / x.size),
    Case("mean of whole numbers", lambda x: ops.mean(x, 1), lambda x: np.mean(x, 1).astype("float32"), **WHOLE),
    Case("mean of bytes", lambda x: ops.mean(x, 1), lambda x: (x * 1.0).mean(1).astype("float32"), **BYTES),
    Case("sum of bytes", lambda x: ops.sum(x, 1), lambda x: np.sum(x, 1, dtype="uint32"), **BYTES),
    Case("prod of bytes", lambda x: ops.prod(x[:, :2], 1), lambda x: np.prod(x[:, :2], 1, dtype="uint32"), **BYTES),
    Case("var of bytes", lambda x: ops.var(x, 1), lambda x: np.var(x * 1.0, 1).astype("float32"), **BYTES),
    Case("reciprocal of whole numbers", ops.reciprocal, lambda x: (1 / (x + 0.0)).astype("float32"), **POSITIVE),
    Case("var", lambda x: ops.var(x, axis=1), lambda x: ((x - x.mean(1, keepdims=True)) ** 2).mean(1)),
    Case("var over the batch", lambda x: ops.var(x, axis=0, keepdims=True), lambda x: x.var(0, keepdims=True)),
    Case("std", lambda x: ops.std(x, axis=(0, 1)), lambda x: np.sqrt(((x - x.mean()) ** 2).mean())),
    Case("sum", lambda x: ops.sum(x, axis=(0, 2)), lambda x: np.einsum("abc->b", x), shapes=((3, 2),)),
    Case("sum keeping axes", lambda x: ops.sum(x, 1, keepdims=True), lambda x: x @ np.ones((4, 1))),
    Case("prod", lambda x: ops.prod(x, axis=1), lambda x: x[:, 0] * x[:, 1] * x[:, 2] * x[:, 3]),
    Case("max", lambda x: ops.max(x, axis=1), lambda x: np.sort(x, 1)[:, -1]),
    Case("min over the batch", lambda x: ops.min(x, axis=0), lambda x: np.sort(x, 0)[0]),
    Case("all", lambda x: ops.all(x > -1, axis=1), lambda x: (x > -1).sum(1) == 4),
    Case("any", lambda x: ops.any(x > 1, axis=1), lambda x: (x > 1).sum(1) > 0),
    Case("softmax", ops.softmax, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    Case(
        "softmax along another axis",
        lambda x: ops.softmax(x, axis=1),
        lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True),
        shapes=((3, 2),),
    ),
    Case("log_softmax", ops.log_softmax, lambda x: x - _logsumexp(x, -1)[:, None]),
    Case("logsumexp", lambda x: ops.logsumexp(x, axis=1), lambda x: _logsumexp(x, 1)),
    Case(
        "norm",
        lambda x: ops.norm(x, axis=1),
        lambda x: np.hypot(np.hypot(x[:, 0], x[:, 1]), np.hypot(x[:, 2], x[:, 3])),
    ),
    Case("relu", ops.relu, lambda x: np.where(x > 0, x, 0)),
    Case("sigmoid", ops.sigmoid, lambda x: 0.5 * (1 + np.tanh(x / 2))),
    Case("softplus", ops.softplus, lambda x: np.logaddexp(x, 0)),
    Case("rsqrt", ops.rsqrt, lambda x: x**-0.5, low=0.1),
    Case("reciprocal", ops.reciprocal, lambda x: x**-1.0, low=0.1),
    Case("clip", lambda x: ops.clip(x, -0.5, 1), lambda x: np.clip(x, -0.5, 1)),
    Case("cast", lambda x: ops.cast(x, "int32"), lambda x: np.trunc(x).astype("int32")),
    Case("first entry", lambda x: ops.getitem(x, 0), lambda x: np.take(x, 0, 0)),
    Case("last column", lambda x: x[:, -1], lambda x: np.take(x, 3, 1)),
    Case("steps", lambda x: x[:, ::2], lambda x: np.take(x, [0, 2], 1)),
    Case("backwards", lambda x: x[:, ::-1], lambda x: np.take(x, [3, 2, 1, 0], 1)),
    Case("backwards in steps", lambda x: x[:, 2::-2], lambda x: np.take(x, [2, 0], 1)),
    Case("the batch backwards", lambda x: x[::-1], lambda x: np.take(x, range(len(x) - 1, -1, -1), 0)),
    Case("without the first row", lambda x: x[1:], lambda x: np.delete(x, 0, 0)),
    Case("without the last row", lambda x: x[:-1], lambda x: np.delete(x, len(x) - 1, 0)),
    Case("new axes", lambda x: x[:, None, ..., None], lambda x: x.reshape(len(x), 1, 4, 1)),
    Case("ellipsis", lambda x: x[..., 1], lambda x: np.take(x, 1, 2), shapes=((3, 2),)),
    Case("nothing", lambda x: x[:, 3:1], lambda x: np.empty((len(x), 0))),
    Case(
        "concatenate", lambda x, y: ops.concatenate([x, y], axis=1), lambda x, y: np.hstack([x, y]), shapes=((4,), (2,))
    ),
    Case("concatenate batches", lambda x: ops.concatenate([x, x]), lambda x: np.vstack([x, x])),
    Case("stack", lambda x, y: ops.stack([x, y], axis=1), lambda x, y: np.stack([x, y], 1), shapes=((4,), (4,))),
    Case("stack in front", lambda x: ops.stack([x, x, x]), lambda x: np.array([x, x, x])),
    Case("reshape", lambda x: ops.reshape(x, (-1, 3)), lambda x: x.reshape(len(x) * 2, 3), shapes=((3, 2),)),
    Case("flatten all", lambda x: ops.reshape(x, (-1,)), lambda x: x.ravel(), shapes=((3, 2),)),
    Case("transpose", ops.transpose, lambda x: np.einsum("abc->cba", x), shapes=((3, 2),)),
    Case("swapaxes", lambda x: ops.swapaxes(x, 1, -1), lambda x: np.einsum("abc->acb", x), shapes=((3, 2),)),
    Case("reshape of a transpose", lambda x: ops.reshape(ops.transpose(x), (-1,)), lambda x: x.T.ravel()),
    Case("expand_dims", lambda x: ops.expand_dims(x, (0, -1)), lambda x: x[None, ..., None]),
    Case("squeeze", lambda x: ops.squeeze(x, 1), lambda x: x[:, 0], shapes=((1, 4),)),
    Case("flip", lambda x: ops.flip(x, 0), lambda x: x[::-1]),
    Case("broadcast_to", lambda x: ops.broadcast_to(x, (3, *x.shape)), lambda x: np.stack([x] * 3)),
    Case("take rows from the end", lambda x: ops.take(x, [0, -1], axis=0), lambda x: np.stack([x[0], x[len(x) - 1]])),
    Case(
        "take rows by data from the end",
        lambda x, i: ops.take(x, ops.minimum(i, 0), axis=0),
        lambda x, i: np.stack([x[len(x) - 1 if place < 0 else 0] for place in i]),
        shapes=((4,), ()),
        dtypes=("float64", "int8"),
    ),
    Case(
        "take_along the batch from the end",
        lambda x: ops.take_along_axis(x, np.array([[-1, 0, -1, 0]]), 0),
        lambda x: np.array([[x[len(x) - 1, 0], x[0, 1], x[len(x) - 1, 2], x[0, 3]]]),
    ),
    Case("axes as NumPy integers", lambda x: ops.sum(x, axis=np.int64(1)), lambda x: x @ np.ones(4)),
    Case("several such axes", lambda x: ops.sum(x, axis=np.array([0, 1])), lambda x: np.sum(x)),
    Case("new axes as NumPy integers", lambda x: ops.expand_dims(x, np.int64(1)), lambda x: x[:, None]),
    Case("squeeze by NumPy integers", lambda x: ops.squeeze(x, np.int64(1)), lambda x: x[:, 0], shapes=((1, 4),)),
    Case("reshape by NumPy integers", lambda x: ops.reshape(x, np.array([-1, 2])), lambda x: x.reshape(len(x) * 2, 2)),
    Case("reshape to one axis", lambda x: ops.reshape(x, np.int64(-1)), lambda x: x.ravel()),
    Case("take columns", lambda x: ops.take(x, [3, 0, -1], axis=1), lambda x: x[:, [3, 0, 3]]),
    Case(
        "take by data",
        lambda x: ops.take(np.eye(4)[:, ::-1], x, axis=0),
        lambda x: np.eye(4)[3 - x],
        **WHOLE,
        shapes=((2,),),
    ),
    Case("take of all", lambda x: ops.take(x, np.array([0, 2])), lambda x: x.ravel()[[0, 2]]),
    Case(
        "take_along_axis",
        lambda x: ops.take_along_axis(x, ops.argsort(x, 1), 1),
        lambda x: np.array([sorted(row) for row in x]),
    ),
    Case("one_hot", lambda x: ops.one_hot(x, 3), lambda x: _one_hot(x, 3).astype("float32"), **WHOLE, shapes=((),)),
    Case("argmax", lambda x: ops.argmax(x, axis=1), lambda x: np.array([int(np.argmax(row)) for row in x], "int32")),
    Case("argmin of ties", lambda x: ops.argmin(x * 0, axis=1), lambda x: np.zeros(len(x), "int32")),
    Case("argmax keeping axes", lambda x: ops.argmax(x, 1, True), lambda x: np.argmax(x, 1).astype("int32")[:, None]),
    Case("sort", lambda x: ops.sort(x, axis=1), lambda x: np.array([sorted(row) for row in x])),
    Case("sort the batch", lambda x: ops.sort(x, axis=0), lambda x: np.array([sorted(c) for c in x.T]).T),
    Case("top_k", lambda x: ops.top_k(x, 2), lambda x: _top(x, 2)),
    Case("top_k of ties", lambda x: ops.top_k(x, 3), lambda x: _top(x, 3), dtypes=("uint8",), low=0, high=3),
    Case(
        "matmul",
        lambda x, y: ops.matmul(x, ops.transpose(y)),
        lambda x, y: np.einsum("ak,bk->ab", x, y),
        shapes=((4,), (4,)),
    ),
    Case("rows times a matrix", lambda x: x @ np.eye(2), lambda x: x * 1.0, shapes=((3, 2),)),
    Case("matrix times vector", lambda x: ops.matmul(x, np.arange(4.0)), lambda x: (x * np.arange(4)).sum(1)),
    Case("vector times matrix", lambda x: ops.matmul(np.ones(3), x), lambda x: x.sum(1), shapes=((3, 2),)),
    Case("dot", lambda x: ops.dot(x[:, 0], x[:, 1]), lambda x: np.sum(x[:, 0] * x[:, 1])),
    Case("zeros_like", ops.zeros_like, lambda x: x - x),
    Case("ones_like", lambda x: ops.ones_like(x, dtype="int32"), lambda x: np.ones(x.shape, "int32")),
    Case(
        "arange",
        lambda x: ops.arange(x.shape[0]) + ops.cast(x[:, 0] * 0, "int32"),
        lambda x: np.arange(len(x), dtype="int32"),
    ),
    Case("divide by the batch", lambda x: ops.sum(x, 0) / x.shape[0], lambda x: x.sum(0) / len(x)),
    Case(
        "the batch as a number", lambda x: ops.cast(ops.shape(x)[0], "float64") * ops.sum(x), lambda x: len(x) * x.sum()
    ),
    Case("floor", ops.floor, lambda x: np.vectorize(math.floor)(x).astype("float64")),
    Case("where", lambda x: ops.where(x > 0, 1.0, x), lambda x: np.vectorize(lambda v: 1.0 if v > 0 else v)(x)),
    Case("cond", lambda x: ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: -x), lambda x: 2 * x if x.sum() > 0 else -x),
]


def check(found: Any, expected: Any) -> None:
    for value, right in zip(named(found).values(), named(expected).values(), strict=True):
        assert np.shape(value) == np.shape(right) and np.asarray(value).dtype == np.asarray(right).dtype
        np.testing.assert_allclose(
            value, right, rtol=1e-12 if np.asarray(right).dtype == "float64" else 1e-6, atol=1e-13
        )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_on_arrays(case: Case) -> None:
    arrays = case.arrays(5)
    check(case.function(*arrays), case.formula(*arrays))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_compiled_for_batches_of_any_size(case: Case) -> None:
    program = uncached(traced(case.function, case.arrays(1), batch=True))
    workspace = program.workspace(6)
    for rows in (6, 1, 4, 6):
        arrays = case.arrays(rows)
        done = step(workspace, arrays, rows)
        assert done.status == 0
        check(done.outputs, case.formula(*arrays))


def test_softmax_and_its_kin_neither_overflow_nor_underflow() -> None:
    x = np.array([[1e4, 0.0, -1e4]])
    np.testing.assert_array_equal(ops.softmax(x), [[1, 0, 0]])
    np.testing.assert_array_equal(ops.log_softmax(x), [[0, -1e4, -2e4]])
    np.testing.assert_array_equal(ops.logsumexp(x), 1e4)
    np.testing.assert_array_equal(ops.softplus(x), [[1e4, math.log(2), 0]])
    infinite = np.array([[-np.inf, -np.inf], [np.inf, 0], [np.inf, -np.inf], [np.nan, 0], [-np.inf, 0]])
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(ops.logsumexp(infinite, 1), [-np.inf, np.inf, np.inf, np.nan, 0])
    np.testing.assert_array_equal(ops.sigmoid(x), [[1, 0.5, 0]])


def test_one_hot_leaves_rows_of_zeros_for_other_numbers() -> None:
    np.testing.assert_array_equal(ops.one_hot(np.array([0, -1, 7], "int32"), 3)[1:], np.zeros((2, 3)))
    wide = ops.one_hot(np.array([0], "uint8"), 300)
    assert wide.sum() == 1, "class 256 is no uint8, so no label can mean it"


def test_top_k_of_unsigned_numbers() -> None:
    values, places = ops.top_k(np.array([0, 200, 3], "uint8"), 2)
    assert (values.tolist(), places.tolist(), str(values.dtype)) == ([200, 3], [1, 2], "uint8")


def test_negative_positions_count_from_the_end_and_others_are_errors() -> None:
    x = np.arange(4.0)
    assert ops.take(x, [-1, -4], axis=0).tolist() == [3, 0]
    assert ops.take(np.arange(200), np.array([-1, 5], "int8"), axis=0).tolist() == [199, 5]
    with pytest.raises(BadData, match=r"index 4 \(1 of 2\)") as caught:
        ops.take(x, np.array([1, 4], "int32"), axis=0)
    assert caught.value.expected == "0 … 3"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: x[3], r"index 3 along an axis of 3"),
        (lambda x: x[-4], r"index -4 along an axis of 3"),
        (lambda x: x[0, 0, 0], r"3 indices into \[3 4\]"),
        (lambda x: ops.reshape(x, (5, -1)), r"\[3 4\] cannot be reshaped to \[5 -1\]"),
        (lambda x: ops.reshape(x, (0, -1)), r"\[3 4\] cannot be reshaped to \[0 -1\]"),
        (lambda x: ops.squeeze(x, 0), r"axis 0 of \[3 4\] is not 1"),
        (lambda x: ops.sum(x, axis=2), r"axis 2 of an array with 2 axes"),
        (lambda x: ops.matmul(x, x), r"\[3 4\] times \[3 4\]"),
        (lambda x: x + np.ones(3, "float32"), r"\[3 4\] and \[3\] do not broadcast together"),
        (lambda x: ops.concatenate([x, x[:, :2]], 0), r"cannot concatenate \[3 4\] and \[3 2\] along axis 0"),
        (lambda x: ops.broadcast_to(x, (4, 3)), r"\[3 4\] and \[4 3\] do not broadcast together"),
        (lambda x: ops.take_along_axis(x, np.array([[0]]), 1), r"indices \[1 1\] into \[3 4\] along axis 1"),
    ],
)
def test_shapes_that_do_not_fit(wrong: Callable[..., Any], message: str) -> None:
    with pytest.raises(ShapeMismatch, match=message):
        wrong(input_symbol((3, 4), "float32", "x"))


def test_shapes_that_do_not_fit_on_arrays_say_the_same() -> None:
    with pytest.raises(ShapeMismatch, match=r"add \(test_ops.py:\d+: .*\): \[3\] and \[4\] do not broadcast"):
        ops.add(np.ones(3), np.ones(4))
    with pytest.raises(ShapeMismatch, match=r"\[2 3\] times \[2 3\]"):
        ops.matmul(np.ones((2, 3)), np.ones((2, 3)))


def test_a_batch_cannot_be_walked_in_steps() -> None:
    with pytest.raises(ShapeMismatch, match="a step of 2 along an axis of unknown size"):
        input_symbol((BATCH, 3), "float32", "x")[::2]


@pytest.mark.parametrize("window", [slice(0, 5), slice(None, 5), slice(4, None), slice(None, -4)])
def test_a_batch_that_is_too_small_for_a_slice_is_an_error(window: slice) -> None:
    """NumPy would cut the slice short, and everything traced from its length would be wrong."""
    workspace = uncached(traced(lambda x: ops.sum(x[window], 0), [np.ones((1, 2))], batch=True)).workspace(6)
    assert step(workspace, [np.ones((6, 2))], 6).outputs["y0"].tolist() == [len(range(6)[window])] * 2
    with pytest.raises(ShapeMismatch, match="a slice .* of .3 2.") as caught:
        step(workspace, [np.ones((3, 2))], 3)
    assert caught.value.expected == "a batch with as many rows"


def test_masks_and_strange_keys_are_no_index() -> None:
    x = input_symbol((3, 4), "float32", "x")
    with pytest.raises(BadType, match="a mask as an index") as caught:
        x[x[:, 0] > 0]
    assert caught.value.fix == "kmagic.ops.where(mask, x, 0)"
    with pytest.raises(BadType, match="as an index"):
        x[x[:, 0], 0]
    with pytest.raises(BadType, match="'a' as an index"):
        x["a"]


def test_an_unknown_operation_is_named_with_the_closest() -> None:
    with pytest.raises(AttributeError, match="no operation 'sofmax'; did you mean softmax"):
        ops.sofmax  # noqa: B018


def test_unknown_arguments_of_an_operation() -> None:
    with pytest.raises(BadType, match=r"softmax\(x: .*does not take these arguments"):
        ops.softmax(np.ones(3), axes=0)
    for given in ((np.ones(3),), (1.0, 2.0, 3.0)):
        with pytest.raises(BadType, match="add.*does not take these arguments"):
            ops.add(*given)
    with pytest.raises(BadType, match="softmax.*does not take these arguments"):
        ops.softmax(np.ones(3), 0, axis=0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: ops.sum(x, axis=0.5),
        lambda x: ops.sum(x, axis="a"),
        lambda x: ops.expand_dims(x, [0.5]),
        lambda x: ops.squeeze(x, "ab"),
        lambda x: ops.transpose(x, (1.0, 0)),
        lambda x: ops.reshape(x, (2.0, 3)),
        lambda x: ops.reshape(x, "a"),
    ],
)
def test_axes_and_sizes_are_whole_numbers(wrong: Callable[..., Any]) -> None:
    with pytest.raises(BadType, match="is no whole number"):
        wrong(np.ones((2, 3)))


def test_python_numbers_are_weak() -> None:
    assert str((ops.add(np.ones(2, "float32"), 1.5)).dtype) == "float32"
    assert str((ops.multiply(np.ones(2, "float64"), 2)).dtype) == "float64"
    assert str((ops.add(np.ones(2, "uint8"), 1)).dtype) == "uint8"
    assert str((ops.add(np.ones(2, "int64"), 0.5)).dtype) == "float32"
    assert str(ops.add(1, 2).dtype) == "int32"
    assert str(ops.add([1.0, 2.0], [1, 2]).dtype) == "float32"


def test_python_numbers_that_do_not_fit_widen() -> None:
    small = ops.maximum(np.array([0, 7], "uint8"), -1)
    assert (small.tolist(), str(small.dtype)) == ([0, 7], "int16")
    assert str((input_symbol((2,), "uint8", "x") - 1000).dtype) == "int16"
    assert ops.equal(np.array([255], "uint8"), -1).tolist() == [False]
    with pytest.raises(BadValue, match=str(2**64)):
        ops.add(np.ones(2, "int32"), 2**64)
    for beside in (np.ones(2, "float32"), input_symbol((2,), "float64", "x")):
        with pytest.raises(BadValue, match="a whole number of 1329 bits beside float"):
            ops.multiply(beside, -(10**400))


def test_arrays_keep_their_dtype() -> None:
    """A float64 array stays float64: NumPy's dtype equals the word "float", which means floatx elsewhere."""
    assert str(ops.exp(np.ones(2)).dtype) == "float64"
    assert str(ops.add(np.ones(2, "int64"), np.ones(2, "int64")).dtype) == "int64"


def test_names_that_are_the_same_function() -> None:
    x = np.array([-1.5, 2.0])
    assert ops.abs(x).tolist() == [1.5, 2.0] and ops.pow(x, 2).tolist() == [2.25, 4.0]
    assert ops.true_divide(x, 2).tolist() == [-0.75, 1.0] and ops.conj(x) is ops.conjugate(x) is x
    assert ops.zeros((2,)).tolist() == [0, 0] and ops.ones(2, "int32").tolist() == [1, 1]
    assert ops.shape(x) == (2,) and ops.size(x) == 2


def test_tensors_are_arrays() -> None:
    x = ops.convert_to_tensor([1.0, 2.0], "float64")
    assert x.dtype == np.float64 and ops.convert_to_numpy(x).tolist() == [1, 2]


def test_every_public_operation_is_tried_or_is_a_row() -> None:
    """No operation is added without a value test: rows have laws, functions a case above or beside their family."""
    from pathlib import Path

    from kmagic.graph.table import TABLE

    families = Path(__file__).parent.joinpath("graph", "ops").rglob("test_*.py")
    text = "".join(path.read_text() for path in (Path(__file__), *families))
    assert [n for n in dir(ops) if n not in TABLE and n not in EXAMPLES and f"ops.{n}" not in text] == []
