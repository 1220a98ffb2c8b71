"""Public operations against formulas in plain NumPy: on arrays, and compiled with a batch of any size."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch, Unsupported
from kmagic.graph.ops.source import input_symbol
from tests.compiler.programs import BATCH, step, traced, uncached
from tests.laws.function_examples import EXAMPLES


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
    with pytest.raises(Unsupported, match="axes apart"):
        input_symbol((3, 4, 5), "float32", "x")[[0, 1], :, [0, 1]]
    with pytest.raises(BadType, match="'a' as an index"):
        x["a"]


def test_an_unknown_operation_is_named_with_the_closest() -> None:
    with pytest.raises(AttributeError, match="no operation 'sofmax'; did you mean softmax"):
        ops.sofmax  # noqa: B018


def test_indices_on_two_axes_stay_inside_each() -> None:
    with pytest.raises(BadData, match="index 4"):
        ops.get_item(np.ones((3, 4)), (np.array([0]), np.array([4])))
    with pytest.raises(BadData, match="index 2"):
        ops.scatter([[0, 0], [2, 0]], [1.0, 1.0], (2, 3))


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


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda x: ops.nonzero(x), Unsupported, "nonzero of a value that is computed later"),
        (lambda x: ops.where(x > 0), Unsupported, "nonzero of a value that is computed later"),
        (lambda x: ops.unique(x), Unsupported, "unique of a value that is computed later"),
        (lambda x: ops.bincount(ops.cast(x[0], "int32")), Unsupported, "bincount of a value that is computed later"),
        (lambda x: ops.bincount([1], sparse=True), Unsupported, "sparse"),
        (lambda x: ops.one_hot([1], 2, sparse=True), Unsupported, "sparse"),
        (lambda x: ops.convert_to_tensor(x, ragged=True), Unsupported, "sparse and ragged"),
        (lambda x: ops.segment_sum(x, ops.argmax(x, 1)), Unsupported, "segments that are counted later"),
        (lambda x: ops.segment_sum(x, [0, 1]), ShapeMismatch, r"segment_ids \[2\] for data \[3 4\]"),
        (lambda x: ops.repeat(x, ops.argmax(x, 1), 0), Unsupported, "repeat by numbers that are computed later"),
        (lambda x: ops.repeat(x, [1, 2], 0), ShapeMismatch, "2 repeats along an axis of 3"),
        (lambda x: ops.slice(x, [ops.argmax(x[0]), 0], (-1, 2)), Unsupported, "slice to the end"),
        (lambda x: ops.slice(x, [2, 0], (2, 4)), ShapeMismatch, "entries 2 … 4 of an axis of 3"),
        (lambda x: ops.slice_update(x, [0], x), ShapeMismatch, r"1 starts and 2 sizes for \[3 4\]"),
        (lambda x: ops.vectorize(lambda a: a, signature="(n)->(n)")(x), Unsupported, "vectorize"),
        (lambda x: ops.vectorize(3), BadType, "pyfunc is 3"),
        (lambda x: ops.view(x, "int8"), BadType, "float32 viewed as int8 later"),
        (lambda x: ops.view(np.ones(3, "int8"), "int16"), ShapeMismatch, "viewed as int16"),
        (lambda x: ops.ldexp(x, x), BadType, "ldexp exponent of float32"),
        (lambda x: ops.gcd(x, 2), BadType, "divisors of float32"),
        (lambda x: x & 1.5, BadType, "binary digits of float32"),
        (lambda x: ops.einsum("ij,jk", x), BadValue, "'ij,jk' for 1 arrays"),
        (lambda x: ops.einsum("ijk->k", x), ShapeMismatch, r"arrays with \[2\] axes"),
        (lambda x: ops.einsum("ij->k", x), BadValue, "einsum: subscripts 'ij->k'"),
        (lambda x: ops.einsum("ij,jk", x, x), ShapeMismatch, "j is 4 and 3"),
        (lambda x: ops.tensordot(x, x, 1), ShapeMismatch, r"tensordot of \[3 4\] and \[3 4\] over 1"),
        (lambda x: ops.cross(x, x), ShapeMismatch, "cross of vectors of length 4 and 4"),
        (lambda x: ops.correlate(x, x), ShapeMismatch, r"correlate of \[3 4\]"),
        (lambda x: ops.correlate(x[0], x[0], "half"), BadValue, "mode is 'half'"),
        (lambda x: ops.split(x, 2), ShapeMismatch, "an axis of 3 split into 2"),
        (lambda x: ops.unstack(x, 2), ShapeMismatch, "unstack into 2 along an axis of 3"),
        (lambda x: ops.moveaxis(x, (0, 0), (0, 1)), ShapeMismatch, "moveaxis from"),
        (lambda x: ops.rot90(x[0]), ShapeMismatch, "rot90 of 1 axes"),
        (lambda x: ops.pad(x, -1), ShapeMismatch, "pad_width is -1"),
        (lambda x: ops.pad(x, ((1, 1),) * 3), ShapeMismatch, "for 2 axes"),
        (lambda x: ops.pad(x, 1, "reflect", 2.0), BadValue, "constant_values"),
        (lambda x: ops.searchsorted(x, x), ShapeMismatch, "only supports 1-D"),
        (lambda x: ops.searchsorted(x[0], x, "middle"), BadValue, "side is 'middle'"),
        (lambda x: ops.digitize(x, x), ShapeMismatch, "must be a 1D array"),
        (lambda x: ops.quantile(x, 0.5, method="best"), BadValue, "method is 'best'"),
        (lambda x: ops.quantile(x, x), ShapeMismatch, r"q of shape \[3 4\]"),
        (lambda x: ops.average(x, weights=[1.0, 2.0]), ShapeMismatch, r"weights \[2\] for \[3 4\] along axis None"),
        (lambda x: ops.histogram(x, 0), BadValue, "bins is 0"),
        (lambda x: ops.scatter_update(x, [[0]], [x[0]], "mean"), BadValue, "reduction is 'mean'"),
        (lambda x: ops.scatter([[0, 0, 0]], [1.0], (3, 4)), ShapeMismatch, "indices of 3 numbers"),
        (lambda x: ops.select([x > 0], []), BadValue, "1 conditions and 0 choices"),
        (lambda x: ops.diag(ops.ones((2, 2, 2))), ShapeMismatch, r"diag of \[2 2 2\]"),
        (lambda x: ops.tril(x[0]), ShapeMismatch, r"a triangle of \[4\]"),
        (lambda x: ops.meshgrid(x, indexing="ji"), BadValue, "indexing is 'ji'"),
        (lambda x: ops.diagonal(x, 0, 1, 1), ShapeMismatch, "the diagonal of axes 1 and 1"),
    ],
)
def test_what_cannot_be_is_refused_with_words(wrong: Callable[..., Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        wrong(input_symbol((3, 4), "float32", "x"))


def test_what_needs_a_known_size_says_so_of_a_batch() -> None:
    x = input_symbol((BATCH, 4), "float32", "x")
    for wrong in (
        lambda: ops.unstack(x),
        lambda: ops.split(x, 2),
        lambda: ops.diagonal(x),
        lambda: ops.vander(x[:, 0]),
    ):
        with pytest.raises(ShapeMismatch):
            wrong()
    with pytest.raises(Unsupported, match="pad mode 'reflect' of an axis of batch"):
        ops.pad(x, 1, "reflect")


def test_a_gradient_of_one_s_own_replaces_the_true_one() -> None:
    @ops.custom_gradient
    def straight_through(x):
        return ops.round(x), lambda upstream: upstream * 2.0

    found = kmagic.grad(lambda x: ops.sum(straight_through(x * 3.0)))(np.array([0.2, 1.4]))
    assert found.tolist() == [6.0, 6.0] and straight_through(np.array([0.7])).tolist() == [1.0]


def test_scattering_many_rows_adds_what_numpy_adds() -> None:
    generator = np.random.default_rng(0)
    indices, rows = generator.integers(0, 200, 300_000).astype("int32"), np.ones((300_000, 2), "float32")
    plain = np.zeros((200, 2), "float32")
    np.add.at(plain, indices, rows)
    np.testing.assert_array_equal(ops.segment_sum(rows, indices, 200), plain)
