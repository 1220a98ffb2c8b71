"""What `adapt` takes: one array of rows, or batches one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from kmagic.base.errors import BadData


def is_one_batch(data: Any) -> bool:
    """Whether data are an array, a table or a list of rows, and no batches."""
    return hasattr(data, "__array__") or isinstance(data, list | tuple | str | bytes)


def batches_of(data: Any, steps: int | None, where: str) -> Iterator[Any]:
    """Batches that are given one after the other, `steps` of them at most; inputs only where targets come too."""
    if hasattr(data, "num_batches"):
        data = (data[number] for number in range(data.num_batches))
    if not isinstance(data, Iterable) and not hasattr(data, "__getitem__"):
        raise BadData(f"data is a {type(data).__name__}", where=where, expected="an array, or batches of arrays")
    return itertools.islice((_inputs(batch) for batch in data), steps)


def _inputs(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple) and batch and hasattr(batch[0], "shape") else batch
