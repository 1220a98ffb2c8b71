"""What `fit`, `evaluate` and `predict` bring together: rows, programs, and the passes that the loop runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import BadData, BadValue
from kmagic.base.shapes import Extent, shapes_in, written
from kmagic.base.trees import filled, leaves
from kmagic.compiler.program import Workspace
from kmagic.compiler.replay import explain
from kmagic.layers.layer import Layer
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import check_data
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.eager import EagerSteps
from kmagic.models.recipe import CROSSENTROPY, Recipe, loss_choices
from kmagic.models.rows import Rows, each_target
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
) -> tuple[Pass, Pass | None]:
    """The pass that trains, and the one that validates if rows are held out."""
    size = batch_size_of(batch_size, len(rows))
    train = train_pass(model, compiled, rows, size)
    if held_out is None:
        return train, None
    held_size = batch_size_of(validation_batch_size or size, len(held_out))
    return train, evaluate_pass(model, compiled, held_out, held_size, "validation data")


def batch_size_of(value: Any, rows: int, where: str = "fit") -> int:
    """The batch size, 32 by default, no larger than the data."""
    if value is None:
        value = 32
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadValue(f"batch_size is {value!r}", where=where, expected="a whole number of at least 1")
    return min(int(value), rows)


# ---- checks ----


def check_features(model: Any, x: Any, where: str) -> None:
    """Raise BadData where rows do not fit what the model was built for."""
    for number, (wanted, array) in enumerate(zip(_wanted(model, x), leaves(x), strict=False)):
        title = "x" if len(leaves(x)) == 1 else f"x[{number}]"
        _check_shape(title, wanted, array.shape, where)


def _wanted(model: Any, x: Any) -> list[Any]:
    """The input shape of each input, in the order of the arrays."""
    shape = getattr(model, "input_shape", None)
    if not shape:
        return []
    if isinstance(shape, tuple):
        return [shape]
    if isinstance(shape, dict):
        return [shape[key] for key in sorted(shape)]
    if isinstance(x, dict):
        by_name = dict(zip(model.input_names or (), shape, strict=False))
        return [by_name.get(name, ()) for name in sorted(x)]
    return list(shape)


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
        fix=_feature_fix(single, got),
    )


def _feature_fix(single: bool, got: tuple[int, ...]) -> str:
    if single:
        return "x[None] for a single sample"
    return f"Input(shape={got[1:]!r}) as the first layer" if got[1:] else "x[:, None] for rows of one number"


def _counted(wanted: tuple[int | None, ...]) -> str:
    return f"{wanted[1]} features" if len(wanted) == 2 else "such values"


def check(model: Any, compiled: Compiled, rows: Rows, where: str) -> None:
    """Raise where rows do not fit the model, or would make the computation meaningless."""
    check_features(model, rows.x, where)
    for output, target in each_target(rows):
        check_data(model, compiled.recipe, leaves(rows.x), target, output)


# ---- passes ----


def train_pass(model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that trains."""
    return _pass(model, compiled, rows, batch_size, where, programs.train_step)


def evaluate_pass(model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that measures."""
    return _pass(model, compiled, rows, batch_size, where, programs.evaluate_step)


def _pass(
    model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str, step_of: Callable[..., programs.Step]
) -> Pass:
    check(model, compiled, rows, where)
    source = ArraySource(rows.arrays())
    step = step_of(model, compiled, rows.form)
    if compiled.recipe.run_eagerly and not model.built:
        model(rows.part(0, 1).x)
    opened = _opened(step, source, rows.form.labels, batch_size, compiled.recipe.run_eagerly)
    return Pass(opened.steps, source, batch_size, compiled.reset, compiled.logs, opened.explain, compiled.collect)


@dataclass(frozen=True)
class _Opened:
    """What runs the steps of a pass, and what explains a bad status."""

    steps: Any
    explain: Callable[[int, str], Any]


def _opened(
    step: programs.Step, source: ArraySource, labels: list[str], batch_size: int, eagerly: bool = False
) -> _Opened:
    """A step as a compiled program, or run line by line where the user asks for that."""
    if eagerly:
        eager = EagerSteps(step, source.specs, labels)
        return _Opened(eager, eager.explain)
    graph = programs.graph_of(step, source.specs, labels)
    _, workspace = programs.open_workspace(graph, min(batch_size, source.length))
    return _Opened(workspace, _explainer(workspace))


def predict_pass(model: Any, x: Any, batch_size: int, eagerly: bool, collect: Callable[[int, Any], None]) -> Pass:
    """A pass that hands each batch's prediction, in the model's own tree of outputs, to `collect`."""
    check_features(model, x, "predict")
    source = ArraySource(leaves(x))
    forms: list[Any] = []
    step = programs.predict_step(model, x, forms)
    opened = _opened(step, source, programs.labels_of("x", len(leaves(x))), batch_size, eagerly)

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


# ---- what programs depend on ----


def stamp(model: Layer, compiled: Compiled) -> tuple[Any, ...]:
    """What a program depends on besides its inputs: the attributes of layers, optimizer, losses and metrics, and ε.

    Plain values count by value, everything else by identity.
    """
    items = [*_inner(model), *compiled.parts]
    return (
        epsilon(),
        *(value if isinstance(value, _PLAIN) else id(value) for x in items for value in vars(x).values()),
    )


_PLAIN = (int, float, str, bool, type(None))


def _inner(model: Layer) -> Iterator[Layer]:
    for layer in model._layers():
        yield layer
        yield from _inner(layer)


def target_specs(model: Any, recipe: Recipe) -> list[tuple[tuple[int, ...], str]]:
    """Shape and dtype of a target that suits each output's loss, for showing a program before data are known."""
    shapes = shapes_in(model.output_shape)
    choices = loss_choices(recipe, model.output_names or ["output"] * len(shapes))
    return [_target_spec(model, recipe, number, shape, choices[number]) for number, shape in enumerate(shapes)]


def _target_spec(model: Any, recipe: Recipe, output: int, shape: Any, choice: Any) -> tuple[tuple[int, ...], str]:
    facts = Facts(model, recipe, output=output)
    wants_numbers = isinstance(choice, str) and choice.lower() in CROSSENTROPY and shape[-1] != 1
    if facts.loss_has("integer labels") or wants_numbers:
        return tuple(shape[1:-1]), "int32"
    return tuple(shape[1:]), model.dtype
