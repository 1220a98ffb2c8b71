"""Models with several outputs: losses, their weights, metrics and sample weights for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..scenarios import weights_of

ROWS = 11


@dataclass(frozen=True)
class OutputsCase:
    """What compile is given, how the model's outputs and the targets are packed, and which sample weights there are."""

    name: str
    compile: Mapping[str, Any]
    outputs: str = "list"
    targets: str = "list"
    weights: str = "none"
    fit: Mapping[str, Any] = field(default_factory=dict)


OUTPUTS = (
    OutputsCase("one loss for all", {"loss": "mse"}),
    OutputsCase("a list of losses", {"loss": ["mse", "mae"]}),
    OutputsCase("losses by name", {"loss": {"price": "mse", "kind": "mae"}}),
    OutputsCase("an output without a loss", {"loss": ["mse", None]}),
    OutputsCase("a name without a loss", {"loss": {"price": None, "kind": "huber"}}),
    OutputsCase("weights of losses in a list", {"loss": ["mse", "mae"], "loss_weights": [0.25, 2.0]}),
    OutputsCase(
        "weights of losses by name",
        {"loss": {"price": "mse", "kind": "mae"}, "loss_weights": {"kind": 3.0, "price": 0.5}},
    ),
    OutputsCase("a metric for each output", {"loss": "mse", "metrics": ["mae", "mse"]}),
    OutputsCase("metrics for each output", {"loss": "mse", "metrics": [["mae", "mse"], []]}),
    OutputsCase("metrics by name", {"loss": "mse", "metrics": {"kind": ["mae", "mse"]}}),
    OutputsCase("the same metric twice", {"loss": "mse", "metrics": {"kind": ["mae", "mae"], "price": "mae"}}),
    OutputsCase(
        "weighted metrics",
        {"loss": "mse", "metrics": ["mae", "mae"], "weighted_metrics": [["mae"], ["mse"]]},
        weights="list",
    ),
    OutputsCase("weights of rows for each output", {"loss": ["mse", "mae"]}, weights="list"),
    OutputsCase("weights of rows for one output", {"loss": ["mse", "mae"]}, weights="first"),
    OutputsCase("weights of rows for all outputs", {"loss": ["mse", "mae"]}, weights="shared"),
    OutputsCase("targets by name", {"loss": ["mse", "mae"], "metrics": ["mae", "mse"]}, targets="dictionary"),
    OutputsCase(
        "outputs in a dictionary",
        {"loss": {"size": "mse", "area": "mae"}, "metrics": {"size": "mae"}},
        outputs="dictionary",
        targets="dictionary",
    ),
    OutputsCase(
        "outputs in a dictionary, weights by name",
        {"loss": {"size": "mse", "area": "mae"}, "loss_weights": {"size": 0.5, "area": 1.5}},
        outputs="dictionary",
        targets="dictionary",
    ),
    OutputsCase(
        "outputs in a dictionary, metrics in a list",
        {"loss": {"size": "mse", "area": "mae"}, "metrics": ["mae", "mse"]},
        outputs="dictionary",
        targets="dictionary",
    ),
    OutputsCase("validation", {"loss": ["mse", "mae"], "metrics": ["mae", "mse"]}, fit={"validation_split": 0.3}),
    OutputsCase("a weight of the only loss", {"loss": "mse", "loss_weights": 0.5}, outputs="one", targets="one"),
)


def model_of(library: Library, case: OutputsCase) -> Any:
    """Two inputs that share a layer, an operation between layers, and two outputs (or one)."""
    first, second = library.Input((3,), name="first"), library.Input((3,), name="second")
    shared = library.layers.Dense(4, activation="tanh", name="twice")
    joined = shared(first) * 0.5 + shared(second)
    price = library.layers.Dense(1, name="price")(joined)
    kind = library.layers.Dense(2, activation="tanh", name="kind")(joined)
    outputs = {"list": [price, kind], "dictionary": {"size": price, "area": kind}, "one": price}[case.outputs]
    model = library.Model([first, second], outputs)
    model.set_weights(inputs.weights([array.shape for array in model.get_weights()], "outputs"))
    return model


def targets_of(case: OutputsCase) -> Any:
    """The targets, packed."""
    price, kind = inputs.normal("price", shape=(ROWS, 1)), inputs.normal("kind", shape=(ROWS, 2))
    if case.targets == "dictionary":
        return {"size": price, "area": kind} if case.outputs == "dictionary" else {"price": price, "kind": kind}
    return [price, kind] if case.targets == "list" else price


def weights_for(case: OutputsCase) -> Any:
    """The sample weights, packed."""
    first, second = inputs.sample_weights(ROWS, "first"), inputs.sample_weights(ROWS, "second")
    return {"none": None, "list": [first, second], "first": [first, None], "shared": first}[case.weights]


def several_outputs(library: Library, case: OutputsCase) -> Results:
    """Curves of three epochs, weights after them, an evaluation in both forms, predictions, and names."""
    model = model_of(library, case)
    model.compile(optimizer=library.optimizers.SGD(learning_rate=0.1), **case.compile)
    x, y = [inputs.normal(name, shape=(ROWS, 3)) for name in ("first", "second")], targets_of(case)
    options = {"batch_size": 4, "verbose": 0}
    history = model.fit(x, y, sample_weight=weights_for(case), epochs=3, shuffle=False, **options, **case.fit)
    results = {f"history/{name}": np.array(values) for name, values in history.history.items()}
    evaluated = model.evaluate(x, y, sample_weight=weights_for(case), return_dict=True, **options)
    results |= {f"evaluated/{name}": np.array(value) for name, value in evaluated.items()}
    results["evaluated"] = np.array(model.evaluate(x, y, sample_weight=weights_for(case), **options))
    predicted = model.predict({"first": x[0], "second": x[1]}, **options)
    if isinstance(predicted, dict):
        predicted = [predicted["size"], predicted["area"]]
    packed = predicted if isinstance(predicted, list) else [predicted]
    results |= {f"predicted/{place}": array for place, array in enumerate(packed)}
    facts = {"layers": [layer.name for layer in model.layers], "weights": [variable.path for variable in model.weights]}
    return results | weights_of(model) | facts


AREAS = (Area("several outputs", OUTPUTS, several_outputs),)
