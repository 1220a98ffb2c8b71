from typing import Any

from kmagic.activations import registry
from kmagic.base.parameters import NonNegative
from kmagic.graph.load import ops


@registry.register(tags=("non-negative",))
def relu(
    x: Any, negative_slope: NonNegative = 0.0, max_value: NonNegative | None = None, threshold: NonNegative = 0.0
) -> Any:
    """Rectified linear unit: negative values become 0; the slope at 0 is 0 (1 where negative values have a slope).

    Formula: f(x) = x for x > threshold, else negative_slope·(x − threshold); at most max_value

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in relu([-1.0, 0.0, 2.0])]
    [0.0, 0.0, 2.0]

    Source: V. Nair and G. Hinton, ICML 2010
    """
    if max_value is None and threshold == 0:
        return ops.where(x >= 0, x, negative_slope * x) if negative_slope else ops.relu(x)
    kept = ops.relu(x) if threshold == 0 else ops.where(x > threshold, x, 0)
    bounded = kept if max_value is None else ops.clip(kept, 0, max_value)
    return bounded - negative_slope * ops.relu(threshold - x) if negative_slope else bounded
