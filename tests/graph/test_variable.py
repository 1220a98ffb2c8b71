"""Variables: state with a place that can move."""

import numpy as np
import pytest

from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.graph.variable import Variable, flat, pack


def test_a_value_can_be_given_or_made() -> None:
    assert Variable([1, 2]).dtype == "float32"
    assert Variable(np.ones(2)).dtype == "float64"
    assert Variable([1.0, 2.0]).dtype == "float32"
    made = Variable(
        lambda shape, dtype: np.full(shape, 3, dtype), shape=(2, 3), dtype="float64", name="w", path="dense/w"
    )
    assert (made.shape, made.dtype, made.ndim, made.size) == ((2, 3), "float64", 2, 6)
    assert repr(made) == "<Variable path=dense/w f64[2 3]>"


def test_a_value_is_a_copy() -> None:
    given = np.zeros(2, "float32")
    variable = Variable(given)
    given[:] = 5
    taken = variable.numpy()
    taken[:] = 7
    assert variable.numpy().tolist() == [0, 0]
    np.asarray(variable)[:] = 9
    assert variable.numpy().tolist() == [0, 0]


def test_wrong_initial_values() -> None:
    with pytest.raises(BadType, match="v: an initializer without a shape"):
        Variable(np.zeros_like, name="v")
    with pytest.raises(ShapeMismatch, match=r"v: initial value of shape \[3\]\nexpected: \[2\]"):
        Variable(np.zeros(3), shape=(2,), name="v")


def test_assigning_keeps_dtype_and_place() -> None:
    variable = Variable(np.zeros(2, "float32"))
    array = variable.array
    variable.assign([1, 2])
    variable.assign_add(np.ones(2))
    variable.assign_sub([0.5, 0.5])
    assert variable.array is array and variable.dtype == "float32" and array.tolist() == [1.5, 2.5]
    with pytest.raises(ShapeMismatch, match=r"value of shape \[3\]\nexpected: f32\[2\]"):
        variable.assign(np.zeros(3))


def test_variables_compute_like_arrays() -> None:
    v = Variable(np.array([1.0, -2.0]))
    assert (2 * v + 1).tolist() == [3, -3] and (v > 0).tolist() == [True, False]
    assert np.exp(v).tolist() == np.exp([1.0, -2.0]).tolist() and v[1] == -2
    assert (np.ones(2) - v).tolist() == [0, 3] and abs(v).tolist() == [1, 2]


def test_variables_have_the_methods_of_arrays() -> None:
    v = Variable(np.array([[1.0, -2.0], [3.0, 5.0]]))
    assert v.sum() == 7 and v.mean(axis=0).tolist() == [2, 1.5] and v.T.tolist() == [[1, 3], [-2, 5]]
    assert v.reshape(4).clip(0, 4).tolist() == [1, 0, 3, 4] and v.astype("int32").dtype == np.int32
    assert np.max(v, axis=1).tolist() == [1, 5] and np.concatenate([v, v]).shape == (4, 2)
    assert np.einsum("ij->j", v).tolist() == [4, 3] and v.tolist() == [[1, -2], [3, 5]]
    assert Variable(2.5).item() == 2.5


def test_packing_lays_variables_end_to_end_by_dtype() -> None:
    a, b, c = Variable(np.ones((2, 2), "float32")), Variable(np.array(5, "int32")), Variable(np.zeros(3, "float32"))
    pack([a, b, c, a])
    together = flat([a, c])
    assert together is not None and together.tolist() == [1, 1, 1, 1, 0, 0, 0]
    together[:] = np.arange(7)
    assert a.numpy().tolist() == [[0, 1], [2, 3]] and c.numpy().tolist() == [4, 5, 6] and b.numpy() == 5
    c.assign([7, 8, 9])
    assert together[4:].tolist() == [7, 8, 9]


def test_variables_that_lie_right_stay() -> None:
    a, b = Variable(np.ones(2, "float32")), Variable(np.zeros(3, "float32"))
    pack([a, b])
    place = a.array
    pack([a, b])
    assert a.array is place
    assert flat([b, a]) is None
    part = flat([b])
    assert part is not None and part.size == 3


def test_a_lone_variable_has_no_store_until_it_is_packed() -> None:
    lone = Variable(np.ones(2))
    assert flat([lone]) is None
    pack([lone])
    assert flat([lone]) is not None and lone.numpy().tolist() == [1, 1]


def test_a_value_that_was_read_does_not_change() -> None:
    variable = Variable([1.0, 2.0])
    before = variable.value
    variable.assign([5.0, 6.0])
    assert before.tolist() == [1.0, 2.0] and float(variable[0]) == 5.0
