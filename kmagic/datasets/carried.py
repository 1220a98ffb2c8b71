"""Real data that travel with the package, read from `files/`."""

from importlib.resources import as_file, files

import numpy as np

from kmagic.datasets.split import Part, Split, split


def digits() -> Split:
    """Handwritten digits: grey images and which digit each shows.

    1797 images of 8 × 8 pixels, each a number from 0 (paper) to 16 (ink); ten classes, about 180 images each.

    Shapes: x uint8 (rows, 8, 8), y int64 (rows,) with values 0 to 9; 1442 training and 355 test rows.

    Example:

    >>> (x, y), (x_test, y_test) = digits()
    >>> x.shape, x.dtype, y[:5]
    ((1442, 8, 8), dtype('uint8'), array([5, 7, 8, 5, 1]))

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, CC BY 4.0 (its test file).
    """
    images, labels = _read("digits")
    return split(images, labels)


def breast_cancer() -> Split:
    """Breast cancer, Wisconsin (diagnostic): cell nuclei measured under the microscope, and whether the mass is benign.

    569 patients, 212 malignant (0) and 357 benign (1). Ten properties of the nuclei (radius, texture, perimeter, area,
    smoothness, compactness, concavity, concave points, symmetry, fractal dimension), each as mean (columns 0 to 9),
    standard error (10 to 19) and worst value (20 to 29). The columns differ in size by a factor of a hundred thousand:
    scale them, e.g. with a `Normalization` layer.

    Shapes: x float64 (rows, 30), y int64 (rows,) with values 0 and 1; 456 training and 113 test rows.

    Example:

    >>> (x, y), (x_test, y_test) = breast_cancer()
    >>> x.shape, len(y_test), int(y_test.sum())
    ((456, 30), 113, 71)

    Source: W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine
    Learning Repository, 1993, https://doi.org/10.24432/C5DW2B, CC BY 4.0.
    """
    measures, labels = _read("breast_cancer")
    return split(measures, labels)


def _read(name: str) -> Part:
    with (
        as_file(files("kmagic.datasets") / "files" / f"{name}.npz") as path,
        np.load(path, allow_pickle=False) as arrays,
    ):
        return arrays["x"], arrays["y"].astype(np.int64)
