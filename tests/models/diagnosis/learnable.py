"""Small data that a small model learns in a few steps, in the shapes that cases need."""

import numpy

Array = numpy.ndarray


def points(rows: int, classes: int, features: int = 4, seed: int = 0) -> tuple[Array, Array]:
    """Points around one centre a class, and the class numbers in random order."""
    generator = numpy.random.default_rng(seed)
    numbers = generator.permutation(numpy.arange(rows) % classes)
    centres = generator.normal(size=(classes, features)) * 1.5
    return centres[numbers] + 0.4 * generator.normal(size=(rows, features)), numbers


def quantities(rows: int, columns: int = 1, features: int = 4, seed: int = 0) -> tuple[Array, Array]:
    """Normal features, and columns of linear quantities of them."""
    generator = numpy.random.default_rng(seed)
    x = generator.normal(size=(rows, features))
    return x, x @ generator.normal(size=(features, columns)) + 0.05 * generator.normal(size=(rows, columns))


def labels(rows: int, count: int, features: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Normal features, and `count` independent labels of 0 and 1 a row."""
    x, values = quantities(rows, count, features, seed)
    return x, (values > 0).astype(int)


def places(rows: int, shape: tuple[int, ...], classes: int, seed: int = 0) -> tuple[Array, Array]:
    """Grids of points, and the class number of each place."""
    size = int(numpy.prod(shape))
    x, numbers = points(rows * size, classes, 4, seed)
    return x.reshape(rows, *shape, 4), numbers.reshape(rows, *shape)
