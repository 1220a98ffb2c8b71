"""What is compared with Keras, as tables: the recorder and the tests loop over the same rows.

Arguments are those of Keras's constructors, names are its class names. This module imports neither library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]


def written(part: str, arguments: Arguments) -> str:
    """A case's name, written as the call it makes: `Adam(amsgrad=True)`."""
    return f"{part}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"


# ---- losses ----


@dataclass(frozen=True)
class LossCase:
    """One loss, the kind of targets it takes, and the activation of the layer whose output it reads."""

    part: str
    targets: str
    head: str
    arguments: Arguments = field(default_factory=dict)

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
)
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
# Reductions that give the one number a training step needs.
SCALAR_REDUCTIONS = ("sum_over_batch_size", "sum", "mean_with_sample_weight")
# Axes before the columns: samples, or samples of steps.
LOSS_SHAPES = {"samples": (7,), "steps": (4, 3)}

# ---- optimizers ----


@dataclass(frozen=True)
class OptimizerCase:
    """One optimizer; every case is stepped on a model and on variables with given gradients."""

    part: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)


OPTIMIZERS = (
    OptimizerCase("SGD"),
    OptimizerCase("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    OptimizerCase("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    OptimizerCase("RMSprop"),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "momentum": 0.8}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "centered": True}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "rho": 0.7, "momentum": 0.8, "centered": True, "epsilon": 0.01}),
    OptimizerCase("Adam"),
    OptimizerCase("Adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "amsgrad": True, "beta_2": 0.5}),
    OptimizerCase("Adamax"),
    OptimizerCase("Adamax", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.5, "epsilon": 0.01}),
    OptimizerCase("Adagrad"),
    OptimizerCase("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 0.01}),
    # What every optimizer takes.
    OptimizerCase("SGD", {"learning_rate": 0.1, "weight_decay": 0.05}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "weight_decay": 0.05}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "clipnorm": 0.1}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "clipvalue": 0.05}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.1}),
    OptimizerCase("RMSprop", {"learning_rate": 0.01, "global_clipnorm": 0.1}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.7}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 2}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2}),
    OptimizerCase("Adam", {"learning_rate": 0.02, "gradient_accumulation_steps": 3}),
    OptimizerCase("SGD", {"learning_rate": 0.1, "loss_scale_factor": 8.0}),
)
STEPS = 7

# ---- activations ----


@dataclass(frozen=True)
class ActivationCase:
    """One activation, with the part of the grid where it is finite."""

    part: str
    arguments: Arguments = field(default_factory=dict)
    largest: float = 1e9

    @property
    def name(self) -> str:
        return written(self.part, self.arguments)


ACTIVATIONS = (
    ActivationCase("linear"),
    ActivationCase("relu"),
    ActivationCase("relu", {"negative_slope": 0.1}),
    ActivationCase("relu", {"max_value": 2.25}),
    ActivationCase("relu", {"threshold": 0.75}),
    ActivationCase("relu", {"negative_slope": 0.1, "max_value": 2.25, "threshold": 0.75}),
    ActivationCase("relu6"),
    ActivationCase("leaky_relu"),
    ActivationCase("leaky_relu", {"negative_slope": 0.05}),
    ActivationCase("elu"),
    ActivationCase("elu", {"alpha": 0.5}),
    ActivationCase("selu"),
    ActivationCase("gelu"),
    ActivationCase("gelu", {"approximate": True}),
    ActivationCase("sigmoid"),
    ActivationCase("hard_sigmoid"),
    ActivationCase("tanh"),
    ActivationCase("softplus"),
    ActivationCase("softsign"),
    ActivationCase("silu"),
    ActivationCase("mish"),
    ActivationCase("exponential", largest=50.0),
    ActivationCase("softmax"),
    ActivationCase("softmax", {"axis": 0}),
    ActivationCase("log_softmax"),
)

# ---- metrics ----


@dataclass(frozen=True)
class MetricCase:
    """One metric, updated with several batches."""

    part: str
    targets: str
    head: str
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{written(self.part, self.arguments)} of {self.targets}, {self.head}"


METRICS = (
    MetricCase("BinaryAccuracy", "zeros and ones", "sigmoid"),
    MetricCase("BinaryAccuracy", "column of zeros and ones", "sigmoid"),
    MetricCase("BinaryAccuracy", "zeros and ones", "sigmoid", {"threshold": 0.3}),
    MetricCase("CategoricalAccuracy", "one-hot", "softmax"),
    MetricCase("SparseCategoricalAccuracy", "classes", "softmax"),
    MetricCase("SparseCategoricalAccuracy", "column of classes", "softmax"),
    MetricCase("MeanSquaredError", "real", "linear"),
    MetricCase("MeanAbsoluteError", "real", "linear"),
    MetricCase("MeanAbsolutePercentageError", "real", "linear"),
    MetricCase("MeanSquaredLogarithmicError", "positive", "softplus"),
    MetricCase("LogCoshError", "real", "linear"),
    MetricCase("SquaredHinge", "signs", "tanh"),
    MetricCase("Hinge", "zeros and ones", "tanh"),
    MetricCase("CategoricalHinge", "one-hot", "softmax"),
    MetricCase("BinaryCrossentropy", "zeros and ones", "sigmoid"),
    MetricCase("BinaryCrossentropy", "zeros and ones", "linear", {"from_logits": True, "label_smoothing": 0.2}),
    MetricCase("CategoricalCrossentropy", "one-hot", "softmax", {"label_smoothing": 0.1}),
    MetricCase("CategoricalCrossentropy", "one-hot", "linear", {"from_logits": True}),
    MetricCase("SparseCategoricalCrossentropy", "classes", "softmax"),
    MetricCase("SparseCategoricalCrossentropy", "column of classes", "linear", {"from_logits": True}),
)
# Sizes of the batches that a metric is updated with; the last is smaller, as at the end of an epoch.
METRIC_BATCHES = (5, 5, 2)


@dataclass(frozen=True)
class CompiledMetricsCase:
    """Metrics given to compile: by name, some twice, some weighted."""

    name: str
    targets: str
    head: str
    loss: str
    metrics: tuple[str, ...]
    weighted: tuple[str, ...] = ()


COMPILED_METRICS = (
    CompiledMetricsCase(
        "regression",
        "real",
        "linear",
        "mean_squared_error",
        ("mse", "mae", "MAPE", "mean_absolute_error", "MeanSquaredError", "LogCoshError"),
        ("mae", "mse"),
    ),
    CompiledMetricsCase(
        "counts",
        "positive",
        "softplus",
        "mean_squared_logarithmic_error",
        ("msle", "mean_absolute_percentage_error"),
        ("msle",),
    ),
    CompiledMetricsCase(
        "margins",
        "signs",
        "tanh",
        "squared_hinge",
        ("hinge", "squared_hinge", "mse"),
        ("hinge",),
    ),
    CompiledMetricsCase(
        "one column",
        "column of zeros and ones",
        "sigmoid",
        "binary_crossentropy",
        ("accuracy", "binary_accuracy", "binary_crossentropy", "mae"),
        ("accuracy", "bce"),
    ),
    CompiledMetricsCase(
        "several labels",
        "zeros and ones",
        "sigmoid",
        "binary_crossentropy",
        ("acc", "binary_accuracy"),
        ("acc",),
    ),
    CompiledMetricsCase(
        "one-hot",
        "one-hot",
        "softmax",
        "categorical_crossentropy",
        ("accuracy", "categorical_accuracy", "categorical_crossentropy", "categorical_hinge", "mse"),
        ("accuracy",),
    ),
    CompiledMetricsCase(
        "classes",
        "classes",
        "softmax",
        "sparse_categorical_crossentropy",
        ("accuracy", "sparse_categorical_accuracy", "sparse_categorical_crossentropy"),
        ("accuracy",),
    ),
    CompiledMetricsCase(
        "column of classes",
        "column of classes",
        "softmax",
        "sparse_categorical_crossentropy",
        ("acc",),
        (),
    ),
)

# ---- layers ----


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
    LayerCase("Dropout", {"rate": 0.4}, (5, 4)),
    LayerCase("Dropout", {"rate": 0.4, "noise_shape": (None, 1), "seed": 3}, (5, 4)),
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

# ---- three epochs of training ----


@dataclass(frozen=True)
class TrainingCase:
    """A model, its data and how it is fitted, three epochs without shuffling."""

    name: str
    optimizer: str
    optimizer_arguments: Arguments
    columns: int
    units: tuple[int, int]
    head: str
    targets: str
    loss: str
    samples: int
    fit: Arguments
    class_weight: Mapping[int, float] | None = None
    weighted: bool = False


AVENGERS: Arguments = {
    "columns": 100,
    "units": (32, 1),
    "head": "sigmoid",
    "targets": "column of zeros and ones",
    "loss": "binary_crossentropy",
    "samples": 500,
}
SOFTMAX: Arguments = {
    "columns": 20,
    "units": (16, 10),
    "head": "softmax",
    "targets": "classes",
    "loss": "sparse_categorical_crossentropy",
    "samples": 333,
}
# Learning rates at which three epochs move the weights well away from where they began.
LEARNING_RATES = {"SGD": 0.1, "RMSprop": 0.003, "Adam": 0.003, "Adamax": 0.003, "Adagrad": 0.03}
EPOCHS = 3
SPLIT: Arguments = {"batch_size": 32, "validation_split": 0.2}

TRAININGS = tuple(
    TrainingCase(f"{model}, {optimizer}", optimizer, {"learning_rate": rate}, fit=SPLIT, **arguments)
    for model, arguments in (("avengers", AVENGERS), ("softmax", SOFTMAX))
    for optimizer, rate in LEARNING_RATES.items()
) + (
    TrainingCase("avengers, defaults", "RMSprop", {}, fit={"validation_split": 0.2}, **AVENGERS),
    TrainingCase(
        "avengers, class weights",
        "RMSprop",
        {"learning_rate": 0.003},
        fit=SPLIT,
        class_weight={0: 0.5, 1: 2.0},
        **AVENGERS,
    ),
    TrainingCase("avengers, sample weights", "Adam", {"learning_rate": 0.003}, fit=SPLIT, weighted=True, **AVENGERS),
    TrainingCase(
        "softmax, class weights", "Adam", {"learning_rate": 0.003}, fit=SPLIT, class_weight={0: 3.0, 7: 0.25}, **SOFTMAX
    ),
    TrainingCase("softmax, sample weights", "SGD", {"learning_rate": 0.1}, fit=SPLIT, weighted=True, **SOFTMAX),
    TrainingCase(
        "softmax, averaged weights",
        "SGD",
        {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9},
        fit=SPLIT,
        **SOFTMAX,
    ),
    TrainingCase("softmax, one batch", "SGD", {"learning_rate": 0.1}, fit={"batch_size": 1000}, **SOFTMAX),
)

# ---- signatures ----

# Methods of a model whose arguments and defaults users type.
MODEL_METHODS = (
    "compile",
    "fit",
    "evaluate",
    "predict",
    "train_on_batch",
    "test_on_batch",
    "predict_on_batch",
    "summary",
    "get_layer",
)
# Parts of this stage that no table above names: module -> names.
OTHER_PARTS: Mapping[str, tuple[str, ...]] = {
    "layers": ("Input", "InputLayer"),
    "callbacks": ("Callback", "History", "EarlyStopping", "LambdaCallback", "TerminateOnNaN"),
    "losses": (
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "squared_hinge",
        "hinge",
        "categorical_hinge",
        "log_cosh",
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
    ),
    "metrics": ("Mean",),
    "models": ("Sequential",),
}


def parts() -> dict[str, tuple[str, ...]]:
    """Every part that some case names, by module, sorted and once."""
    tables = {
        "losses": LOSSES,
        "optimizers": OPTIMIZERS,
        "activations": ACTIVATIONS,
        "metrics": METRICS,
        "layers": LAYERS,
    }
    named = {module: {case.part for case in table} for module, table in tables.items()}
    for module, others in OTHER_PARTS.items():
        named[module] = named.get(module, set()) | set(others)
    return {module: tuple(sorted(names)) for module, names in sorted(named.items())}
