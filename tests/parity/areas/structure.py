"""How models are put together: names, orders, shapes, what is shared and frozen, copies, and training them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..scenarios import Scenario, entering, play, told, weights_of

STORIES: list[Scenario] = []
ROWS = 10
X = inputs.normal("structure", shape=(ROWS, 3))
Y = inputs.normal("structure target", shape=(ROWS, 1))
FIT = {"batch_size": 4, "shuffle": False, "verbose": 0}


def filled(model: Any, name: str) -> Any:
    """The model, with weights that are known; variances are positive."""
    arrays = inputs.weights([array.shape for array in model.get_weights()], name)
    model.set_weights(
        [
            np.abs(array) + 0.5 if variable.name == "moving_variance" else array
            for array, variable in zip(arrays, model.weights, strict=True)
        ]
    )
    return model


def facts_of(model: Any, name: str = "path") -> Results:
    """What a model is made of; Keras gives copies of models within models other paths, so that only names agree."""
    return {
        "layers": [layer.name for layer in model.layers],
        "weights": [getattr(variable, name) for variable in model.weights],
        "trained": [getattr(variable, name) for variable in model.trainable_variables],
        "not trained": [getattr(variable, name) for variable in model.non_trainable_variables],
        "parameters": model.count_params(),
        "output shape": [list(shape) for shape in shapes_of(model.output_shape)],
        "totals": totals(model),
    }


def shapes_of(tree: Any) -> list[Any]:
    return [tree] if isinstance(tree, tuple) else list(tree)


def totals(model: Any) -> list[str]:
    """The figures below the table of a summary."""
    lines: list[str] = []
    model.summary(print_fn=lambda text, line_break=None: lines.append(text))
    return [line.strip() for line in "\n".join(lines).splitlines() if " params: " in line]


def twins(library: Library) -> Any:
    """Two inputs through one layer, an operation, and a model inside."""
    layers = library.layers
    first, second = library.Input((3,), name="first"), library.Input((3,), name="second")
    shared = layers.Dense(4, activation="tanh", name="both_ways")
    inner = library.Sequential([library.Input((4,)), layers.Dense(2, name="deep")], name="inner")
    both = layers.Add(name="both")([shared(first), shared(second)])
    return library.Model([first, second], [inner(both), layers.Dense(1, name="side")(both)], name="twins")


@entering(STORIES)
def layers_are_added_and_taken_away_before_and_after_the_model_is_built(library: Library) -> Results:
    layers = library.layers
    model = library.Sequential([layers.Dense(4, name="one"), layers.Dense(2, name="two")], name="row")
    before = {"built": model.built, "early": [layer.name for layer in model.layers]}
    model.pop()
    model.add(layers.Dense(3, name="three"))
    model.build((None, 3))
    model.add(layers.Dense(1, name="four"))
    after = facts_of(filled(model, "row"))
    return before | after | {"input shape": list(model.input_shape), "predicted": model.predict(X, verbose=0)}


@entering(STORIES)
def a_layer_comes_twice_in_a_row(library: Library) -> Results:
    again = library.layers.Dense(3, name="again")
    model = filled(library.Sequential([library.Input((3,)), again, again], name="twice"), "twice")
    return {"parameters": model.count_params(), "predicted": model.predict(X, verbose=0)}


@entering(STORIES)
def models_within_models_and_shared_layers(library: Library) -> Results:
    model = filled(twins(library), "twins")
    predicted = model.predict([X, -X], verbose=0)
    return facts_of(model) | {"one": predicted[0], "two": predicted[1]}


@entering(STORIES)
def what_is_written_of_a_model_of_symbols(library: Library) -> Results:
    config = twins(library).get_config()
    calls = {entry["name"]: [addresses(call) for call in entry["inbound_nodes"]] for entry in config["layers"]}
    ends = {"inputs": config["input_layers"], "outputs": config["output_layers"]}
    return {
        "keys": sorted(config),
        "calls": calls,
        **ends,
        "classes": [entry["class_name"] for entry in config["layers"]],
    }


def addresses(data: Any) -> list[Any]:
    """The values that a call takes, wherever they stand."""
    if isinstance(data, dict):
        if data.get("class_name") == "__keras_tensor__":
            return [data["config"]["keras_history"]]
        return [address for value in data.values() for address in addresses(value)]
    return [address for value in data for address in addresses(value)] if isinstance(data, list | tuple) else []


@entering(STORIES)
def a_model_comes_back_from_its_config(library: Library) -> Results:
    model = filled(twins(library), "twins")
    again = library.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    return facts_of(again, "name") | {"predicted": again.predict([X, -X], verbose=0)[0]}


@entering(STORIES)
def a_clone_has_weights_of_its_own_and_is_compiled(library: Library) -> Results:
    model = filled(twins(library), "twins")
    model.compile(library.optimizers.SGD(0.1), ["mse", "mae"])
    copy = filled(library.models.clone_model(model), "copy")
    history = copy.fit([X, -X], [np.repeat(Y, 2, 1), Y], **FIT)
    return facts_of(copy, "name") | weights_of(copy, "copy") | weights_of(model, "model") | told(history)


@entering(STORIES)
def dictionaries_go_in_and_come_out(library: Library) -> Results:
    layers = library.layers
    left, right = library.Input((3,), name="left"), library.Input((3,), name="right")
    joined = layers.Concatenate(name="joined")([left, right])
    outputs = {
        "sum": layers.Dense(1, name="sum")(joined),
        "kind": layers.Dense(2, activation="tanh", name="kind")(joined),
    }
    model = filled(library.Model({"left": left, "right": right}, outputs, name="named"), "named")
    model.compile(library.optimizers.SGD(0.1), {"sum": "mse", "kind": "mae"}, metrics={"kind": ["mse"]})
    x, y = {"right": 2 * X, "left": X}, {"kind": np.repeat(Y, 2, 1), "sum": Y}
    history = model.fit(x, y, epochs=2, **FIT)
    predicted = model.predict(x, verbose=0)
    return (
        told(history)
        | {f"predicted/{name}": predicted[name] for name in ("sum", "kind")}
        | {"names": sorted(predicted)}
    )


def normalized(library: Library) -> Any:
    layers = library.layers
    front = [library.Input((3,)), layers.Dense(4, name="one"), layers.BatchNormalization(name="norm", momentum=0.5)]
    return filled(library.Sequential([*front, layers.Dense(1, name="two")], name="normalized"), "normalized")


def frozen(library: Library, model: Any) -> Results:
    history = model.fit(X, Y, epochs=2, **FIT)
    return facts_of(model) | told(history) | weights_of(model)


@entering(STORIES)
def a_normalization_that_is_frozen_before_compile(library: Library) -> Results:
    model = normalized(library)
    model.get_layer("norm").trainable = False
    model.compile(library.optimizers.SGD(0.1), "mse")
    return frozen(library, model)


@entering(STORIES)
def a_frozen_model_uses_moving_statistics_in_training(library: Library) -> Results:
    model = normalized(library)
    model.trainable = False
    return {"training": np.asarray(model(X, training=True)), "inference": np.asarray(model(X, training=False))}


@entering(STORIES)
def a_frozen_base_within_a_model(library: Library) -> Results:
    base = normalized(library)
    base.trainable = False
    model = library.Sequential([base, library.layers.Dense(2, name="head")], name="tuned")
    filled(model, "tuned")
    model.compile(library.optimizers.Adam(0.01), "mse")
    history = model.fit(X, np.repeat(Y, 2, 1), epochs=2, **FIT)
    return facts_of(model) | told(history) | weights_of(model)


@entering(STORIES)
def models_that_share_layers_keep_optimizers_of_their_own(library: Library) -> Results:
    layers = library.layers
    x, code = library.Input((3,), name="x"), library.Input((2,), name="code")
    encoder = library.Model(x, layers.Dense(2, activation="tanh", name="enc")(x), name="encoder")
    decoder = library.Model(code, layers.Dense(3, name="dec")(code), name="decoder")
    whole = filled(library.Model(x, decoder(encoder(x)), name="whole"), "whole")
    for model in (whole, encoder, decoder):
        model.compile(library.optimizers.Adam(0.01), "mse")
    whole.fit(X, X, **FIT)
    encoder.fit(X, X[:, :2], **FIT)
    decoder.fit(X[:, :2], X, **FIT)
    whole.fit(X, X, **FIT)
    counts = [int(np.asarray(model.optimizer.iterations)) for model in (whole, encoder, decoder)]
    return facts_of(whole) | weights_of(whole) | {"updates": counts}


@entering(STORIES)
def a_model_of_the_users_own(library: Library) -> Results:
    class Own(library.Model):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(name="own")
            self.front = [library.layers.Dense(4, activation="tanh", name=f"front_{n}") for n in range(2)]
            self.heads = {"end": library.layers.Dense(1, name="end")}

        def call(self, inputs: Any, training: bool = False) -> Any:
            for layer in self.front:
                inputs = layer(inputs)
            return self.heads["end"](inputs) * (0.5 if training else 1.0)

    model = Own()
    model(X)
    filled(model, "own")
    model.compile(library.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, epochs=2, **FIT)
    facts = {"weights": [variable.path for variable in model.weights], "layers": [layer.name for layer in model.layers]}
    return told(history) | weights_of(model) | facts | {"predicted": model.predict(X, verbose=0)}


@entering(STORIES)
def rows_with_a_last_axis_of_1_missing_or_too_much(library: Library) -> Results:
    layers = library.layers
    pictures = inputs.normal("structure pictures", shape=(ROWS, 4, 4))
    found: Results = {}
    x = library.Input((4, 4, 1), name="x")
    joined = library.Model(x, layers.Dense(1)(layers.Flatten()(x)), name="joined")
    stacked = library.Sequential([library.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1)], name="stacked")
    for model in (joined, stacked):
        filled(model, "pictures")
        model.compile(library.optimizers.SGD(0.1), "mse")
        curves = told(model.fit(pictures, Y, **FIT))
        found |= {f"{model.name}/{name}": value for name, value in curves.items()}
        found[f"{model.name}/predicted"] = model.predict(pictures[..., None], verbose=0)
    flat = library.Input((3,))
    single = filled(library.Model(flat, layers.Dense(1)(flat), name="single"), "single")
    return found | {"single": single.predict(X[..., None], verbose=0)}


AREAS = (Area("structure of models", STORIES, play),)
