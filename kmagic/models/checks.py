"""Checks of rows against the model that they are for, before a step sees them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from kmagic.base.errors import BadData
from kmagic.base.shapes import Extent, shapes_in, written
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import HELD_OUT, Case, check_data
from kmagic.models.form import labels_of
from kmagic.models.own import own_steps
from kmagic.models.programs import fixed_batch
from kmagic.models.rows import Rows

ROWS = Extent.named("n")
_ALL, _ONE_OF = 64, 16


def check_features(model: Any, x: Any, where: str) -> None:
    """Raise BadData where rows do not fit what the model was built for; own steps may take any."""
    if own_steps(model):
        return
    model = model.behind_text
    arrays = model.arrange(x)
    shapes = shapes_in(model.input_shape) if model.input_shape else []
    for label, wanted, array in zip(labels_of("x", len(arrays)), shapes, arrays, strict=False):
        _check_shape(label, wanted, array.shape, where)


def open_axes(model: Any) -> list[tuple[int | None, ...]]:
    """The shapes of rows that the inputs of a model take, None where any size will do."""
    return [tuple(shape[1:]) for shape in shapes_in(model.input_shape)] if model.input_shape else []


def check_batch(model: Any, rows: Rows, where: str) -> None:
    """Raise BadData where a batch of a stream does not fit the model."""
    check_features(model, rows.x, where)
    fixed = fixed_batch(model)
    if fixed is not None and len(rows) != fixed:
        raise BadData(f"{len(rows)} rows", where=where, expected=f"{fixed} rows, the batch size of the input")


def _check_shape(title: str, wanted: Any, got: tuple[int, ...], where: str) -> None:
    if not wanted:
        return
    fits = len(got) == len(wanted) and all(w is None or w == g for w, g in zip(wanted[1:], got[1:], strict=True))
    if fits:
        return
    single = got == tuple(wanted[1:])
    raise BadData(
        f"{title} has shape {written(got) if single else written((ROWS, *got[1:]))}",
        where=where,
        expected=f"{written((ROWS, *wanted[1:]))}: {_counted(wanted)} in each row",
        fix=_feature_fix(single, got) if where != HELD_OUT else None,
    )


def _feature_fix(single: bool, got: tuple[int, ...]) -> str:
    if single:
        return "x[None] for a single sample"
    return f"Input(shape={got[1:]!r}) as the first layer" if got[1:] else "x[:, None] for rows of one number"


def _counted(wanted: tuple[int | None, ...]) -> str:
    return f"{wanted[1]} features" if len(wanted) == 2 else "such values"


def check(model: Any, compiled: Compiled, rows: Rows, where: str, looks: bool = True) -> None:
    """Raise where rows do not fit the model, or, if anybody `looks`, would make the computation meaningless."""
    check_features(model, rows.x, where)
    if not looks:
        return
    y = rows.targets[0] if len(rows.targets) == 1 else list(rows.targets) or None
    check_data(Case(model, compiled.recipe, rows.x, y, is_prepared=True), HELD_OUT if where == HELD_OUT else "")


def check_of_stream(model: Any, compiled: Compiled, where: str, looks: bool = True) -> Callable[[Rows], None]:
    """What checks batch after batch: the first ones, and then one of a few, since a look takes longer than a step."""
    numbers = itertools.count()

    def check_next(rows: Rows) -> None:
        number = next(numbers)
        check(model, compiled, rows, where, looks and (number < _ALL or number % _ONE_OF == 0))

    return check_next
