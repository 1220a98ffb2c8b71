"""Arrays scaled to length 1."""

from typing import Any

import numpy as np


def normalize(x: Any, axis: int = -1, order: float = 2) -> np.ndarray[Any, Any]:
    """Each vector along `axis` divided by its norm of the given order; vectors of zeros stay.

    Formula: y = x / ‖x‖

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    values = np.asarray(x)
    norm = np.linalg.norm(values, order, axis, keepdims=True)
    scaled: np.ndarray[Any, Any] = values / np.where(norm == 0, 1, norm)
    return scaled
