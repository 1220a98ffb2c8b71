"""Sources: what can hold rows, what they become, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kmagic import config
from kmagic.base.errors import BadData
from kmagic.training.sources import ArraySource, as_array
from tests.compiler.programs import EXECUTORS, executed_by
from tests.training.small import data, model


class Foreign:
    """An array of another library: only `__dlpack__`."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64", "bool"])
def test_arrays_stay_as_they_are_stored(dtype: str) -> None:
    array = np.ones((3, 2), dtype)
    assert as_array(array, "x") is array
    assert ArraySource([array]).specs == (((2,), dtype),)


def test_lists_become_typed_arrays() -> None:
    assert as_array([[1.0, 2.0]], "x").dtype == config.floatx()
    assert as_array([1, 2], "y").tolist() == [1, 2] and as_array((True, False), "y").dtype == bool


def test_pandas_objects_become_tables() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    np.testing.assert_array_equal(as_array(frame, "x"), [[1, 0.5], [2, 1.5]])
    np.testing.assert_array_equal(as_array(frame["a"], "y"), [1, 2])


def test_a_text_column_is_named() -> None:
    frame = pd.DataFrame({"age": [30.0, 40.0], "hero": ["Thor", "Hulk"], "team": ["a", "b"]})
    with pytest.raises(BadData, match=r"column 'hero' holds text \(2 such columns\)") as caught:
        as_array(frame, "x")
    assert caught.value.fix == "pandas.get_dummies(frame), or leave the column out"


def test_gaps_in_tables_are_not_numbers() -> None:
    frame = pd.DataFrame({"age": pd.array([1, None], "Int64"), "is_old": [True, False]})
    np.testing.assert_array_equal(as_array(frame, "x"), [[1, 1], [np.nan, 0]])
    np.testing.assert_array_equal(as_array(frame[["age"]], "x"), [[1], [np.nan]])
    np.testing.assert_array_equal(as_array(frame.age, "y"), [1, np.nan])


class Endless:
    """Batches by number, whatever the number."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, number: int) -> list[float]:
        return [float(number)]


@pytest.mark.parametrize(
    ("given", "title"), [(Endless(), "Endless"), (([row] for row in range(3)), "generator"), ({1, 2}, "set")], ids=str
)
def test_batches_are_refused_without_asking_for_them(given: Any, title: str) -> None:
    with pytest.raises(BadData, match=f"x is a {title}"):
        as_array(given, "x")


def test_arrays_of_other_libraries_come_through_dlpack() -> None:
    array = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(as_array(Foreign(array), "x"), array)


@pytest.mark.parametrize(
    ("given", "message", "fix"),
    [
        (np.array(["Thor", "Hulk"]), "y holds text: 'Hulk', 'Thor'", "names, y = numpy.unique(y, return_inverse=True)"),
        (np.array(["a", None], object), "y holds text", "names, y = numpy.unique(y, return_inverse=True)"),
        ([[1, 2], [3]], "y has rows of different lengths", "pad the rows"),
        (np.zeros((0, 3)), "y has 0 rows", None),
        ([], "y has 0 rows", None),
        (3.0, "y is a single number", None),
        (np.array([1 + 2j]), "y holds complex128", None),
        (np.array(["2020-01-01"], "datetime64[D]"), "y holds datetime64", None),
        (np.array([None, 1.0], object), "y holds object", None),
    ],
    ids=str,
)
def test_what_holds_no_rows_of_numbers_is_refused(given: Any, message: str, fix: str | None) -> None:
    with pytest.raises(BadData) as caught:
        as_array(given, "y")
    assert message in str(caught.value) and caught.value.fix == fix


@pytest.mark.parametrize(
    "made",
    [
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(a, 2, 0)[::2],
        lambda a: a[::-1][::-1],
        lambda a: np.ascontiguousarray(a.T).T,
    ],
)
def test_any_memory_layout_reads_the_same(made: Any) -> None:
    array = np.arange(12.0).reshape(4, 3)
    given = made(array)
    given.flags.writeable = False
    out = np.empty((2, 3))
    ArraySource([given]).read(np.array([3, 1]), [out])
    np.testing.assert_array_equal(out, array[[3, 1]])


def test_small_arrays_are_copied() -> None:
    array = np.zeros((2, 2))
    source = ArraySource([array])
    array[:] = 5
    out = np.empty((2, 2))
    source.read(np.arange(2), [out])
    assert out.sum() == 0


@pytest.mark.parametrize("dtype", ["uint8", "float64", "int64", "bool"])
def test_training_on_any_dtype_equals_training_on_floats(dtype: str) -> None:
    x = (np.arange(100).reshape(20, 5) % 7).astype(dtype)
    y = (np.arange(20) % 2).astype("int64")
    results = []
    for given in (x, x.astype("float32")):
        small = model()
        start = small.get_weights()
        small.set_weights([np.full_like(w, 0.1) for w in start])
        small.fit(given, y, epochs=2, shuffle=False, verbose=0)
        results.append(small.get_weights())
    for ours, floats in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, floats)


def mapped(array: np.ndarray, folder: Path) -> np.ndarray:
    """The numbers of an array in a file that is mapped into memory."""
    made = np.memmap(folder / f"{array.ndim}.bin", array.dtype, "w+", shape=array.shape)
    made[:] = array
    return made


@pytest.mark.parametrize("kind", ["matrix", "mapped", "reversed bytes", "strided"])
def test_a_source_has_memory_of_its_own_as_native_code_takes_it(kind: str, tmp_path: Path) -> None:
    array = np.arange(12.0).reshape(4, 3)
    given = {
        "matrix": lambda: array.copy().view(np.matrix),
        "mapped": lambda: mapped(array, tmp_path),
        "reversed bytes": lambda: array.astype(">f8"),
        "strided": lambda: np.repeat(array, 5, 0)[::5],
    }[kind]()
    source = ArraySource([given])
    (own,) = source.arrays
    assert type(own) is np.ndarray and own.dtype.isnative and own.flags.c_contiguous
    assert source.specs == (((3,), "float64"),) and own.strides == (24, 8)
    given[:] = 0
    np.testing.assert_array_equal(own, array)


def test_large_plain_arrays_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmagic.training.sources.arrays._SMALL", 8)
    array = np.zeros((2, 2))
    assert np.shares_memory(ArraySource([array]).arrays[0], array)
    assert np.shares_memory(ArraySource([array.view(np.matrix)]).arrays[0], array)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_bytes_in_another_order_train_like_others(executor: str) -> None:
    x, y = data(40)
    results = []
    with executed_by(executor):
        for given in ((x, y), (x.astype(">f4"), y.astype(">f8")), (x.view(np.matrix), y[:, None].view(np.matrix))):
            small = model()
            small.set_weights([np.full_like(w, 0.1) for w in small.get_weights()])
            small.fit(*given, batch_size=8, epochs=3, shuffle=False, verbose=0)
            results.append([*small.get_weights(), small.predict(given[0], verbose=0)])
    for other in results[1:]:
        for ours, others in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(ours, others)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_one_row_far_from_the_next_one_is_a_row(executor: str, tmp_path: Path) -> None:
    x, _ = data(500)
    with executed_by(executor):
        small = model()
        found = small.predict(mapped(x, tmp_path)[::499][:1], verbose=0)
        np.testing.assert_array_equal(found, small.predict(x[:1].copy(), verbose=0))
        assert np.isfinite(small.fit(mapped(x, tmp_path)[::499][:1], np.ones(1), verbose=0).history["loss"]).all()


@pytest.mark.parametrize("kind", [np.ndarray, np.matrix])
def test_changing_data_after_the_start_changes_nothing(kind: Any) -> None:
    results = []
    for change in (False, True):
        x, y = data()
        x, y = x.view(kind), y[:, None].view(kind)
        small = model()
        small.set_weights([np.full_like(w, 0.1) for w in small.get_weights()])
        run = small.fit_async(x, y, epochs=50, shuffle=False, verbose=0)
        if change:
            x[:], y[:] = np.nan, -5
        assert run.wait().status == "done"
        results.append(small.get_weights())
    for untouched, changed in zip(*results, strict=True):
        np.testing.assert_array_equal(untouched, changed)


@pytest.mark.parametrize("form", ["lists", "pandas", "dlpack", "read-only"])
def test_every_form_of_data_trains_alike(form: str) -> None:
    x, y = data(20)
    forms: dict[str, Any] = {
        "lists": (x.tolist(), y.tolist()),
        "pandas": (pd.DataFrame(x), pd.Series(y)),
        "dlpack": (Foreign(x), Foreign(y)),
        "read-only": (x.copy(), y.copy()),
    }
    if form == "read-only":
        for array in forms[form]:
            array.flags.writeable = False
    losses = []
    for given in ((x, y), forms[form]):
        small = model()
        small.set_weights([np.full_like(w, 0.1) for w in small.get_weights()])
        losses.append(small.fit(*given, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == losses[1]
