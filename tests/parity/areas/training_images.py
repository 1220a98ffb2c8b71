"""Twenty steps of small networks of images: weights, statistics and losses, in float64 and in float32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..reading import numpy_of
from ..scenarios import weights_of

STEPS, BATCH, CHANNELS = 20, 16, 2  # of one channel torch refuses the gradient


@dataclass(frozen=True)
class ImageCase:
    """A network, made from its input; `targets` are classes, or the images themselves."""

    name: str
    make: Callable[[Any, Any], Any]
    optimizer: str
    rate: float
    targets: str = "classes"


def lenet(layers: Any, x: Any) -> Any:
    """Convolutions with batch normalization and pools, as in LeNet."""
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))
    x = layers.MaxPooling2D()(x)
    x = layers.AveragePooling2D(2)(layers.Conv2D(6, 3, activation="tanh", padding="same")(x))
    x = layers.Dense(12, activation="relu")(layers.Flatten()(x))
    return layers.Dense(4, activation="softmax")(x)


def residual(layers: Any, x: Any) -> Any:
    """A functional network with a way around a separable convolution, and one around a strided one."""
    x = layers.Conv2D(4, 3, strides=2, padding="same")(x)
    deep = layers.SeparableConv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.Add()([x, deep])
    deep = layers.Conv2D(6, 3, strides=2, padding="same", groups=2, activation="tanh")(x)
    x = layers.Concatenate()([layers.MaxPooling2D()(x), deep])
    return layers.Dense(4, activation="softmax")(layers.GlobalAveragePooling2D()(x))


def autoencoder(layers: Any, x: Any) -> Any:
    """Down by a convolution and up by a transposed one, then by repeated pixels."""
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(padding="same")(x)
    x = layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation="tanh")(x)
    return layers.Conv2D(CHANNELS, 3, padding="same")(layers.UpSampling2D()(x))


CASES = (
    ImageCase("LeNet with batch normalization", lenet, "SGD", 0.1),
    ImageCase("LeNet with batch normalization, Adam", lenet, "Adam", 0.003),
    ImageCase("residual", residual, "SGD", 0.1),
    ImageCase("autoencoder", autoencoder, "RMSprop", 0.003, "images"),
)


def images() -> tuple[np.ndarray, np.ndarray]:
    """Squares of four brightnesses in noise, and which brightness it is."""
    classes = np.arange(STEPS * BATCH) % 4
    x = inputs.normal("images", shape=(len(classes), 8, 8, CHANNELS))
    x[:, 2:6, 2:6] += classes[:, None, None, None]
    return x, classes


def twenty_steps(library: Library, case: ImageCase) -> Results:
    """Losses of the steps and weights after them, from given weights."""
    start = library.layers.Input((8, 8, CHANNELS))
    model = library.models.Model(start, case.make(library.layers, start))
    shapes = [array.shape for array in model.get_weights()]
    # gammas and variances stay as they begin, at one
    model.set_weights(
        [
            old if len(shape) == 1 else new * (shape[0] / np.prod(shape[:-1])) ** 0.5
            for old, new, shape in zip(model.get_weights(), inputs.weights(shapes, case.name), shapes, strict=True)
        ]
    )
    loss = "mse" if case.targets == "images" else "sparse_categorical_crossentropy"
    model.compile(getattr(library.optimizers, case.optimizer)(learning_rate=case.rate), loss)
    x, classes = images()
    y = x if case.targets == "images" else classes
    found = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        model.reset_metrics()
        found.append(float(numpy_of(model.train_on_batch(x[rows], y[rows]))))
    return {"losses": np.array(found), "predicted": model.predict(x[:4], verbose=0)} | weights_of(model)


AREAS = (
    Area("networks of images", CASES, twenty_steps),
    Area("networks of images in float32", CASES, twenty_steps, floatx="float32"),
)
