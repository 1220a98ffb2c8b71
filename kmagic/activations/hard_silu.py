from typing import Any

from kmagic.activations import registry
from kmagic.graph.load import ops


@registry.register("hard_swish", tags=("unbounded",))
def hard_silu(x: Any) -> Any:
    """SiLU made of straight lines and a parabola, also called hard swish.

    Formula: f(x) = x·min(max(x + 3, 0), 6) / 6

    Shapes: [*d] -> [*d]

    Example:

    >>> [float(v) for v in hard_silu([-1.5, 0.0, 3.0])]
    [-0.375, 0.0, 3.0]

    Source: A. Howard et al., Searching for MobileNetV3, ICCV 2019
    """
    return ops.hard_silu(x)
