"""Data that are no numbers yet: text, dates, objects, lists, generators, nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kmagic.models import preparation
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.facts.arrays import is_missing
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import also, attach, drop_columns, give
from kmagic.models.diagnosis.fixes.layers import set_input
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.preparation.tables import as_dates

Array = np.ndarray[Any, Any]

_SHOWN = 4
_MOST_CATEGORIES = 50


# ---- text ----

_READS = 'a model takes it with Input((1,), dtype="string") first and TextVectorization or StringLookup behind it'


@rule("K134", "text among labels or features")
def text(facts: Facts) -> Finding | None:
    """Labels that are text, or a column of text among the features."""
    if facts.y is not None and facts.y.kind == "text" and not _are_numbers(facts.y.array):
        return _text_labels(facts, facts.y)
    for number, found in enumerate(facts.x if facts.output == 0 else []):
        if found.is_number:
            continue
        columns = [] if _are_numbers(found.array) else columns_of(found, "text")
        if columns:
            return _text_columns(facts, number, columns)
        if found.kind == "text" and found.is_rows_of is None and not _are_numbers(found.array):
            message = f"{found.name} holds text: {_listed(found.values or {})}; {_READS}"
            return Finding("K134", "error", message, (), is_meaningless=True)
    return None


def _text_labels(facts: Facts, found: ArrayFacts) -> Finding:
    message = f"{found.name} holds text: {_listed(found.values or {})}"
    if not found.values:
        return Finding("K134", "error", message, (), is_meaningless=True)
    labels = list(found.values)
    steps: list[preparation.Step] = [preparation.MapLabels(labels, facts.output)]
    if facts.loss_has("one-hot labels") and (facts.units or 1) > 1:
        steps.append(preparation.OneHot(len(labels), facts.output))
    label = f"Number the labels 0 … {len(labels) - 1}, and predict them as text"
    return Finding("K134", "error", message, (attach(facts, label, *steps),), is_meaningless=True)


def _text_columns(facts: Facts, number: int, columns: list[int]) -> Finding:
    found = facts.x[number]
    known = [_categories(found, column) for column in columns]
    more = f" (and {len(columns) - 1} more such columns)" if len(columns) > 1 else ""
    message = f"{found.column_title(columns[0])} of {found.name} holds text: {_listed(known[0])}{more}"
    width = found.shape[-1] - len(columns) + sum(map(len, known))
    fixes: list[Fix | None] = [drop_columns(facts, number, columns)]
    wider = set_input(facts, (width,), number)
    if max(map(len, known)) <= _MOST_CATEGORIES and wider is not None:
        step = preparation.OneHotColumns(columns, known, number)
        fixes.insert(0, also(attach(facts, "A column of 0 and 1 for each text", step), wider))
    return Finding("K134", "error", message, tuple(fix for fix in fixes if fix), is_meaningless=True)


def _categories(found: ArrayFacts, column: int) -> list[Any]:
    assert found.array is not None
    return sorted({str(value) for value in found.array[:, column] if not is_missing(value)})


def _listed(values: Any) -> str:
    shown = ", ".join(repr(str(value)) for value in list(values)[:_SHOWN])
    return f"{shown}, …" if len(values) > _SHOWN else shown


def columns_of(found: ArrayFacts, kind: str) -> list[int]:
    """The columns of a table of objects that hold 'text', 'dates' or 'numbers'."""
    if found.is_rows_of is None or found.array is None or not found.array.size or found.is_number:
        return []
    return [column for column in range(found.is_rows_of) if _kind(found.sample[:, column]) == kind]


def _kind(column: Array) -> str:
    if column.dtype.kind in "US":
        return "numbers" if _are_numbers(column) else "text"
    if column.dtype.kind == "M":
        return "dates"
    there = [value for value in column if not is_missing(value)]
    if any(isinstance(value, str) for value in there):
        return "numbers" if _are_numbers(column) else "text"
    if there and all(hasattr(value, "isoformat") or isinstance(value, np.datetime64) for value in there):
        return "dates"
    return "numbers"


def _are_numbers(array: Array | None) -> bool:
    """Whether text or objects can all be read as numbers."""
    if array is None or not array.size or array.dtype.kind not in "OUS":
        return False
    if array.dtype.kind == "O" and all(is_missing(value) for value in array.flat):
        return False
    try:
        array[:: max(1, len(array) // 10_000)].astype("float64")
    except (TypeError, ValueError):
        return False
    return True


@rule("K209", "numbers as text or objects", any_step=True)
def numbers_as_objects(facts: Facts) -> Finding | None:
    """Numbers that came as text, or as Python objects."""
    for number, found in enumerate(facts.x if facts.output == 0 else []):
        if found.kind in ("text", "object") and _is_of_objects(found):
            hand = f"{found.name} = numpy.asarray({found.name}, 'float64')"
            step = preparation.ReadNumbers(number)
            return _unread(found, attach(facts, "Read the numbers", step, by_hand=hand if found.name == "x" else ""))
    if facts.y is not None and facts.y.kind in ("text", "object") and _is_of_objects(facts.y):
        hand = "y = numpy.asarray(y, 'float64')" if facts.y.name == "y" else ""
        step = preparation.ReadNumbers(None, facts.output)
        return _unread(facts.y, attach(facts, "Read the numbers", step, by_hand=hand))
    return None


def _is_of_objects(found: ArrayFacts) -> bool:
    return found.array is not None and found.array.dtype.kind in "OUS" and _are_numbers(found.array)


def _unread(found: ArrayFacts, fix: Fix) -> Finding:
    message = f"{found.name} holds numbers as {'text' if found.kind == 'text' else 'Python objects'}"
    return Finding("K209", "error", message, (fix,), is_meaningless=True)


# ---- dates ----


@rule("K207", "dates among features", once=True, any_step=True)
def dates(facts: Facts) -> Finding | None:
    """Columns of dates, which no layer takes."""
    for number, found in enumerate(facts.x):
        columns = columns_of(found, "dates")
        if not columns:
            continue
        title = found.column_title(columns[0]) if (found.is_rows_of or 1) > 1 else "a column"
        fixes = (_days(facts, number, columns), drop_columns(facts, number, columns))
        given = tuple(fix for fix in fixes if fix is not None)
        return Finding("K207", "error", f"{title} of {found.name} holds dates", given, is_meaningless=True)
    return None


def _days(facts: Facts, number: int, columns: list[int]) -> Fix | None:
    dates = as_dates(facts.x[number].sample[:, columns])
    days = dates[~np.isnat(dates)].astype("int64") / 86400
    if not days.size:
        return None
    scale = max(1.0, float(np.round(days.std())))
    origin = str(np.datetime64(int(np.median(days)), "D"))
    step = preparation.CountDays(columns, origin, scale, number)
    return attach(facts, f"Count days from {origin}, in units of {scale:g}", step)


# ---- lists, generators, nothing ----


@rule("K135", "lists of numbers", once=True, any_step=True)
def lists(facts: Facts) -> Finding | None:
    """Data as Python lists, which are copied each time; rows of different lengths."""
    given = [(name, data) for name, data in (("x", facts.case.x), ("y", facts.case.y)) if _is_list(data)]
    if not given or facts.model.preparation:
        return None
    if facts.x and given[0][0] == "x" and (lengths := _lengths(facts.case.x)):
        message = f"rows of x have different lengths: {min(lengths)} … {max(lengths)}"
        width = _width(facts, max(lengths))
        fix = attach(facts, f"Fill rows up to {width} with zeros", preparation.PadRows(width))
        return Finding("K135", "error", message, (fix,), is_meaningless=True)
    if any(found.kind in ("text", "object") for found in (*facts.x, *([facts.y] if facts.y else []))):
        return None
    names = [name for name, _ in given]
    code = "; ".join(f"{name} = numpy.asarray({name}, {_dtype(data)!r})" for name, data in given)
    message = f"{' and '.join(names)} {'is a list' if len(names) == 1 else 'are lists'}: each fit makes arrays of them"
    return Finding("K135", "hint", message, (give(facts, "Make arrays once", code, _as_arrays),))


def _is_list(data: Any) -> bool:
    return isinstance(data, list | tuple) and not holds_arrays(data)


def _lengths(rows: Any) -> set[int]:
    """The lengths of rows, where they differ."""
    found = {len(row) for row in rows if isinstance(row, list | tuple)}
    return found if len(found) > 1 else set()


def _width(facts: Facts, longest: int) -> int:
    shape = facts.model.input_shape
    wanted = shape[-1] if isinstance(shape, tuple) and len(shape) == 2 else None
    return wanted or longest


def _dtype(data: Any) -> str:
    kind = np.asarray(data).dtype
    return "float32" if kind.kind == "f" else str(kind)


def _as_arrays(case: Case) -> Case:
    x, y = (np.asarray(data, _dtype(data)) if _is_list(data) else data for data in (case.x, case.y))
    return replace(case, x=x, y=y)


@rule("K157", "nothing to learn from", once=True, any_step=True)
def nothing(facts: Facts) -> Finding | None:
    """Arrays without rows, or a split that leaves none to train on."""
    for found in (*facts.x, facts.y):
        if found is not None and found.array is not None and found.shape and found.rows == 0:
            return Finding("K157", "error", f"{found.name} has 0 rows", (), is_meaningless=True)
    split = facts.options.validation_split
    splits = facts.options.validation_data is None and isinstance(split, float) and 0 < split < 1
    if splits and facts.rows and int(np.floor(facts.rows * (1 - split))) == 0:
        message = f"validation_split={split} of {facts.rows} rows leaves none to train on"
        fix = set_options(facts, validation_split=0.2)
        return Finding("K157", "error", message, (fix,) if facts.rows > 1 else (), is_meaningless=True)
    return None


@rule("K158", "batches that fit cannot ask for", once=True, any_step=True)
def batches(facts: Facts) -> Finding | None:
    """Batches by number in an object that nothing iterates over."""
    x = facts.case.x
    if not is_of_batches(x):
        return None
    code = "x, y = map(numpy.concatenate, list(zip(*(x[i] for i in range(len(x)))))[:2])"
    fix = give(facts, "Join the batches to arrays", code, _joined)
    message = f"x is a {type(x).__name__} of {len(x)} batches: fit takes arrays, generators and kmagic.utils.PyDataset"
    return Finding("K158", "error", message, (fix,), is_meaningless=True)


@rule("K158", "batches that are there once", once=True)
def unseen_batches(facts: Facts) -> Finding | None:
    """An iterator, whose batches would be used up by a look at them."""
    if facts.case.is_sample and facts.case.x is None:
        return Finding("K158", "hint", "x gives its batches once: they are looked at when training begins", ())
    return None


def is_of_batches(data: Any) -> bool:
    """Whether this gives batches by number, and only so."""
    known = isinstance(data, list | tuple | dict | str | bytes | range) or any(
        hasattr(data, name) for name in ("__array__", "__dlpack__", "iloc", "__iter__")
    )
    return not known and hasattr(data, "__len__") and hasattr(data, "__getitem__")


def _joined(case: Case) -> Case:
    each = [case.x[i] for i in range(len(case.x))]
    x, y = (np.concatenate(parts) for parts in list(zip(*each, strict=False))[:2])
    return replace(case, x=x, y=y)
