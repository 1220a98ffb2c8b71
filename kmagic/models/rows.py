"""Rows: what a user gave to `fit`, `evaluate` or `predict`, as checked arrays with one row a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.base.shapes import shapes_in
from kmagic.base.trees import is_nested, leaves, mapped
from kmagic.layers.text import as_text, is_text
from kmagic.models.form import Form, places_in
from kmagic.models.network import of_rank
from kmagic.models.own import own_steps
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.restoring import restoring
from kmagic.models.targets import by_output
from kmagic.models.text_part import kept
from kmagic.training.sources import as_array

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Rows:
    """Data of one pass: a tree of features, and for each output a target and weights of samples, None where missing.

    `y` and `sample_weight` are the trees in which the user gave these, with the number of the output at each leaf.
    """

    x: Any
    targets: tuple[Array | None, ...] = ()
    weights: tuple[Array | None, ...] = ()
    y: Any = None
    sample_weight: Any = None

    def __len__(self) -> int:
        return len(leaves(self.x)[0])

    @property
    def form(self) -> Form:
        """Which arrays there are."""
        targets, weights = (tuple(array is not None for array in arrays) for arrays in (self.targets, self.weights))
        return Form(mapped(lambda _: None, self.x), targets, weights, self.y, self.sample_weight)

    def arrays(self) -> list[Array]:
        """Those that there are, in the order of the program's inputs."""
        return [array for array in (*leaves(self.x), *self.targets, *self.weights) if array is not None]

    def part(self, start: int, stop: int) -> Rows:
        """Some of the rows."""
        return self._each(lambda array: array[start:stop])

    def sample(self, count: int) -> Rows:
        """About so many of the rows, evenly spread."""
        stride = max(1, len(self) // max(count, 1))
        return self._each(lambda array: array[::stride][:count])

    def resized(self, count: int) -> Rows:
        """So many rows: the first ones, or all of them again and again."""
        return self if count == len(self) else self._each(lambda a: a[np.arange(count) % len(self)])

    def _each(self, cut: Callable[[Array], Array]) -> Rows:
        targets, weights = (
            tuple(None if array is None else cut(array) for array in arrays) for arrays in (self.targets, self.weights)
        )
        return Rows(mapped(cut, self.x), targets, weights, self.y, self.sample_weight)


def rows_of(model: Any, x: Any, y: Any, sample_weight: Any = None, where: str = "fit") -> Rows:
    """Checked arrays of what the user gave."""
    features = features_of(model, x, where)
    targets, y_form = _targets(model, y, where)
    weights, weights_form = _weights(model, sample_weight, targets, where)
    rows = Rows(features, targets, weights, y_form, weights_form)
    _check_lengths(rows, where)
    return rows


def features_of(model: Any, x: Any, where: str) -> Any:
    """The inputs of a model as arrays, in the tree that the user gave; a last axis of 1 may be left out."""
    if x is None:
        raise BadData(
            "x is missing", where=where, expected="an array with one row a sample", fix=f"model.{where}(x, y)"
        )
    if model.takes_text:
        return kept(x, lambda: _read(model, _features(model, x, where)))
    tree = _features(model, x, where)
    if not model.input_shape:
        return tree
    # a last axis of 1 may be missing or too much
    wanted = zip(model.arrange(tree), shapes_in(model.input_shape), strict=False)
    shapes = {id(array): shape for array, shape in wanted if shape}
    return mapped(lambda array: of_rank(array, shapes[id(array)]) if id(array) in shapes else array, tree)


def _read(model: Any, tree: Any) -> Any:
    """What a model that takes text makes of it before the graph; one that waits for data to be built is built."""
    if not model.built:
        with restoring(model):
            model.build((None, *leaves(tree)[0].shape[1:]))
    return model.text_part.read(tree)


def _features(model: Any, x: Any, where: str) -> Any:
    is_for_steps = own_steps(model) and is_nested(x)  # which may take what the inputs do not
    given = x if is_for_steps else model.needed(x, where)
    tree = as_tree(given, "x", _text_or_numbers if model.takes_text else as_array)
    names = None if own_steps(model) and is_nested(tree) else model.input_names
    if any(array is None for array in leaves(tree)):
        raise BadData("an input is None", where=where, expected="an array for each input")
    _check_lengths(Rows(tree), where)
    if names is None:
        return tree
    if len(names) == 1 and is_nested(tree):
        if len(leaves(tree)) == 1 and not isinstance(tree, dict):
            return leaves(tree)[0]
        if not isinstance(tree, dict) or names[0] not in tree:
            raise BadType(
                f"x is a {type(x).__name__} of arrays", where=where, expected="one array: the model has one input"
            )
        return tree[names[0]]
    if len(names) > 1 and not is_nested(tree):
        raise BadType("x is one array", where=where, expected=f"a list or dictionary of {len(names)}: {names}")
    return tree


def as_tree(data: Any, name: str, make: Callable[[Any, str], Array] = as_array) -> Any:
    """Arrays in the lists and dictionaries that a user gave; anything else as one array."""
    if not holds_arrays(data):
        return make(data, name)
    return mapped(lambda leaf: None if leaf is None else make(leaf, name), data)


def _text_or_numbers(data: Any, name: str) -> Array:
    """An array of text where there is text, and of numbers where there are numbers."""
    array = as_text(data, name) if hasattr(data, "__array__") or isinstance(data, list | tuple | str) else data
    return array if is_text(array) and array.ndim else as_array(data, name)


def _targets(model: Any, y: Any, where: str) -> tuple[tuple[Array | None, ...], Any]:
    """One target for each output, and the tree in which they came."""
    if y is None:
        if model.recipe is not None and leaves(model.recipe.loss) != [None] and not own_steps(model):
            raise BadData(
                "y is missing", where=where, expected="a target for each row of x", fix=f"model.{where}(x, y)"
            )
        return (), None
    tree = as_tree(y, "y")
    found = by_output(tree, _output_names(model), "y", where)
    return found, places_in(tree, found)


def _output_names(model: Any) -> list[str] | None:
    """The names that targets go by; steps of a user's own take whatever they are given."""
    names: list[str] | None = None if own_steps(model) else model.output_names
    return names


def _weights(
    model: Any, sample_weight: Any, targets: Sequence[Any], where: str
) -> tuple[tuple[Array | None, ...], Any]:
    """Weights for each output, and the tree in which they came; those that are given once count for all."""
    if sample_weight is None:
        return (None,) * len(targets), None
    tree = as_tree(sample_weight, "sample_weight")
    is_single = own_steps(model) or len(targets) == 0
    if is_nested(tree):
        found = by_output(tree, _output_names(model), "sample_weight", where)
    else:
        found = (tree,) * (1 if is_single else len(targets))
    weights = tuple(None if array is None else array.astype(floatx(), copy=False) for array in found)
    return weights, places_in(tree, found)


def _check_lengths(rows: Rows, where: str) -> None:
    length = len(rows)
    titles = [("x", leaves(rows.x)), ("y", rows.targets), ("sample_weight", rows.weights)]
    for name, arrays in titles:
        for array in arrays:
            if array is not None and len(array) != length:
                raise BadData(
                    f"x has {length} rows, {name} has {len(array)} (cardinality)",
                    where=where,
                    expected="equal numbers of rows",
                    fix=f"n = min(len(x), len({name})); x, {name} = x[:n], {name}[:n]",
                )


def refuse_beside_stream(x: Any, y: Any, sample_weight: Any, where: str = "fit") -> None:
    """Say that what a stream gives with each batch cannot be given beside it."""
    for name, value, title in (("y", y, "the targets"), ("sample_weight", sample_weight, "the sample weights")):
        if value is not None:
            kind = type(x).__name__
            raise BadValue(
                f"When providing `x` as a {kind}, `{name}` should not be passed",
                where=where,
                expected=f"{title} in each batch: (x, y) or (x, y, sample_weight)",
            )


# ---- weights of classes ----


def weigh_classes(rows: Rows, class_weight: Mapping[Any, float] | None, where: str = "fit") -> Rows:
    """The rows with weights of their classes; validation rows keep theirs."""
    if class_weight is None:
        return rows
    if any(weight is not None for weight in rows.weights):
        raise BadValue("class_weight and sample_weight are both given", where=where, expected="one of them")
    if len(rows.targets) != 1 or rows.targets[0] is None:
        raise BadValue(
            f"class_weight for {len(rows.targets)} outputs",
            where=where,
            expected="`class_weight` is only supported for models with a single output; sample_weight for others",
        )
    return Rows(rows.x, rows.targets, (class_weights(rows.targets[0], class_weight, where),), rows.y, 0)


def class_weights(target: Array, class_weight: Mapping[Any, float], where: str = "fit") -> Array:
    """One weight a sample: that of its class (argmax of one-hot rows); classes that are not named count 1.

    >>> class_weights(np.array([0, 1, 1]), {1: 3.0}).tolist()
    [1.0, 3.0, 3.0]
    """
    if not isinstance(class_weight, Mapping):
        raise BadType(f"class_weight is {class_weight!r}", where=where, expected="a dictionary", fix="{0: 1.0, 1: 3.0}")
    bad = [key for key in class_weight if isinstance(key, str)]
    if bad:
        raise BadType(
            f"class_weight has the key {bad[0]!r}", where=where, expected="class numbers", fix="{0: 1.0, 1: 3.0}"
        )
    if target.ndim > 2:
        raise BadData(
            f"class_weight, and y has {target.ndim} axes",
            where=where,
            expected="one class a sample, or sample_weight instead",
        )
    classes = target.argmax(-1) if target.ndim > 1 and target.shape[-1] > 1 else target.reshape(len(target), -1)[:, 0]
    weight = np.ones(len(target), floatx())
    for number, value in class_weight.items():
        weight[np.round(classes).astype(int) == int(number)] = value
    return weight


# ---- validation ----


def split(rows: Rows, fraction: float) -> tuple[Rows, Rows]:
    """Training rows and the last `fraction` for validation, before any shuffling."""
    if not 0 <= fraction < 1:
        raise BadValue(f"validation_split is {fraction}", where="fit", expected="a number from 0 to below 1")
    at = int(np.floor(len(rows) * (1 - fraction)))
    if at == 0 or at == len(rows):
        raise BadData(
            f"validation_split={fraction} of {len(rows)} rows leaves one part empty", where="fit", expected="more rows"
        )
    return rows.part(0, at), rows.part(at, len(rows))


def validation_rows(model: Any, data: Any) -> Rows:
    """The arrays of `validation_data`: (x, y) or (x, y, sample_weight)."""
    if not isinstance(data, list | tuple) or len(data) not in (2, 3):
        raise BadType("validation_data", where="fit", expected="(x, y) or (x, y, sample_weight)")
    try:
        return rows_of(model, *data)
    except BadData as error:  # a fix would change x and y
        raise BadData(f"validation data: {error.found}", where=error.where, expected=error.expected) from None
