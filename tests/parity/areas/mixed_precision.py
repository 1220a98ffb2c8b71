"""Layers that compute in 16 bits: the dtypes of what they give and keep, the values, and ten steps of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..layer_steps import Called, Inner, StepCase
from ..reading import numpy_of
from ..scenarios import weights_of
from . import attention, layers, layers_einsum, layers_merging, layers_windows, recurrence, sequences

POLICIES = ("mixed_float16", "mixed_bfloat16")
STEPS, BATCH = 10, 16
UNKNOWN = ("AveragePooling3D",)  # torch has it in no 16 bits


def in_policy(value: Any, policy: str) -> Any:
    """An argument with the layers that it describes in a policy."""
    if isinstance(value, Inner):
        return Inner(value.part, {**{k: in_policy(v, policy) for k, v in value.arguments.items()}, "dtype": policy})
    return [in_policy(item, policy) for item in value] if isinstance(value, list) else value


def one_of_each(policy: str) -> Iterator[StepCase]:
    """The first case of each layer that other areas have, in a policy."""
    seen: set[str] = set(UNKNOWN)
    plain = [StepCase(case.part, case.arguments, (case.input_shape,)) for case in layers.LAYERS if not case.adapts]
    files = (attention, layers_einsum, layers_merging, layers_windows, recurrence, sequences)
    for case in (*plain, *(case for file in files for area in file.AREAS for case in area.cases)):
        if isinstance(case, StepCase) and case.part not in seen:
            seen.add(case.part)
            arguments = {name: in_policy(value, policy) for name, value in case.arguments.items()}
            yield replace(case, arguments={**arguments, "dtype": policy})


def in_16_bits(library: Library, case: StepCase) -> Results:
    """What a layer gives in inference, and the dtypes of it, of weights, and of what it says that it computes in."""
    called = Called(library, case)
    called(called.tensors())
    called.set_weights()
    outputs = called(called.tensors(), False)
    layer = called.layer
    facts = {
        "outputs": [library.ops.dtype(output) for output in outputs],
        "weights": [[variable.name, str(variable.dtype)] for variable in layer.weights],
        "dtypes": [layer.compute_dtype, layer.variable_dtype, layer.dtype, layer.dtype_policy.name],
    }
    values = [library.ops.cast(output, "float32") for output in outputs]
    return facts | {f"value/{place}": numpy_of(value) for place, value in enumerate(values)}


@dataclass(frozen=True)
class TrainedCase:
    """A network of a policy that is trained for a few steps."""

    network: str
    make: Callable[[Any, Any], Any]
    shape: tuple[int, ...]
    policy: str
    optimizer: str

    @property
    def name(self) -> str:
        return f"{self.network} in {self.policy}, {self.optimizer}"


def dense(layers: Any, x: Any) -> Any:
    """Dense layers, the last one in float32, as is the custom where losses follow."""
    x = layers.Dense(16, activation="relu")(x)
    x = layers.Dense(16, activation="tanh")(x)
    return layers.Dense(4, activation="softmax", dtype="float32")(x)


def convolved(layers: Any, x: Any) -> Any:
    """Convolutions with batch normalization, which keeps its statistics in float32."""
    x = layers.Conv2D(4, 3, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(layers.Conv2D(6, 3, activation="relu")(x))
    return layers.Dense(4, activation="softmax", dtype="float32")(x)


TRAINED = tuple(
    TrainedCase(network, make, shape, policy, optimizer)
    for policy in POLICIES
    for network, make, shape, optimizer in (
        ("dense layers", dense, (6,), "SGD"),
        ("dense layers", dense, (6,), "Adam"),
        ("convolutions", convolved, (8, 8, 2), "SGD"),
    )
)


def ten_steps(library: Library, case: TrainedCase) -> Results:
    """Losses of the steps, the weights after them, what they are predicted with, and what scales the loss."""
    before = library.config.dtype_policy().name
    library.config.set_dtype_policy(case.policy)
    try:
        return trained(library, case)
    finally:
        library.config.set_dtype_policy(before)


def trained(library: Library, case: TrainedCase) -> Results:
    """What ten steps of a network give."""
    start = library.layers.Input(case.shape)
    model = library.models.Model(start, case.make(library.layers, start))
    shapes = [array.shape for array in model.get_weights()]
    model.set_weights(
        [
            old if len(shape) == 1 else new * (shape[0] / np.prod(shape[:-1])) ** 0.5
            for old, new, shape in zip(model.get_weights(), inputs.weights(shapes, "narrow"), shapes, strict=True)
        ]
    )
    model.compile(getattr(library.optimizers, case.optimizer)(learning_rate=0.05), "sparse_categorical_crossentropy")
    classes = np.arange(STEPS * BATCH) % 4
    x = inputs.normal("narrow", shape=(len(classes), *case.shape)) + classes.reshape(-1, *[1] * len(case.shape)) / 2
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        model.reset_metrics()
        losses.append(float(numpy_of(model.train_on_batch(x[rows].astype("float32"), classes[rows]))))
    scale = getattr(model.optimizer, "dynamic_scale", None)
    facts = {
        "optimizer": type(model.optimizer).__name__,
        "scale": None if scale is None else float(numpy_of(scale)),
        "dtypes": [[str(layer.output.dtype), layer.variable_dtype] for layer in model.layers],
        "weights' dtypes": [str(variable.dtype) for variable in model.weights],
    }
    return facts | {"losses": np.array(losses)} | weights_of(model)


AREAS = (
    *(Area(f"layers in {policy}", tuple(one_of_each(policy)), in_16_bits) for policy in POLICIES),
    Area("training in mixed precision", TRAINED, ten_steps, floatx="float32"),
)
