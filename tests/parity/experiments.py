"""What is done with each case, given a library: Keras when recording, kmagic when testing.

An experiment returns named results. Arrays are compared within tolerances, everything else ("facts": names, shapes,
configurations) must be equal. Only the public surface that both libraries share is used.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from . import callback_scenarios, cases, fit_scenarios, inputs, refusal_scenarios, scenarios, signatures
from .reading import config_of, numpy_of, variable_facts
from .scenarios import weights_of
from .small_models import layered

Results = dict[str, Any]
Library = ModuleType


# ---- random numbers ----


@dataclass(frozen=True)
class Stream:
    """A kind of draw that inputs are made of."""

    name: str
    draw: Callable[[np.random.Generator], np.ndarray]


STREAMS = (
    Stream("normal", lambda stream: stream.standard_normal(200)),
    Stream("uniform", lambda stream: stream.uniform(0.1, 5.0, 50)),
    Stream("integers", lambda stream: stream.integers(0, 10, 50)),
    Stream("choice", lambda stream: stream.choice([-1.0, 1.0], 50)),
)


def drawn(library: Library, case: Stream) -> Results:
    """The first numbers of a stream: the same on every machine, or no recorded value can be met."""
    return {"drawn": case.draw(inputs.generator("streams"))}


# ---- losses ----


def loss_arrays(case: cases.LossCase) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Targets and predictions for a loss: of usual shapes, of several steps, with a rank to align, and awkward."""
    arrays = {
        shape: (inputs.targets_of(case.targets, lead), inputs.predictions_of(case.head, case.targets, lead))
        for shape, lead in cases.LOSS_SHAPES.items()
    }
    arrays["awkward"] = inputs.AWKWARD_TARGETS[case.targets], inputs.awkward_predictions(case.head, case.targets)
    if case.targets == "column of zeros and ones":
        targets, predictions = arrays["samples"]
        arrays["flat targets"] = targets[:, 0], predictions
    return arrays


def loss_values(library: Library, case: cases.LossCase) -> Results:
    """The loss of arrays: as a function, and as an object with each reduction, with and without sample weights."""
    function = getattr(library.losses, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", case.part).lower())
    results = {}
    for label, (targets, predictions) in loss_arrays(case).items():
        if targets.ndim == predictions.ndim or "classes" in case.targets:  # aligning ranks is the loss object's work
            results[f"{label}/function"] = numpy_of(function(targets, predictions, **case.arguments))
        for reduction, weighted in itertools.product(cases.REDUCTIONS, (False, True)):
            loss = getattr(library.losses, case.part)(**case.arguments, reduction=reduction)
            weights = loss_weights(case, predictions) if weighted else None
            value = loss(targets, predictions, sample_weight=weights)
            results[f"{label}/{reduction}/{'weighted' if weighted else 'unweighted'}"] = numpy_of(value)
    results["config"] = config_of(getattr(library.losses, case.part)(**case.arguments))
    return results


def loss_weights(case: cases.LossCase, predictions: np.ndarray) -> np.ndarray:
    """Sample weights with an axis for each axis of the loss: Keras stretches them over steps only then."""
    lead = predictions.shape[:-1]
    if "ignore_class" in case.arguments:  # Keras on torch cannot stretch weights and mask at once
        return inputs.sample_weights(int(np.prod(lead))).reshape(lead)
    return inputs.sample_weights(lead[0]).reshape(-1, *[1] * (len(lead) - 1))


@dataclass(frozen=True)
class GradientCase:
    """A loss as a model is trained on it."""

    loss: cases.LossCase
    reduction: str
    weighted: bool

    @property
    def name(self) -> str:
        return f"{self.loss.name}, {self.reduction}, {'weighted' if self.weighted else 'unweighted'}"


GRADIENTS = tuple(
    GradientCase(loss, reduction, weighted)
    for loss, reduction, weighted in itertools.product(cases.LOSSES, cases.SCALAR_REDUCTIONS, (False, True))
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
    loss, lead = case.loss, cases.LOSS_SHAPES["samples"]
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


# ---- optimizers ----


def optimizer_on_model(library: Library, case: cases.OptimizerCase) -> Results:
    """Weights of a model after the first and the last of several batches, and what the optimizer remembers."""
    model = layered(library, (5, 4, 2), head="linear")
    optimizer = getattr(library.optimizers, case.part)(**case.arguments)
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    results: Results = {}
    for step in range(cases.STEPS):
        x, y = inputs.normal("x", step, shape=(8, 5)), inputs.normal("y", step, shape=(8, 2))
        model.train_on_batch(x, y)
        if step == 0:
            results |= weights_of(model, "after one step")
    results |= weights_of(model, "after all steps") | optimizer_state(optimizer)
    return results


def optimizer_state(optimizer: Any) -> Results:
    """The optimizer's variables in order: what they are, and their values."""
    values = {f"variable/{place}": numpy_of(variable) for place, variable in enumerate(optimizer.variables)}
    return values | {
        "variables": [variable_facts(variable) for variable in optimizer.variables],
        "iterations": int(numpy_of(optimizer.iterations)),
        "config": config_of(optimizer),
    }


def optimizer_on_variables(library: Library, case: cases.OptimizerCase) -> Results:
    """Variables moved by `apply` with given gradients, some of them zero; decay leaves the bias alone."""
    shapes = {"kernel": (3, 2), "bias": (2,)}
    variables = [
        library.Variable(inputs.normal("variable", name, shape=shape), name=name) for name, shape in shapes.items()
    ]
    optimizer = getattr(library.optimizers, case.part)(**case.arguments)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.build(variables)
    for step in range(cases.STEPS):
        gradients = [inputs.normal("gradient", name, step, shape=shape) for name, shape in shapes.items()]
        gradients[0][step % 3] = 0.0
        optimizer.apply([library.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    moved = {variable.name: numpy_of(variable) for variable in variables}
    return moved | optimizer_state(optimizer)


# ---- activations ----


def activation_grid(case: cases.ActivationCase) -> np.ndarray:
    """The points where an activation is looked at."""
    return np.clip(inputs.ACTIVATION_GRID, -case.largest, case.largest)


def activation_values(library: Library, case: cases.ActivationCase) -> Results:
    """Values on the grid, and the gradient of a weighted sum of them, found by a training step.

    The input is the identity, so that a kernel holding the grid is what the activation sees; plain SGD with learning
    rate 1 then moves the kernel by the gradient, divided by the number of rows.
    """
    grid = activation_grid(case)
    rows, columns = grid.shape
    function = getattr(library.activations, case.part)

    def activation(x: Any) -> Any:
        return function(x, **case.arguments)

    def weighted_sum(y_true: Any, y_pred: Any) -> Any:
        return library.ops.sum(y_true * y_pred, axis=-1)

    dense = library.layers.Dense(columns, use_bias=False, activation=activation)
    model = library.models.Sequential([library.layers.Input((rows,)), dense])
    model.set_weights([grid])
    model.compile(optimizer=library.optimizers.SGD(learning_rate=1.0), loss=weighted_sum)
    model.train_on_batch(np.eye(rows), cotangent(grid))
    return {"value": numpy_of(activation(grid)), "gradient": rows * (grid - model.get_weights()[0])}


def cotangent(grid: np.ndarray) -> np.ndarray:
    """What the outputs are weighted with."""
    return inputs.normal("cotangent", shape=grid.shape)


# ---- metrics ----


@dataclass(frozen=True)
class MetricUpdates:
    """A metric, updated with or without sample weights."""

    metric: cases.MetricCase
    weighted: bool

    @property
    def name(self) -> str:
        return f"{self.metric.name}, {'weighted' if self.weighted else 'unweighted'}"


METRIC_UPDATES = tuple(
    MetricUpdates(metric, weighted) for metric, weighted in itertools.product(cases.METRICS, (False, True))
)


def metric_batches(case: cases.MetricCase) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of targets and predictions, the last one awkward."""
    batches = [
        (
            inputs.targets_of(case.targets, (size,), place),
            inputs.predictions_of(case.head, case.targets, (size,), place),
        )
        for place, size in enumerate(cases.METRIC_BATCHES)
    ]
    return [*batches, (inputs.AWKWARD_TARGETS[case.targets], inputs.awkward_predictions(case.head, case.targets))]


def metric_updates(library: Library, case: MetricUpdates) -> Results:
    """Running results after each batch, the state at the end, and the result after a reset."""
    metric = getattr(library.metrics, case.metric.part)(**case.metric.arguments)
    running = []
    for targets, predictions in metric_batches(case.metric):
        weights = inputs.sample_weights(len(targets), len(running)) if case.weighted else None
        metric.update_state(targets, predictions, sample_weight=weights)
        running.append(numpy_of(metric.result()))
    state = [numpy_of(variable) for variable in metric.variables]
    metric.reset_state()
    return {
        "running": np.array(running),
        "state": np.array(state),
        "reset": numpy_of(metric.result()),
        "called": numpy_of(metric(*metric_batches(case.metric)[0])),
        "stateless": stateless(metric, metric_batches(case.metric)[1]),
        "variables": [variable_facts(variable) for variable in metric.variables],
        "config": config_of(metric),
    }


def stateless(metric: Any, batch: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The result of one batch from a fresh state that is handed in and out."""
    return numpy_of(metric.stateless_result(metric.stateless_update_state(metric.stateless_reset_state(), *batch)))


def compiled_metrics(library: Library, case: cases.CompiledMetricsCase) -> Results:
    """Metrics by name through compile: two epochs with validation, and an evaluation, all with sample weights."""
    model = layered(library, (5, 4, inputs.columns(case.targets)), head=case.head)
    model.compile(
        optimizer=library.optimizers.SGD(learning_rate=0.1),
        loss=case.loss,
        metrics=list(case.metrics),
        weighted_metrics=list(case.weighted),
    )
    x, y, weights = inputs.normal("x", shape=(10, 5)), inputs.targets_of(case.targets, (10,)), inputs.sample_weights(10)
    validation = x[::2], y[::2], weights[::2]
    history = model.fit(
        x, y, sample_weight=weights, validation_data=validation, batch_size=4, epochs=2, shuffle=False, verbose=0
    )
    evaluated = model.evaluate(x, y, sample_weight=weights, batch_size=4, verbose=0, return_dict=True)
    results = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    return results | {f"evaluated/{name}": np.array(value) for name, value in evaluated.items()}


# ---- layers ----


def layer_input(case: cases.LayerCase, *names: str) -> np.ndarray:
    """The array a layer is called on."""
    if case.whole:
        return inputs.generator("bytes", *names).integers(0, 256, case.input_shape).astype(np.uint8)
    return inputs.normal("layer", *names, shape=case.input_shape, scale=2.0) + 1.0


def layer_call(library: Library, case: cases.LayerCase) -> Results:
    """Output of a layer on an array, alone and in a model, with its weights, shapes and configuration."""
    layer = getattr(library.layers, case.part)(**case.arguments, name="layer")
    if case.adapts:
        layer.adapt(layer_input(case, "seen before"))
    x = layer_input(case)
    layer(x)
    if case.part == "Dense":
        layer.set_weights(inputs.weights([array.shape for array in layer.get_weights()], "dense"))
    results = {
        "output": numpy_of(layer(x)),
        "config": config_of(layer),
        "weights": [variable_facts(variable) for variable in layer.weights],
        "trainable": [variable_facts(variable)["path"] for variable in layer.trainable_weights],
        "output shape": list(layer.compute_output_shape((None, *case.input_shape[1:]))),
        "parameters": int(layer.count_params()),
    }
    if len(case.input_shape) > 1:
        model = library.models.Sequential([library.layers.Input(case.input_shape[1:]), layer])
        results["predicted"] = model.predict(x, verbose=0)
        results["model's output shape"] = list(model.output_shape)
    return results | {f"weight/{place}": array for place, array in enumerate(layer.get_weights())}


# ---- three epochs of training ----


def training_data(case: cases.TrainingCase) -> tuple[np.ndarray, np.ndarray]:
    """Normal features; labels that follow a random direction of them, with noise."""
    x = inputs.normal("training", case.columns, shape=(case.samples, case.columns))
    outputs = case.units[-1]
    scores = x @ inputs.normal("direction", case.columns, shape=(case.columns, outputs))
    scores += inputs.normal("noise", case.columns, shape=scores.shape, scale=2.0)
    labels = (scores > 0.0).astype(float) if outputs == 1 else scores.argmax(-1)
    return x.astype(np.float32), labels


def training(library: Library, case: cases.TrainingCase) -> Results:
    """Weights and history after three epochs from given weights, batches in order."""
    model = layered(library, (case.columns, *case.units), hidden="relu", head=case.head)
    optimizer = getattr(library.optimizers, case.optimizer)(**case.optimizer_arguments)
    model.compile(optimizer=optimizer, loss=case.loss, metrics=["accuracy"])
    x, y = training_data(case)
    history = model.fit(
        x,
        y,
        epochs=cases.EPOCHS,
        shuffle=False,
        verbose=0,
        **case.fit,
        class_weight=None if case.class_weight is None else dict(case.class_weight),
        sample_weight=inputs.sample_weights(case.samples) if case.weighted else None,
    )
    curves = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    return weights_of(model, "weights") | curves


# ---- the table of all of it ----


@dataclass(frozen=True)
class Area:
    """Cases that go through one experiment, at one precision."""

    name: str
    cases: Sequence[Any]
    run: Callable[[Library, Any], Results]
    floatx: str = "float64"

    def results(self, library: Library) -> Iterable[tuple[str, Results]]:
        """Every case's name with its results."""
        return ((case.name, self.run(library, case)) for case in self.cases)


AREAS = {
    area.name: area
    for area in (
        Area("streams", STREAMS, drawn),
        Area("loss values", cases.LOSSES, loss_values),
        Area("loss gradients", GRADIENTS, loss_gradients),
        Area("optimizers on a model", cases.OPTIMIZERS, optimizer_on_model),
        Area("optimizers on variables", cases.OPTIMIZERS, optimizer_on_variables),
        Area("activations", cases.ACTIVATIONS, activation_values),
        Area("metrics", METRIC_UPDATES, metric_updates),
        Area("compiled metrics", cases.COMPILED_METRICS, compiled_metrics),
        Area("layers", cases.LAYERS, layer_call),
        Area("training in float64", cases.TRAININGS, training),
        Area("training in float32", cases.TRAININGS, training, floatx="float32"),
        Area("fitting", fit_scenarios.SCENARIOS, scenarios.play),
        Area("callbacks", callback_scenarios.SCENARIOS, scenarios.play),
        Area("refusals", refusal_scenarios.SCENARIOS, scenarios.play),
        Area("signatures", signatures.SIGNATURES, signatures.read),
    )
}
