"""Small data that a model can learn, for cases about the data themselves: tables, pictures and number series."""

import numpy

from kmagic import Model, Sequential
from kmagic.layers import Dense, Flatten, Input, Rescaling
from kmagic.optimizers import Adam

Arrays = tuple[numpy.ndarray, numpy.ndarray]


def measures(seed: int, rows: int = 200, columns: int = 4) -> Arrays:
    """A table of standardised numbers, and a number that depends on it."""
    generator = numpy.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)).astype("float32")
    y = x @ numpy.linspace(1, -1, columns) + 0.1 * generator.normal(size=rows)
    return x, y.astype("float32")


def kinds(seed: int, rows: int = 200, classes: int = 3, columns: int = 4) -> Arrays:
    """A table of standardised numbers, and the class that each row belongs to, in random order."""
    generator = numpy.random.default_rng(seed)
    y = generator.permutation(numpy.arange(rows) % classes)
    centres = generator.normal(size=(classes, columns)) * 1.5
    return (centres[y] + 0.6 * generator.normal(size=(rows, columns))).astype("float32"), y


def pictures(seed: int, rows: int = 120, side: int = 6, channels: int = 1) -> Arrays:
    """Pictures of 0 … 255, brighter on the left or on the right, and which."""
    generator = numpy.random.default_rng(seed)
    y = generator.permutation(numpy.arange(rows) % 2)
    x = generator.integers(0, 256, (rows, side, side, channels))
    ramp = numpy.linspace(0, 1, side)[None, None, :, None]
    x = x * numpy.where(y[:, None, None, None] == 1, ramp, 1 - ramp)
    x[0, 0, 0, 0], x[1, 0, 0, 0] = 255, 0
    return x.astype("uint8"), y


def regressor(columns: int = 4) -> Sequential:
    """One hidden layer and a number."""
    return Sequential([Input((columns,)), Dense(8, "relu"), Dense(1)])


def classifier(classes: int = 3, columns: int = 4) -> Sequential:
    """One hidden layer and a probability for each class."""
    return Sequential([Input((columns,)), Dense(8, "relu"), Dense(classes, "softmax")])


def viewer(side: int = 6, channels: int = 1, scale: float | None = 1 / 255) -> Sequential:
    """Pictures in, a probability out."""
    scaled = [Rescaling(scale)] if scale else []
    return Sequential([Input((side, side, channels)), *scaled, Flatten(), Dense(8, "relu"), Dense(1, "sigmoid")])


def joined(columns: int = 4, units: int = 1, head: str | None = None) -> Model:
    """A functional model."""
    inputs = Input((columns,))
    return Model(inputs, Dense(units, head)(Dense(8, "tanh")(inputs)))


def numbers_recipe(rate: float = 0.01) -> dict[str, object]:
    """The usual choice for numbers."""
    return {"optimizer": Adam(rate), "loss": "mse", "metrics": ["mae"]}


def classes_recipe(rate: float = 0.01) -> dict[str, object]:
    """The usual choice for class numbers."""
    return {"optimizer": Adam(rate), "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}


def binary_recipe(rate: float = 0.01) -> dict[str, object]:
    """The usual choice for yes and no."""
    return {"optimizer": Adam(rate), "loss": "binary_crossentropy", "metrics": ["accuracy"]}
