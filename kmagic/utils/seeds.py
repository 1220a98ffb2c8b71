"""One seed for everything."""

import random

import numpy as np

from kmagic.graph.seed import set_global_seed


def set_random_seed(seed: int) -> None:
    """Seed Python, NumPy and kmagic: after it, the same code gives the same weights, shuffles and masks, bit for bit.

    >>> set_random_seed(7)
    """
    set_global_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - what scripts that use the old interface draw from
