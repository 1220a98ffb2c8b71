"""The base of losses: reduction, masks and weights around a formula.

A formula returns one value per sample and position. `Loss.__call__` casts, applies it, weighs, and reduces.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from kmagic.base import registry as registries
from kmagic.base import shapes
from kmagic.base.dtypes import SIGNED, standard
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import bounded
from kmagic.base.parts import Part, camel, constructor_of, options_of, snake
from kmagic.base.registry import Entry
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.masks import mask_of
from kmagic.graph.ops.source import number_of
from kmagic.graph.user_code import check_call, explained, is_own, place_of

Reduction = Literal["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none"] | None

# what every loss takes beside its formula's options: name -> default, annotation
FURTHER: dict[str, tuple[Any, Any]] = {
    "reduction": ("sum_over_batch_size", Reduction),
    "name": (None, str | None),
    "dtype": (None, Any),
}


class Loss(Part):
    """Base class: override `call(y_true, y_pred)` to return one value per sample.

    `reduction`: 'sum_over_batch_size' or 'mean' (sum of weighted values divided by how many there are),
    'mean_with_sample_weight' (divided by the sum of the weights), 'sum', or 'none'.
    """

    integer_labels = False
    # for a subclass that forgets super().__init__()
    name: str | None = "loss"
    reduction: str = "sum_over_batch_size"
    dtype: Any = None

    def __init__(
        self, name: str | None = None, reduction: Reduction = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        self.name = name or snake(type(self).__name__)
        self.reduction = "none" if reduction is None else reduction
        self.dtype = standard(dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The formula: one value per sample."""
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred)")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The reduced loss."""
        with origin(layer="loss"):
            mask, dtype = mask_of(y_pred), standard(self.dtype)
            y_pred = as_float(y_pred, dtype)
            y_true = as_labels(y_true) if self.integer_labels else as_float(y_true, dtype)
            with explained(self.call, "loss"):
                values = self.call(y_true, y_pred)
            check_values(values, y_pred, getattr(self, "fn", self.call))
            counted = self.mask(y_true, values, mask)
            return reduce_weighted(values, sample_weight, counted, self.reduction, dtype)

    def mask(self, y_true: Any, values: Any, mask: Any) -> Any:
        """Which of the values count: those that the prediction's mask names."""
        return mask

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss; the dtype is the reader's own, as in Keras."""
        return {name: value for name, value in super().get_config().items() if name != "dtype"}


class FunctionLoss(Loss):
    """A loss whose formula is a function of `(y_true, y_pred, **options)`; targets are aligned with predictions."""

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: Reduction = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", "loss"), reduction, dtype)
        self.fn, self.options = fn, options
        check_call(fn, "loss", ("y_true", "y_pred"), options)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = align_ranks(y_true, y_pred)
        with explained(self.fn, "loss"):
            return self.fn(y_true, y_pred, **self.options)


def loss(
    *aliases: str,
    tags: Sequence[str],
    shapes: str,
    name: str | None = None,
    title: str | None = None,
    arguments: Sequence[Any] = (..., *FURTHER),
    integer_labels: bool = False,
    valid: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a formula as a loss; its class is made from its keyword parameters.

    `shapes` is the signature that target and prediction must match, `name` what instances are called and `title` the
    class. `arguments` lists those of the class in order, an Ellipsis for the formula's options that are not named;
    options that are not listed are the function's alone. `valid(y_true, values, **options)` says which values count.
    The tag 'whole batch' says that a value depends on other samples too, so that it has no mean over batches.
    """

    def decorate(formula: Callable[..., Any]) -> Callable[..., Any]:
        function = on_tensors(bounded(formula), is_aligned=_is_of_numbers(tags))
        start = {**FURTHER, "name": (name or function.__name__, str | None)}
        listed = [(item, *start[item]) if item in start else item for item in arguments]
        cls = _class_of(function, title or camel(function.__name__), listed, shapes, integer_labels, valid)
        # the class is found where it says that it is, as pickle wants it
        formula.__globals__[cls.__name__] = cls
        registry = registries.REGISTRIES["kmagic.losses"]
        registry.add(Entry(function.__name__, cls, tuple(aliases), (cls.__name__,), tuple(tags), shapes))
        for spelling in (function.__name__, *aliases):
            registry.export(spelling, function)
        return function

    return decorate


def _is_of_numbers(tags: Sequence[str]) -> bool:
    """Whether (n,) against (n, 1) can only mean one column; crossentropies refuse them, as Keras's do."""
    return bool({"regression", "distributions", "margin"} & set(tags)) and "classes" not in tags


def on_tensors(function: Callable[..., Any], is_aligned: bool = False) -> Callable[..., Any]:
    """A function of target and prediction that also takes lists of numbers; aligned, (n,) and (n, 1) are one column."""

    @functools.wraps(function)
    def taking(y_true: Any, y_pred: Any, *options: Any, **named: Any) -> Any:
        given = _tensor(y_true), _tensor(y_pred)
        return function(*(align_ranks(*given) if is_aligned else given), *options, **named)

    return taking


def _tensor(x: Any) -> Any:
    return x if hasattr(x, "dtype") else ops.convert_to_tensor(x)


def _class_of(
    function: Callable[..., Any],
    title: str,
    listed: Sequence[Any],
    signature: str,
    integer_labels: bool,
    valid: Callable[..., Any] | None,
) -> type[Loss]:
    """The class of a formula: its constructor takes what is listed."""

    def start(self: Loss, reduction: Reduction, name: str, dtype: Any) -> None:
        Loss.__init__(self, name, reduction, dtype)

    def call(self: Loss, y_true: Any, y_pred: Any) -> Any:
        """The formula: one value per sample."""
        y_true, y_pred = align(y_true, y_pred, integer_labels)
        check_shapes(signature, y_true, y_pred, type(self).__name__)
        return function(y_true, y_pred, **options_of(self, function))

    def mask(self: Loss, y_true: Any, values: Any, given: Any) -> Any:
        """Which of the values count."""
        counted = valid(y_true, values, **options_of(self, function)) if valid else None
        return counted if given is None else given if counted is None else ops.logical_and(given, counted)

    members = {
        "__init__": constructor_of(function, listed, start),
        "call": call,
        "mask": mask,
        "integer_labels": integer_labels,
        "function": staticmethod(function),
        "__doc__": function.__doc__,
        "__module__": function.__module__,
        "__qualname__": title,
    }
    return type(title, (Loss,), members)


def check_values(values: Any, y_pred: Any, function: Callable[..., Any]) -> None:
    """Raise unless a user's formula gave one number, or numbers for each sample."""
    if is_own(function):
        return
    found = None if values is None or isinstance(values, str | dict | list | tuple) else ops.shape(values)
    rows = ops.shape(y_pred)[:1]
    if found is None or (shapes.size(found) != 1 and found[:1] != rows):
        raise ShapeMismatch(
            f"returned {type(values).__name__ if found is None else shapes.written(found)}",
            where=f"loss {place_of(function)}",
            expected=f"one number, or numbers for each sample: [{' '.join(map(str, rows))} …]",
            fix="ops.mean(…, axis=-1)" if found else "return ops.mean(…, axis=-1)",
        )


def as_float(x: Any, dtype: str) -> Any:
    """Numbers as the dtype that a loss computes in."""
    if isinstance(x, shapes.Extent):
        return ops.cast(x, dtype)
    given = x if hasattr(x, "dtype") else np.asarray(x, dtype)
    return given if given.dtype == dtype else ops.cast(given, dtype)


def as_labels(x: Any) -> Any:
    """Class numbers as whole numbers with a sign; fractions are cut off."""
    given = x if hasattr(x, "dtype") else np.asarray(x)
    kind = standard(given.dtype)
    if kind in SIGNED:
        return given
    return ops.cast(given, "int64" if kind in ("uint32", "uint64") else "int32")


def as_signs(y_true: Any) -> Any:
    """Targets as −1 and 1: those that are all 0 or 1 are moved, others stay."""
    is_binary = ops.all(ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1)))
    return ops.where(is_binary, 2 * y_true - 1, y_true)


def align(y_true: Any, y_pred: Any, integer_labels: bool) -> tuple[Any, Any]:
    """Targets in the rank that a formula takes: that of the prediction, or one less for class numbers."""
    if integer_labels:
        t, p = ops.shape(y_true), ops.shape(y_pred)
        return (ops.squeeze(y_true, -1), y_pred) if len(t) == len(p) and t[-1] == 1 else (y_true, y_pred)
    return align_ranks(y_true, y_pred)


def align_ranks(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Bring (n,) and (n, 1) to one rank, as Keras does before a built-in loss."""
    a, b = ops.shape(x1), ops.shape(x2)
    if len(a) == len(b) + 1 and a[-1] == 1:
        return (x1, ops.expand_dims(x2, -1)) if len(b) == 1 else (ops.squeeze(x1, -1), x2)
    if len(b) == len(a) + 1 and b[-1] == 1:
        return (ops.expand_dims(x1, -1), x2) if len(a) == 1 else (x1, ops.squeeze(x2, -1))
    return x1, x2


def check_shapes(signature: str, y_true: Any, y_pred: Any, where: str) -> None:
    """Raise ShapeMismatch unless target and prediction fit the loss's signature."""
    given = [ops.shape(y_true), ops.shape(y_pred)]
    try:
        shapes.signature(signature).check(given, where=where, names=("target", "prediction"))
    except ShapeMismatch as error:
        raise ShapeMismatch(
            f"target {shapes.written(given[0])} and prediction {shapes.written(given[1])}",
            where=where,
            expected=f"{error.expected} (target, prediction)",
            fix=_shape_fix(given),
        ) from None


def _shape_fix(given: Sequence[shapes.Shape]) -> str | None:
    """The other loss of the family, where the targets look like it."""
    target, prediction = given
    if len(target) < len(prediction) or (target[-1:] == (1,) and prediction[-1:] != (1,)):
        return "loss='sparse_categorical_crossentropy' for class numbers, or kmagic.utils.to_categorical(y)"
    if len(target) == len(prediction) and target[-1:] != (1,) and target == prediction:
        return "loss='categorical_crossentropy' for one-hot targets, or y.argmax(-1)"
    if len(target) == len(prediction) and target[-1:] != prediction[-1:]:
        return f"Dense({target[-1]}) as the last layer: one output for each column of y"
    return None


def reduce_weighted(values: Any, sample_weight: Any, mask: Any, reduction: str, dtype: str) -> Any:
    """Weigh and reduce values; masked positions do not count."""
    weight = None if sample_weight is None else as_float(sample_weight, dtype)
    if mask is not None:
        mask = ops.cast(mask, dtype)
        if reduction in ("sum_over_batch_size", "mean"):
            # positions that do not count leave the mean to the others
            total = number_of(shapes.size(ops.shape(mask)), dtype)
            valid = ops.sum(mask)
            mask = mask * ops.where(valid != 0, total / ops.where(valid != 0, valid, 1), 0)
        weight = mask if weight is None else weighted_mask(mask, weight)
    if weight is not None:
        values, weight = align_ranks(values, weight)
        while len(ops.shape(weight)) < len(ops.shape(values)):
            weight = ops.expand_dims(weight, -1)
        values = values * weight
    return _reduced(values, weight, reduction, dtype)


def weighted_mask(mask: Any, weight: Any) -> Any:
    """A mask times weights; the weight of a sample is that of each of its positions."""
    mask, weight = align_ranks(mask, weight)
    while len(ops.shape(weight)) < len(ops.shape(mask)):
        weight = ops.expand_dims(weight, -1)
    while len(ops.shape(mask)) < len(ops.shape(weight)):
        mask = ops.expand_dims(mask, -1)
    return mask * weight


def _reduced(values: Any, weight: Any, reduction: str, dtype: str) -> Any:
    shape = ops.shape(values)
    if reduction == "none" or not shape:
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        divisor = ops.sum(weight)
        return ops.where(divisor != 0, total / ops.where(divisor != 0, divisor, 1), 0)
    return total / number_of(shapes.size(shape), dtype)
