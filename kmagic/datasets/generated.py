"""Data drawn from a seed."""

import numpy as np

from kmagic.base.parameters import Bound
from kmagic.datasets.split import Split, split

FEATURES = 100
CURVE = 0.5
NOISE = 0.2


def avengers(samples: int = 10_000, seed: int = 0) -> Split:
    """Heroes described by 100 measures, and whether each is an Avenger: made up, learnable, never perfectly.

    Formula: y = 1 if a·x + ½ (|b·x| − √(2/π)) + ⅕ ε > 0 else 0

    x: 100 independent standard normal measures; a, b: two directions at a right angle, drawn from the seed; ε: standard
    normal noise. √(2/π) is the mean of |b·x| and keeps both classes about equally frequent. Who knows a and b is right
    94 times in 100; a straight line misses the part with b.

    Shapes: x float32 (rows, 100), y int64 (rows,) with values 0 and 1; a fifth of each class is the test part.

    Example:

    >>> (x, y), (x_test, y_test) = avengers(samples=1000)
    >>> x.shape, x_test.shape, y.dtype
    ((801, 100), (199, 100), dtype('int64'))
    """
    Bound(at_least=10, whole=True).check(samples, name="samples", where="avengers")
    random = np.random.default_rng(seed)
    a, b = np.linalg.qr(random.standard_normal((FEATURES, 2)))[0].T
    x = random.standard_normal((samples, FEATURES), dtype=np.float32)
    noise = random.standard_normal(samples)
    score = x @ a + CURVE * (np.abs(x @ b) - np.sqrt(2 / np.pi)) + NOISE * noise
    return split(x, (score > 0).astype(np.int64))
