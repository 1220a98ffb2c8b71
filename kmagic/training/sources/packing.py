"""What a step gets as its `data`: inputs, targets and weights of samples, packed and unpacked as in Keras."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadData


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Inputs, targets and weights as one value: `x` alone, `(x, y)` or `(x, y, sample_weight)`.

    Inputs that are a list or a tuple are packed also if they are alone, so that nobody takes them for x and y.

    >>> pack_x_y_sample_weight(1), pack_x_y_sample_weight([1]), pack_x_y_sample_weight(1, 2)
    (1, ([1],), (1, 2))
    """
    if y is None and sample_weight is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of the samples of a batch, None for those that are not there.

    >>> unpack_x_y_sample_weight((1, 2)), unpack_x_y_sample_weight(1)
    ((1, 2, None), (1, None, None))
    """
    parts = tuple(data) if isinstance(data, list | tuple) else (data,)
    if not 1 <= len(parts) <= 3:
        raise BadData(
            f"a batch of {len(parts)} parts",
            where="unpack_x_y_sample_weight",
            expected="Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`",
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight
