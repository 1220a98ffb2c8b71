"""What `fit`, `evaluate` and `predict` bring together: rows, programs, and the passes that the loop runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadValue
from kmagic.base.shapes import Axis, Extent, shapes_in, written
from kmagic.base.trees import filled, leaves
from kmagic.compiler.program import Workspace
from kmagic.compiler.replay import explain
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import HELD_OUT, Case, check_data
from kmagic.models.eager import EagerSteps
from kmagic.models.form import labels_of
from kmagic.models.own import own_steps
from kmagic.models.rows import Rows
from kmagic.training.loop import Pass
from kmagic.training.sources import ArraySource

Array = np.ndarray[Any, Any]
ROWS = Extent.named("n")


def fit_passes(
    model: Any,
    compiled: Compiled,
    rows: Rows,
    held_out: Rows | None,
    batch_size: int | None,
    validation_batch_size: int | None,
    looks: bool,
) -> tuple[Pass, Pass | None]:
    """The pass that trains, on rows that were looked at already, and the one that validates if rows are held out.

    `looks`: whether numbers of the latter that make the computation meaningless are refused.
    """
    size = batch_size_of(batch_size, len(rows))
    check_features(model, rows.x, "fit")
    train = train_pass(model, compiled, rows, size)
    if held_out is None:
        return train, None
    check(model, compiled, held_out, HELD_OUT, looks)
    held_size = batch_size_of(validation_batch_size or size, len(held_out))
    return train, evaluate_pass(model, compiled, held_out, held_size, HELD_OUT)


def batch_size_of(value: Any, rows: int, where: str = "fit") -> int:
    """The batch size, 32 by default, no larger than the data."""
    if value is None:
        value = 32
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadValue(f"batch_size is {value!r}", where=where, expected="a whole number of at least 1")
    return min(int(value), rows)


# ---- checks ----


def check_features(model: Any, x: Any, where: str) -> None:
    """Raise BadData where rows do not fit what the model was built for; own steps may take any."""
    if own_steps(model):
        return
    arrays = model.arrange(x)
    shapes = shapes_in(model.input_shape) if model.input_shape else []
    for label, wanted, array in zip(labels_of("x", len(arrays)), shapes, arrays, strict=False):
        _check_shape(label, wanted, array.shape, where)


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


# ---- passes ----


def train_pass(model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that trains."""
    return _pass(model, compiled, rows, batch_size, where, programs.TrainStep)


def evaluate_pass(model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that measures."""
    return _pass(model, compiled, rows, batch_size, where, programs.TestStep)


def _pass(
    model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str, step_of: type[programs.DataStep]
) -> Pass:
    source = ArraySource(rows.arrays())
    step = step_of(model, compiled, rows.form)
    if compiled.recipe.run_eagerly and not model.built and not own_steps(model):
        model(rows.part(0, 1).x)
    batch = _batch_of(model, source, batch_size, where)
    opened = _opened(step, source, rows.form.labels, batch_size, batch, compiled.recipe.run_eagerly)
    # looking at the results of every step costs time that only few steps are worth
    collect = step.collect if compiled.recipe.run_eagerly or step.is_looked_at else None
    return Pass(opened.steps, source, batch_size, step.reset, step.logs, opened.explain, collect)


@dataclass(frozen=True)
class _Opened:
    """What runs the steps of a pass, and what explains a bad status."""

    steps: Any
    explain: Callable[[int, str], Any]


def _batch_of(model: Any, source: ArraySource, batch_size: int, where: str) -> Axis:
    """The size of batches in a program: any, or the one that an input of the model fixes, which data must then fit."""
    fixed = [symbol.shape[0] for symbol in model.inputs or () if isinstance(symbol.shape[0], int)]
    if not fixed:
        return programs.BATCH
    if min(batch_size, source.length) != fixed[0] or source.length % fixed[0]:
        raise BadData(
            f"{source.length} rows in batches of {batch_size}",
            where=where,
            expected=f"full batches of {fixed[0]} rows, the batch size of the input",
            fix=f"batch_size={fixed[0]}",
        )
    return fixed[0]


def _opened(
    step: programs.Step,
    source: ArraySource,
    labels: list[str],
    batch_size: int,
    batch: Axis,
    eagerly: bool = False,
) -> _Opened:
    """A step as a compiled program, or run line by line where the user asks for that."""
    if eagerly:
        eager = EagerSteps(step, source.specs, labels)
        return _Opened(eager, eager.explain)
    graph = programs.graph_of(step, source.specs, labels, batch)
    _, workspace = programs.open_workspace(graph, min(batch_size, source.length))
    return _Opened(workspace, _explainer(workspace))


def predict_pass(model: Any, x: Any, batch_size: int, eagerly: bool, collect: Callable[[int, Any], None]) -> Pass:
    """A pass that hands each batch's prediction, in the model's own tree of outputs, to `collect`."""
    check_features(model, x, "predict")
    source = ArraySource(leaves(x))
    forms: list[Any] = []
    step = programs.predict_step(model, x, forms)
    batch = _batch_of(model, source, batch_size, "predict")
    opened = _opened(step, source, labels_of("x", len(leaves(x))), batch_size, batch, eagerly)

    def take(rows: int, outputs: dict[str, Array]) -> None:
        collect(rows, filled(forms[0], [outputs[str(number)].copy() for number in range(len(outputs))]))

    return Pass(opened.steps, source, batch_size, lambda: None, dict, opened.explain, take)


def _explainer(workspace: Workspace) -> Callable[[int, str], Any]:
    return lambda rows, where: explain(workspace, rows, where)


def row_order(seed: int, length: int, shuffle: bool) -> Callable[[int], Array]:
    """The row numbers of each epoch: in order, or shuffled by a generator that depends on seed and epoch alone."""
    if not shuffle:
        return lambda epoch: np.arange(length)
    return lambda epoch: np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(length)
