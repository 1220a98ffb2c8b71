"""Facts of arrays: equal to what NumPy says in float64, of any layout, kind and size, in bounded time and memory."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from kmagic.models.diagnosis.facts.arrays import SAMPLE_ROWS, gather, is_missing

GENERATOR = np.random.default_rng(5)
SHAPES = [(1,), (7,), (300,), (5000, 1), (1000, 3), (333, 7), (40, 28, 28), (50, 9, 9, 3), (3, 5000), (60001, 5)]
DTYPES = ["float32", "float64", "float16", "int64", "int8", "uint8", "uint32", "bool"]


def numbers(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    if dtype.startswith("f"):
        return (GENERATOR.normal(size=shape) * 3 + 1).astype(dtype)
    if dtype == "bool":
        return GENERATOR.integers(0, 2, shape).astype(bool)
    return GENERATOR.integers(0 if dtype.startswith("u") else -50, 100, shape).astype(dtype)


def assert_equals_numpy(array: np.ndarray, exact: bool = True) -> None:
    facts = gather(array, "x")
    columns = array.reshape(-1, array.shape[-1] if array.ndim > 1 else 1).astype("float64")
    finite = np.where(np.isfinite(columns), columns, np.nan)
    assert facts.columns is not None
    np.testing.assert_array_equal(facts.columns.low, np.nanmin(finite, 0))
    np.testing.assert_array_equal(facts.columns.high, np.nanmax(finite, 0))
    assert (facts.low, facts.high) == (np.nanmin(finite), np.nanmax(finite))
    assert facts.bad_count == np.count_nonzero(~np.isfinite(array))
    first = np.argwhere(~np.isfinite(array))
    assert facts.bad == (tuple(first[0]) if len(first) else None)
    assert facts.is_whole == bool(np.all(np.floor(finite[np.isfinite(finite)]) == finite[np.isfinite(finite)]))
    if exact:
        np.testing.assert_allclose(facts.columns.mean, np.nanmean(finite, 0), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(facts.columns.std, np.nanstd(finite, 0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_are_those_of_numpy(shape: tuple[int, ...], dtype: str) -> None:
    assert_equals_numpy(numbers(shape, dtype))


@pytest.mark.parametrize("shape", [(600, 3), (5000,), (40, 28, 28), (200_000, 4), (700_001,)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found(shape: tuple[int, ...], bad: float) -> None:
    array = numbers(shape, "float32")
    flat = array.reshape(-1)
    flat[[flat.size // 3, flat.size // 2, flat.size - 1]] = bad
    assert_equals_numpy(array, exact=len(array) <= SAMPLE_ROWS)
    assert gather(array, "x").bad_count == 3


def test_nan_and_infinity_in_one_column() -> None:
    array = numbers((5000, 3), "float64")
    array[10, 1], array[11, 1], array[4000, 1], array[0, 2] = np.nan, np.inf, -np.inf, np.inf
    assert_equals_numpy(array)
    array[:, 1] = np.nan
    facts = gather(array, "x")
    assert np.isnan([facts.columns.low[1], facts.columns.high[1], facts.columns.mean[1], facts.columns.std[1]]).all()
    assert facts.low == np.nanmin(np.where(np.isfinite(array), array, np.nan))


def test_nothing_finite() -> None:
    facts = gather(np.full((4, 2), np.nan), "x")
    assert (facts.low, facts.high, facts.columns, facts.is_whole, facts.values) == (None, None, None, False, None)
    assert facts.bad == (0, 0) and facts.bad_count == 8 and not facts.is_one_hot


def test_large_means_keep_their_deviation() -> None:
    array = 1e9 + GENERATOR.normal(size=(5000, 2))
    np.testing.assert_allclose(gather(array, "x").columns.std, array.std(0), rtol=1e-9)


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda a: a[::3],
        lambda a: a[:, ::2],
        lambda a: a[::-1],
        lambda a: a.T,
        lambda a: a.astype(">f8"),
        lambda a: np.broadcast_to(a[:1], a.shape),
    ],
)
def test_any_layout(layout: Any) -> None:
    assert_equals_numpy(layout(numbers((3000, 8), "float64")))


def test_a_memory_mapped_array(tmp_path: Path) -> None:
    array = numbers((3000, 8), "float32")
    np.save(tmp_path / "x.npy", array)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_equals_numpy(mapped)
    np.testing.assert_array_equal(gather(mapped, "x").columns.mean, gather(array, "x").columns.mean)


def test_rows_that_are_sampled() -> None:
    array = numbers((300_000, 2), "float64")
    facts = gather(array, "x")
    assert len(facts.sample) == SAMPLE_ROWS
    assert_equals_numpy(array, exact=False)
    np.testing.assert_allclose(facts.columns.mean, array.mean(0), atol=0.05)
    np.testing.assert_allclose(facts.columns.std, array.std(0), rtol=0.02)
    np.testing.assert_array_equal(facts.sample[[0, -1]], array[[0, -1]])


def test_samples_of_long_rows_are_small() -> None:
    facts = gather(np.zeros((600, 100, 100, 3), "uint8"), "x")
    assert facts.sample.size <= 1 << 22 and len(facts.sample) > 100


def test_too_many_columns_are_not_told_apart() -> None:
    array = numbers((3, 70_000), "float32")
    facts = gather(array, "x")
    assert facts.columns is None and (facts.low, facts.high) == (array.min(), array.max())


# ---- values ----


@pytest.mark.parametrize("shape", [(900,), (900, 1), (900, 1, 1)])
@pytest.mark.parametrize("dtype", ["int64", "float32", "uint8", "bool"])
def test_values_are_counted(shape: tuple[int, ...], dtype: str) -> None:
    array = GENERATOR.integers(0, 2 if dtype == "bool" else 12, 900).astype(dtype).reshape(shape)
    values, counts = np.unique(array, return_counts=True)
    facts = gather(array, "y")
    assert facts.values == dict(zip(values.tolist(), counts.tolist(), strict=True)) and facts.counts_all_rows
    assert list(facts.values) == sorted(facts.values)


def test_values_of_large_arrays_are_counted() -> None:
    array = GENERATOR.integers(-1, 1000, 400_000)
    assert gather(array, "y").values is None
    assert gather(np.minimum(array, 5), "y").values[5] == int((array >= 5).sum())
    rare = np.zeros(400_000)
    rare[1] = 0.5
    assert gather(rare, "y").values == {0.0: 399_999, 0.5: 1}
    assert not gather(rare, "y").is_whole


def test_very_large_arrays_count_their_sample() -> None:
    facts = gather(np.arange(1 << 23, dtype="int32") % 4, "y")
    assert not facts.counts_all_rows and list(facts.values) == [0, 1, 2, 3]
    assert sum(facts.values.values()) == SAMPLE_ROWS


def test_values_are_not_counted_where_there_are_many() -> None:
    assert gather(GENERATOR.normal(size=2000), "y").values is None
    assert gather(np.zeros((5, 2)), "y").values is None
    assert gather(np.arange(1000), "y").values is not None


def test_values_leave_out_what_is_not_finite() -> None:
    facts = gather(np.array([0, 1, np.nan, 1, np.inf]), "y")
    assert facts.values == {0.0: 1, 1.0: 2} and facts.is_whole and facts.bad == (2,)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.eye(3)[[0, 1, 2, 2]], True),
        (np.eye(3, dtype=bool)[[0, 1, 2, 2]], True),
        (np.eye(4, dtype="uint8")[np.zeros((5, 6), int)], True),
        (np.array([[1, 1, 0], [0, 0, 1]]), False),
        (np.array([[0, 0, 0], [0, 0, 1]]), False),
        (np.array([[0.5, 0.5], [0, 1]]), False),
        (np.array([[2, -1], [0, 1]]), False),
        (np.array([0, 1, 0]), False),
        (np.array([[0], [1]]), False),
        (np.array([[0, 1], [1, np.nan]]), False),
    ],
)
def test_one_hot(array: np.ndarray, expected: bool) -> None:
    assert gather(array, "y").is_one_hot is expected


# ---- other kinds ----


def test_kinds() -> None:
    kinds: list[tuple[Any, str]] = [
        (None, "none"),
        ([1.5, 2], "float"),
        ([[1, 2], [3, 4]], "int"),
        ([True, False], "bool"),
        (["a", "b"], "text"),
        (np.array(["a", None, "b"], object), "text"),
        (np.array(["a", 1], object), "object"),
        (np.array([1, 2], object), "object"),
        ([[1, 2], [3]], "object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "object"),
        (np.zeros(3, complex), "object"),
        (object(), "object"),
        ((row for row in [[1], [2]]), "object"),
        ({"a": [1]}, "object"),
        (5.0, "float"),
        (np.float64(5), "float"),
        ("text", "text"),
    ]
    for data, kind in kinds:
        assert gather(data, "x").kind == kind, data


def test_what_cannot_be_had_as_an_array_is_not_asked_for_its_rows() -> None:
    class Batches:
        def __len__(self) -> int:
            raise AssertionError("asked")

        def __getitem__(self, number: int) -> Any:
            raise AssertionError("asked")

    assert gather(Batches(), "x").array is None


def test_one_column() -> None:
    for shape in [(6,), (6, 1), (6, 1, 1)]:
        facts = gather(np.arange(6, dtype="int16").reshape(shape), "y")
        assert facts.column.tolist() == [0, 1, 2, 3, 4, 5] and facts.dtype == "int16" and facts.is_number
    assert gather(np.zeros((6, 2)), "y").column is None and gather(None, "y").column is None


def test_empty_arrays() -> None:
    for array in (np.zeros((0, 4)), np.zeros((4, 0)), np.zeros(0, int), np.array([], object)):
        facts = gather(array, "x")
        assert facts.rows == len(array) and facts.low is None and facts.values is None and not facts.is_one_hot
        assert facts.sample.size == 0


def test_text() -> None:
    facts = gather(["b", "a", "b"], "y")
    assert facts.values == {"a": 1, "b": 2} and (facts.low, facts.high, facts.columns) == (None, None, None)
    facts = gather(np.array([["b"], [None], ["a"]], object), "y")
    assert facts.values == {"a": 1, "b": 1} and facts.bad == (1, 0) and facts.bad_count == 1


def test_tables_of_pandas() -> None:
    frame = pandas.DataFrame({"age": [1, 2, 3], "height": [1.5, np.nan, 2.5], "is_old": [True, False, True]})
    facts = gather(frame, "x")
    assert (facts.kind, facts.shape, facts.bad) == ("float", (3, 3), (1, 1))
    assert (
        facts.column_title(1) == "column 'height'" and gather(frame.to_numpy(float), "x").column_title(1) == "column 1"
    )
    assert facts.columns.high.tolist() == [3, 2.5, 1]
    assert gather(frame.age, "y").values == {1: 1, 2: 1, 3: 1}
    text = gather(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "x")
    assert (text.kind, text.shape) == ("object", (2, 2))


def test_missing_values_of_pandas() -> None:
    facts = gather(pandas.Series([1, None, 3], dtype="Int64"), "y")
    assert (facts.kind, facts.bad, facts.high) == ("float", (1,), 3.0)
    facts = gather(pandas.DataFrame({"a": pandas.array([1, None], "Int64"), "b": [1, 2]}), "x")
    assert (facts.kind, facts.bad) == ("float", (1, 0))
    facts = gather(pandas.Series(["a", None, "b"]), "y")
    assert (facts.kind, facts.values, facts.bad) == ("text", {"a": 1, "b": 1}, (1,))
    assert gather(pandas.Series(["a", "b", "a"], dtype="category"), "y").values == {"a": 2, "b": 1}
    assert all(map(is_missing, (None, np.nan, pandas.NA, pandas.NaT))) and not is_missing(0)


# ---- bounds ----


def test_a_pass_takes_little_memory() -> None:
    """How long it takes is measured by `tests/bench/diagnosis.py`."""
    array = np.zeros((1 << 25, 1), "float32")
    array[:] = GENERATOR.normal()
    tracemalloc.start()
    assert gather(array, "x").rows == 1 << 25
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
