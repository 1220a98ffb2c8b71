"""Losses: values with every reduction, and gradients of all weights of a small model."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of
from ..small_models import layered


@dataclass(frozen=True)
class LossCase:
    """One loss, the kind of targets it takes, and the activation of the layer whose output it reads.

    `shapes` names the arrays that the loss can take, of those in LOSS_SHAPES.
    """

    part: str
    targets: str
    head: str
    arguments: Arguments = field(default_factory=dict)
    shapes: tuple[str, ...] = ("samples", "steps")

    @property
    def name(self) -> str:
        return f"{written(self.part, self.arguments)} of {self.targets}, {self.head}"


LOSSES = (
    LossCase("MeanSquaredError", "real", "linear"),
    LossCase("MeanAbsoluteError", "real", "linear"),
    LossCase("MeanAbsolutePercentageError", "real", "linear"),
    LossCase("MeanSquaredLogarithmicError", "positive", "softplus"),
    LossCase("SquaredHinge", "signs", "tanh"),
    LossCase("SquaredHinge", "zeros and ones", "tanh"),
    LossCase("Hinge", "signs", "tanh"),
    LossCase("Hinge", "zeros and ones", "tanh"),
    LossCase("CategoricalHinge", "one-hot", "linear"),
    LossCase("LogCosh", "real", "linear"),
    LossCase("BinaryCrossentropy", "zeros and ones", "sigmoid"),
    LossCase("BinaryCrossentropy", "column of zeros and ones", "sigmoid"),
    LossCase("BinaryCrossentropy", "zeros and ones", "linear", {"from_logits": True}),
    LossCase("BinaryCrossentropy", "zeros and ones", "sigmoid", {"label_smoothing": 0.2}),
    LossCase("BinaryCrossentropy", "zeros and ones", "linear", {"from_logits": True, "label_smoothing": 0.2}),
    LossCase("CategoricalCrossentropy", "one-hot", "softmax"),
    LossCase("CategoricalCrossentropy", "one-hot", "sigmoid"),
    LossCase("CategoricalCrossentropy", "one-hot", "linear", {"from_logits": True}),
    LossCase("CategoricalCrossentropy", "one-hot", "softmax", {"label_smoothing": 0.1}),
    LossCase("CategoricalCrossentropy", "one-hot", "linear", {"from_logits": True, "label_smoothing": 0.1}),
    LossCase("SparseCategoricalCrossentropy", "classes", "softmax"),
    LossCase("SparseCategoricalCrossentropy", "column of classes", "softmax"),
    LossCase("SparseCategoricalCrossentropy", "classes", "sigmoid"),
    LossCase("SparseCategoricalCrossentropy", "classes", "linear", {"from_logits": True}),
    LossCase("SparseCategoricalCrossentropy", "classes", "softmax", {"ignore_class": 1}),
    LossCase("SparseCategoricalCrossentropy", "classes", "linear", {"from_logits": True, "ignore_class": 1}),
    LossCase("MeanSquaredError", "column of reals", "linear"),
    LossCase("MeanAbsoluteError", "column of reals", "linear"),
    LossCase("MeanAbsolutePercentageError", "positive", "softplus"),
    LossCase("MeanSquaredLogarithmicError", "counts", "softplus"),
    LossCase("LogCosh", "column of reals", "linear"),
    LossCase("Huber", "real", "linear"),
    LossCase("Huber", "column of reals", "linear"),
    LossCase("Huber", "real", "linear", {"delta": 0.25}),
    LossCase("Huber", "positive", "softplus", {"delta": 3.0}),
    LossCase("CosineSimilarity", "real", "linear"),
    LossCase("CosineSimilarity", "column of reals", "tanh"),
    LossCase("CosineSimilarity", "one-hot", "softmax"),
    LossCase("Poisson", "counts", "softplus"),
    LossCase("Poisson", "positive", "softplus"),
    LossCase("KLDivergence", "shares", "softmax"),
    LossCase("KLDivergence", "one-hot", "softmax"),
    LossCase("KLDivergence", "zeros and ones", "sigmoid"),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "sigmoid"),
    LossCase("BinaryFocalCrossentropy", "column of zeros and ones", "sigmoid"),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "linear", {"from_logits": True}),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "sigmoid", {"apply_class_balancing": True}),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "sigmoid", {"apply_class_balancing": True, "alpha": 0.6}),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "sigmoid", {"gamma": 1.5}),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "sigmoid", {"label_smoothing": 0.2}),
    LossCase("BinaryFocalCrossentropy", "zeros and ones", "linear", {"from_logits": True, "label_smoothing": 0.2}),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "softmax"),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "sigmoid"),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "linear", {"from_logits": True}),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "softmax", {"alpha": 0.7, "gamma": 1.5}),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "softmax", {"alpha": [0.1, 0.2, 0.3, 0.4]}),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "softmax", {"label_smoothing": 0.1}),
    LossCase("CategoricalFocalCrossentropy", "one-hot", "linear", {"from_logits": True, "label_smoothing": 0.1}),
    LossCase("CategoricalGeneralizedCrossEntropy", "classes", "softmax", {"q": 0.5}),
    LossCase("CategoricalGeneralizedCrossEntropy", "classes", "softmax", {"q": 0.8}),
    LossCase("CategoricalGeneralizedCrossEntropy", "classes", "sigmoid", {"q": 0.1}),
    LossCase("Dice", "zeros and ones", "sigmoid"),
    LossCase("Dice", "column of zeros and ones", "sigmoid"),
    LossCase("Dice", "zeros and ones", "sigmoid", {"axis": -1}),
    LossCase("Dice", "one-hot", "softmax"),
    LossCase("Dice", "zeros and ones", "sigmoid", {"axis": (1, 2)}, shapes=("steps",)),
    LossCase("Tversky", "zeros and ones", "sigmoid"),
    LossCase("Tversky", "zeros and ones", "sigmoid", {"alpha": 0.3, "beta": 0.7}),
    LossCase("Tversky", "zeros and ones", "sigmoid", {"axis": -1}),
    LossCase("Tversky", "one-hot", "softmax", {"alpha": 0.9, "beta": 0.0}),
    LossCase("Tversky", "zeros and ones", "sigmoid", {"alpha": 0.2, "axis": (1, 2)}, shapes=("steps",)),
    LossCase("Circle", "classes", "tanh", {"gamma": 4.0}, shapes=("samples",)),
    LossCase("Circle", "column of classes", "tanh", {"gamma": 4.0}, shapes=("samples",)),
    LossCase("Circle", "classes", "softmax", shapes=("samples",)),
    LossCase("Circle", "classes", "softmax", {"gamma": 16.0, "margin": 0.2}, shapes=("samples",)),
    LossCase("Circle", "classes", "softmax", {"gamma": 4.0, "remove_diagonal": False}, shapes=("samples",)),
)
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
# Reductions that give the one number a training step needs.
SCALAR_REDUCTIONS = ("sum_over_batch_size", "sum", "mean_with_sample_weight")
# Axes before the columns: samples, or samples of steps.
LOSS_SHAPES = {"samples": (7,), "steps": (4, 3)}


def loss_arrays(case: LossCase) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Targets and predictions for a loss: of usual shapes, of several steps, with a rank to align, and awkward."""
    leads = {shape: LOSS_SHAPES[shape] for shape in case.shapes}
    arrays = {
        shape: (inputs.targets_of(case.targets, lead), inputs.predictions_of(case.head, case.targets, lead))
        for shape, lead in leads.items()
    }
    if "samples" in leads:
        arrays["awkward"] = inputs.AWKWARD_TARGETS[case.targets], inputs.awkward_predictions(case.head, case.targets)
    if case.targets in ("column of zeros and ones", "column of reals") and "samples" in leads:
        targets, predictions = arrays["samples"]
        arrays["flat targets"] = targets[:, 0], predictions
    return arrays


def loss_values(library: Library, case: LossCase) -> Results:
    """The loss of arrays: as a function, and as an object with each reduction, with and without sample weights."""
    function = getattr(library.losses, re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", case.part).lower())
    results = {}
    for label, (targets, predictions) in loss_arrays(case).items():
        if targets.ndim == predictions.ndim or "classes" in case.targets:  # aligning ranks is the loss object's work
            tensor = library.ops.convert_to_tensor(predictions)
            results[f"{label}/function"] = numpy_of(function(targets, tensor, **case.arguments))
        for reduction, weighted in itertools.product(REDUCTIONS, (False, True)):
            loss = getattr(library.losses, case.part)(**case.arguments, reduction=reduction)
            weights = loss_weights(case, predictions) if weighted else None
            value = loss(targets, predictions, sample_weight=weights)
            results[f"{label}/{reduction}/{'weighted' if weighted else 'unweighted'}"] = numpy_of(value)
    results["config"] = config_of(getattr(library.losses, case.part)(**case.arguments))
    return results


def loss_weights(case: LossCase, predictions: np.ndarray) -> np.ndarray:
    """Sample weights with an axis for each axis of the loss: Keras stretches them over steps only then."""
    lead = predictions.shape[:-1]
    if "ignore_class" in case.arguments:  # Keras on torch cannot stretch weights and mask at once
        return inputs.sample_weights(int(np.prod(lead))).reshape(lead)
    return inputs.sample_weights(lead[0]).reshape(-1, *[1] * (len(lead) - 1))


@dataclass(frozen=True)
class GradientCase:
    """A loss as a model is trained on it."""

    loss: LossCase
    reduction: str
    weighted: bool

    @property
    def name(self) -> str:
        return f"{self.loss.name}, {self.reduction}, {'weighted' if self.weighted else 'unweighted'}"


GRADIENTS = tuple(
    GradientCase(loss, reduction, weighted)
    for loss, reduction, weighted in itertools.product(LOSSES, SCALAR_REDUCTIONS, (False, True))
    if "samples" in loss.shapes
)


@dataclass(frozen=True)
class Exercise:
    """A small model with a loss and one batch."""

    model: Any
    loss: Any
    x: np.ndarray
    y: np.ndarray
    sample_weight: np.ndarray | None


def exercise(library: Library, case: GradientCase) -> Exercise:
    """The model, loss and batch of a gradient case."""
    loss, lead = case.loss, LOSS_SHAPES["samples"]
    model = layered(library, (5, 4, inputs.columns(loss.targets)), head=loss.head)
    return Exercise(
        model,
        getattr(library.losses, loss.part)(**loss.arguments, reduction=case.reduction),
        inputs.normal("x", shape=(*lead, 5)),
        inputs.targets_of(loss.targets, lead),
        inputs.sample_weights(*lead) if case.weighted else None,
    )


def loss_gradients(library: Library, case: GradientCase) -> Results:
    """Loss and gradients of all weights: a step of plain SGD with learning rate 1 moves the weights by the gradient."""
    given = exercise(library, case)
    before = given.model.get_weights()
    given.model.compile(optimizer=library.optimizers.SGD(learning_rate=1.0), loss=given.loss)
    loss = given.model.train_on_batch(given.x, given.y, sample_weight=given.sample_weight)
    moved = [old - new for old, new in zip(before, given.model.get_weights(), strict=True)]
    return {"loss": numpy_of(loss)} | {f"gradient/{place}": array for place, array in enumerate(moved)}


# One case of every loss; masks do not depend on options, but for the class that does not count.
PLAIN = [loss for loss in LOSSES if not loss.arguments and "samples" in loss.shapes]
MASKED = (
    *{loss.part: loss for loss in reversed(PLAIN)}.values(),
    *(loss for loss in LOSSES if loss.arguments.keys() & {"q", "margin", "remove_diagonal", "ignore_class"}),
)


class Masked(np.ndarray):
    """An array that can carry a mask, as tensors of Keras do."""


def with_mask(library: Library, array: np.ndarray, mask: np.ndarray) -> Any:
    """A tensor that carries a mask, as the output of a layer may."""
    tensor = library.ops.convert_to_tensor(array)
    if isinstance(tensor, np.ndarray):
        tensor = tensor.view(Masked)
    tensor._keras_mask = library.ops.convert_to_tensor(mask)
    return tensor


def masked_losses(library: Library, case: LossCase) -> Results:
    """The loss of predictions of which some do not count, and of which none does."""
    results = {}
    for shape in case.shapes:
        lead = LOSS_SHAPES[shape]
        targets, predictions = loss_arrays(case)[shape]
        some = inputs.generator("mask", *lead).random(lead) < 0.7
        weights = inputs.sample_weights(int(np.prod(lead))).reshape(lead)
        for (label, mask), reduction in itertools.product({"some": some, "none": some & False}.items(), REDUCTIONS):
            for title, sample_weight in (("unweighted", None), ("weighted", weights)):
                loss = getattr(library.losses, case.part)(**case.arguments, reduction=reduction)
                value = loss(targets, with_mask(library, predictions, mask), sample_weight=sample_weight)
                results[f"{shape}/{label}/{reduction}/{title}"] = numpy_of(value)
    return results


AREAS = (
    Area("loss values", LOSSES, loss_values),
    Area("loss gradients", GRADIENTS, loss_gradients),
    Area("masked losses", MASKED, masked_losses),
)
