"""Layers: outputs, weights and their order, shapes, configurations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of, variable_facts


@dataclass(frozen=True)
class LayerCase:
    """One layer called on an array: `whole` numbers from 0 to 255, or normal ones; `adapts` to data seen before."""

    part: str
    arguments: Arguments
    input_shape: tuple[int, ...]
    whole: bool = False
    adapts: bool = False

    @property
    def name(self) -> str:
        adapted = ", adapted" if self.adapts else ""
        return f"{written(self.part, self.arguments)} on {self.input_shape}{adapted}"


LAYERS = (
    LayerCase("Dense", {"units": 3}, (5, 4)),
    LayerCase("Dense", {"units": 3, "activation": "relu", "use_bias": False}, (5, 4)),
    LayerCase("Dense", {"units": 2, "activation": "softmax"}, (2, 3, 4)),
    LayerCase("Dense", {"units": 1, "activation": "sigmoid", "kernel_initializer": "he_normal"}, (5, 4)),
    LayerCase("Dense", {"units": 2, "bias_initializer": "ones", "trainable": False}, (5, 4)),
    LayerCase("Activation", {"activation": "relu"}, (5, 4)),
    LayerCase("Activation", {"activation": "softmax"}, (2, 3, 4)),
    LayerCase("Activation", {"activation": "tanh"}, (5,)),
    LayerCase("Activation", {"activation": "hard_swish"}, (5, 4)),
    LayerCase("ReLU", {}, (5, 4)),
    LayerCase("ReLU", {"max_value": 1.5, "negative_slope": 0.2, "threshold": 0.5}, (2, 3, 4)),
    LayerCase("LeakyReLU", {}, (5, 4)),
    LayerCase("LeakyReLU", {"negative_slope": 0.1}, (2, 3, 4)),
    LayerCase("PReLU", {"alpha_initializer": "ones"}, (5, 4)),
    LayerCase("PReLU", {"alpha_initializer": "ones", "shared_axes": [1]}, (2, 3, 4)),
    LayerCase("PReLU", {"alpha_regularizer": "l2", "alpha_constraint": "non_neg", "shared_axes": 2}, (2, 3, 4)),
    LayerCase("ELU", {}, (5, 4)),
    LayerCase("ELU", {"alpha": 0.5}, (2, 3, 4)),
    LayerCase("Softmax", {}, (5, 4)),
    LayerCase("Softmax", {"axis": 1}, (2, 3, 4)),
    LayerCase("Softmax", {"axis": [1, 2]}, (2, 3, 4)),
    LayerCase("Dropout", {"rate": 0.4}, (5, 4)),
    LayerCase("Dropout", {"rate": 0.4, "noise_shape": (None, 1), "seed": 3}, (5, 4)),
    LayerCase("SpatialDropout1D", {"rate": 0.4}, (2, 3, 4)),
    LayerCase("SpatialDropout2D", {"rate": 0.4, "seed": 3}, (2, 3, 4, 2)),
    LayerCase("SpatialDropout3D", {"rate": 0.4, "data_format": "channels_first"}, (2, 3, 4, 2, 2)),
    LayerCase("GaussianNoise", {"stddev": 0.4}, (5, 4)),
    LayerCase("GaussianDropout", {"rate": 0.4, "seed": 3}, (5, 4)),
    LayerCase("AlphaDropout", {"rate": 0.4}, (5, 4)),
    LayerCase("AlphaDropout", {"rate": 0.4, "noise_shape": (None, 1), "seed": 3}, (5, 4)),
    LayerCase("ActivityRegularization", {"l1": 0.1}, (5, 4)),
    LayerCase("Permute", {"dims": (2, 1)}, (2, 3, 4)),
    LayerCase("Permute", {"dims": [3, 1, 2]}, (2, 3, 4, 2)),
    LayerCase("RepeatVector", {"n": 3}, (5, 4)),
    LayerCase("Flatten", {}, (2, 3, 4)),
    LayerCase("Flatten", {}, (5,)),
    LayerCase("Flatten", {}, (2, 3, 4, 2)),
    LayerCase("Flatten", {"data_format": "channels_first"}, (2, 3, 4, 2)),
    LayerCase("Reshape", {"target_shape": (4, 3)}, (2, 3, 4)),
    LayerCase("Reshape", {"target_shape": (-1, 2)}, (2, 3, 4)),
    LayerCase("Reshape", {"target_shape": (2, 2, 3)}, (5, 12)),
    LayerCase("Reshape", {"target_shape": (-1,)}, (2, 3, 4)),
    LayerCase("Rescaling", {"scale": 1 / 255}, (2, 3, 4), whole=True),
    LayerCase("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, (2, 3, 4), whole=True),
    LayerCase("Rescaling", {"scale": [1.0, 2.0, 4.0, 0.5], "offset": [0.0, 1.0, -1.0, 0.5]}, (5, 4)),
    LayerCase("Normalization", {}, (6, 4), adapts=True),
    LayerCase("Normalization", {"axis": None}, (6, 4), adapts=True),
    LayerCase("Normalization", {"axis": 1}, (4, 3, 2), adapts=True),
    LayerCase("Normalization", {"axis": (1, 2)}, (4, 3, 2), adapts=True),
    LayerCase("Normalization", {"invert": True}, (6, 4), adapts=True),
    LayerCase("Normalization", {"mean": 3.0, "variance": 2.0}, (6, 4)),
    LayerCase("Normalization", {"mean": [1.0, 2.0, 3.0, 4.0], "variance": [4.0, 1.0, 0.0, 2.0]}, (6, 4)),
    LayerCase("Normalization", {"mean": 3.0, "variance": 2.0, "invert": True}, (6, 4)),
)


def layer_input(case: LayerCase, *names: str) -> np.ndarray:
    """The array a layer is called on."""
    if case.whole:
        return inputs.generator("bytes", *names).integers(0, 256, case.input_shape).astype(np.uint8)
    return inputs.normal("layer", *names, shape=case.input_shape, scale=2.0) + 1.0


def layer_call(library: Library, case: LayerCase) -> Results:
    """Output of a layer on an array, alone and in a model, with its weights, shapes and configuration."""
    layer = getattr(library.layers, case.part)(**case.arguments, name="layer")
    if case.adapts:
        layer.adapt(layer_input(case, "seen before"))
    x = layer_input(case)
    layer(x)
    if case.part in ("Dense", "PReLU"):
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


AREAS = (Area("layers", LAYERS, layer_call),)
