"""Class numbers as one-hot rows."""

from typing import Any

import numpy as np

from kmagic.base.errors import BadData


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows with 1 at the place of the class and 0 elsewhere; a last axis of size 1 goes.

    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    labels = np.asarray(x, dtype="int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels.reshape(labels.shape[:-1])
    count = int(labels.max()) + 1 if num_classes is None else num_classes
    if labels.size and (labels.min() < 0 or labels.max() >= count):
        raise BadData(f"class {labels.max() if labels.max() >= count else labels.min()}", expected=f"0 … {count - 1}")
    return np.eye(count)[labels]
