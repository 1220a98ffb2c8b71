"""What `fit`, `evaluate` and `predict` bring together: checked data, weights of samples, programs and passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.config import epsilon, floatx
from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.base.shapes import Extent, written
from kmagic.compiler.program import Workspace
from kmagic.compiler.replay import explain
from kmagic.layers.layer import Layer
from kmagic.models import programs
from kmagic.models.diagnosis import check_data
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.programs import Compiled
from kmagic.models.recipe import CROSSENTROPY, Recipe
from kmagic.training.loop import Pass
from kmagic.training.sources import ArraySource, as_array

Array = np.ndarray[Any, Any]
ROWS = Extent.named("n")


@dataclass(frozen=True)
class Rows:
    """Data of one pass: features, targets, and weights of samples if there are any."""

    x: Array
    y: Array | None = None
    weight: Array | None = None

    def arrays(self) -> list[Array]:
        """Those that there are, in the order of the program's inputs."""
        return [array for array in (self.x, self.y, self.weight) if array is not None]

    def part(self, start: int, stop: int) -> Rows:
        """Some of the rows."""
        cut = [None if array is None else array[start:stop] for array in (self.y, self.weight)]
        return Rows(self.x[start:stop], *cut)


def rows_of(x: Any, y: Any, sample_weight: Any = None, where: str = "fit") -> Rows:
    """Checked arrays of what the user gave."""
    if isinstance(x, list | tuple) and len(x) == 1 and hasattr(x[0], "shape"):
        x = x[0]
    if isinstance(x, list | tuple | dict) and any(hasattr(part, "shape") for part in _parts(x)):
        raise BadType(
            f"x is a {type(x).__name__} of arrays", where=where, expected="one array: the model has one input"
        )
    if x is None:
        raise BadData(
            "x is missing", where=where, expected="an array with one row a sample", fix=f"model.{where}(x, y)"
        )
    features = as_array(x, "x")
    if y is None:
        raise BadData("y is missing", where=where, expected="a target for each row of x", fix=f"model.{where}(x, y)")
    target = as_array(y, "y")
    weight = None if sample_weight is None else as_array(sample_weight, "sample_weight")
    for name, array in (("y", target), ("sample_weight", weight)):
        if array is not None and len(array) != len(features):
            raise BadData(
                f"x has {len(features)} rows, {name} has {len(array)} (cardinality)",
                where=where,
                expected="equal numbers of rows",
                fix=f"n = min(len(x), len({name})); x, {name} = x[:n], {name}[:n]",
            )
    return Rows(features, target, None if weight is None else weight.astype(floatx(), copy=False))


def _parts(x: Any) -> Any:
    return x.values() if isinstance(x, dict) else x


def weigh_classes(rows: Rows, class_weight: Mapping[Any, float] | None, where: str = "fit") -> Rows:
    """The rows with weights of their classes; validation rows keep theirs."""
    if class_weight is None:
        return rows
    if rows.weight is not None:
        raise BadValue("class_weight and sample_weight are both given", where=where, expected="one of them")
    return Rows(rows.x, rows.y, class_weights(np.asarray(rows.y), class_weight))


def class_weights(target: Array, class_weight: Mapping[Any, float]) -> Array:
    """One weight a sample: that of its class (argmax of one-hot rows); classes that are not named count 1.

    >>> class_weights(np.array([0, 1, 1]), {1: 3.0}).tolist()
    [1.0, 3.0, 3.0]
    """
    if not isinstance(class_weight, Mapping):
        raise BadType(f"class_weight is {class_weight!r}", where="fit", expected="a dictionary", fix="{0: 1.0, 1: 3.0}")
    bad = [key for key in class_weight if isinstance(key, str)]
    if bad:
        raise BadType(
            f"class_weight has the key {bad[0]!r}", where="fit", expected="class numbers", fix="{0: 1.0, 1: 3.0}"
        )
    if target.ndim > 2:
        raise BadData(
            f"class_weight, and y has {target.ndim} axes",
            where="fit",
            expected="one class a sample, or sample_weight instead",
        )
    classes = target.argmax(-1) if target.ndim > 1 and target.shape[-1] > 1 else target.reshape(len(target), -1)[:, 0]
    weight = np.ones(len(target), floatx())
    for number, value in class_weight.items():
        weight[classes.astype(int) == int(number)] = value
    return weight


def split(rows: Rows, fraction: float) -> tuple[Rows, Rows]:
    """Training rows and the last `fraction` for validation, before any shuffling."""
    if not 0 <= fraction < 1:
        raise BadValue(f"validation_split is {fraction}", where="fit", expected="a number from 0 to below 1")
    at = int(np.floor(len(rows.x) * (1 - fraction)))
    if at == 0 or at == len(rows.x):
        raise BadData(
            f"validation_split={fraction} of {len(rows.x)} rows leaves one part empty",
            where="fit",
            expected="more rows",
        )
    return rows.part(0, at), rows.part(at, len(rows.x))


def validation_rows(data: Any) -> Rows:
    """The arrays of `validation_data`: (x, y) or (x, y, sample_weight)."""
    if not isinstance(data, list | tuple) or len(data) not in (2, 3):
        raise BadType("validation_data", where="fit", expected="(x, y) or (x, y, sample_weight)")
    return rows_of(*data)


def training_rows(
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Mapping[Any, float] | None,
    validation_split: float,
    validation_data: Any,
) -> tuple[Rows, Rows | None]:
    """The rows to train on, and those held out: `validation_data`, else the last part, else none."""
    rows = rows_of(x, y, sample_weight)
    held_out = validation_rows(validation_data) if validation_data is not None else None
    if held_out is None and validation_split:
        rows, held_out = split(rows, validation_split)
    return weigh_classes(rows, class_weight), held_out


def fit_passes(
    model: Layer,
    compiled: Compiled,
    rows: Rows,
    held_out: Rows | None,
    batch_size: int | None,
    validation_batch_size: int | None,
) -> tuple[Pass, Pass | None]:
    """The pass that trains, and the one that validates if rows are held out."""
    size = batch_size_of(batch_size, len(rows.x))
    train = train_pass(model, compiled, rows, size)
    if held_out is None:
        return train, None
    held_size = batch_size_of(validation_batch_size or size, len(held_out.x))
    return train, evaluate_pass(model, compiled, held_out, held_size, "validation data")


def batch_size_of(value: Any, rows: int, where: str = "fit") -> int:
    """The batch size, 32 by default, no larger than the data."""
    if value is None:
        value = 32
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadValue(f"batch_size is {value!r}", where=where, expected="a whole number of at least 1")
    return min(int(value), rows)


def check_features(model: Layer, x: Array, where: str) -> None:
    """Raise BadData where rows do not fit what the model was built for."""
    wanted = getattr(model, "input_shape", None)
    if wanted is None or len(wanted) == 0:
        return
    got = x.shape
    fits = len(got) == len(wanted) and all(w is None or w == g for w, g in zip(wanted[1:], got[1:], strict=True))
    if fits:
        return
    single = got == tuple(wanted[1:])
    raise BadData(
        f"x has shape {written(got) if single else written((ROWS, *got[1:]))}",
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


def train_pass(model: Layer, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that trains."""
    return _pass(model, compiled, rows, batch_size, where, programs.train_graph)


def evaluate_pass(model: Layer, compiled: Compiled, rows: Rows, batch_size: int, where: str = "fit") -> Pass:
    """A pass that measures."""
    return _pass(model, compiled, rows, batch_size, where, programs.evaluate_graph)


def _pass(
    model: Layer, compiled: Compiled, rows: Rows, batch_size: int, where: str, graph_of: Callable[..., Any]
) -> Pass:
    check(model, compiled, rows, where)
    source = ArraySource(rows.arrays())
    graph = graph_of(model, compiled, source.specs, rows.weight is not None)
    _, workspace = programs.open_workspace(graph, min(batch_size, source.length))
    return Pass(workspace, source, batch_size, compiled.reset, compiled.logs, _explainer(workspace))


def check(model: Layer, compiled: Compiled, rows: Rows, where: str) -> None:
    """Raise where rows do not fit the model, or would make the computation meaningless."""
    check_features(model, rows.x, where)
    check_data(model, compiled.recipe, rows.x, rows.y)


def stamp(model: Layer, compiled: Compiled) -> tuple[Any, ...]:
    """What a program depends on besides its inputs: the attributes of layers, optimizer, loss and metrics, and ε.

    Plain values count by value, everything else by identity.
    """
    parts = [compiled.optimizer, compiled.loss, *(compiled.metrics or ()), *(compiled.weighted or ())]
    items = [*_inner(model), *(part for part in parts if part is not None)]
    return (
        epsilon(),
        *(value if isinstance(value, _PLAIN) else id(value) for x in items for value in vars(x).values()),
    )


_PLAIN = (int, float, str, bool, type(None))


def _inner(model: Layer) -> Iterator[Layer]:
    for layer in model._layers():
        yield layer
        yield from _inner(layer)


def predict_pass(model: Layer, x: Array, batch_size: int, collect: Callable[[int, dict[str, Array]], None]) -> Pass:
    """A pass that hands each batch's prediction to `collect`."""
    check_features(model, x, "predict")
    source = ArraySource([x])
    _, workspace = programs.open_workspace(programs.predict_graph(model, source.specs), min(batch_size, source.length))
    return Pass(workspace, source, batch_size, lambda: None, dict, _explainer(workspace), collect)


def _explainer(workspace: Workspace) -> Callable[[int, str], Any]:
    return lambda rows, where: explain(workspace, rows, where)


def row_order(seed: int, length: int, shuffle: bool) -> Callable[[int], Array]:
    """The row numbers of each epoch: in order, or shuffled by a generator that depends on seed and epoch alone."""
    if not shuffle:
        return lambda epoch: np.arange(length)
    return lambda epoch: np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(length)


def target_spec(model: Layer, recipe: Recipe) -> tuple[tuple[int, ...], str]:
    """The shape and dtype of a target that suits the loss, for showing a program before data are known."""
    output: Any = model.output_shape
    facts = Facts(model, recipe)
    wants_numbers = isinstance(recipe.loss, str) and recipe.loss.lower() in CROSSENTROPY and output[-1] != 1
    if facts.loss_has("integer labels") or wants_numbers:
        return tuple(output[1:-1]), "int32"
    return tuple(output[1:]), model.dtype
