"""Variance scaling: the spread of the first weights follows the number of inputs and outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from kmagic.base.parameters import Positive
from kmagic.graph.draw import normal, truncated_normal, uniform
from kmagic.graph.seed import SeedGenerator
from kmagic.initializers import registry
from kmagic.initializers.initializer import RandomInitializer

# the standard deviation of a normal distribution cut at two standard deviations
_TRUNCATED = 0.87962566103423978


@registry.register()
class VarianceScaling(RandomInitializer):
    """Weights whose variance is a scale divided by the number of inputs, outputs, or their mean.

    Formula: s = scale / max(1, fan); uniform: w ~ U(−√(3s), √(3s)); untruncated_normal: w ~ N(0, s);
    truncated_normal: as that, cut at two standard deviations and widened so that the variance is s

    Symbols: fan: inputs (fan_in), outputs (fan_out) or their mean (fan_avg); of a kernel [*window in out] the window
    counts in both

    Example:

    >>> w = VarianceScaling(scale=2.0, mode="fan_in", distribution="uniform", seed=0)((3, 5))
    >>> bool(abs(w).max() <= math.sqrt(3 * 2.0 / 3))
    True

    Source: K. He et al., ICCV 2015; X. Glorot and Y. Bengio, AISTATS 2010
    """

    def __init__(
        self,
        scale: Positive = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal["normal", "truncated_normal", "untruncated_normal", "uniform"] = "truncated_normal",
        seed: int | SeedGenerator | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        self.scale, self.mode = scale, mode
        self.distribution = "truncated_normal" if distribution == "normal" else distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        fans = fans_of(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fans[0], "fan_out": fans[1], "fan_avg": sum(fans) / 2}[self.mode]
        s = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * s)
            return uniform(shape, -limit, limit, dtype, self.source)
        if self.distribution == "truncated_normal":
            return truncated_normal(shape, 0.0, math.sqrt(s) / _TRUNCATED, dtype, self.source)
        return normal(shape, 0.0, math.sqrt(s), dtype, self.source)


def fans_of(
    shape: tuple[int, ...], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[float, float]:
    """How many inputs and outputs each unit of a weight has; given axes count instead of the usual ones.

    >>> fans_of((3, 3, 8, 16))
    (72, 144)
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


class Scaled(VarianceScaling):
    """Base of the named cases of variance scaling: `rule` is scale, mode and distribution."""

    rule: tuple[Any, Any, Any]

    def __init__(
        self,
        seed: int | SeedGenerator | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.rule, seed, input_axes, output_axes)


@registry.register("xavier_uniform")
class GlorotUniform(Scaled):
    """Uniform weights scaled by the mean of inputs and outputs.

    Formula: w ~ U(−a, a), a = √(6 / (in + out))

    Example:

    >>> GlorotUniform(seed=0)((4, 2)).shape
    (4, 2)

    Source: X. Glorot and Y. Bengio, AISTATS 2010, equation 16
    """

    rule = (1.0, "fan_avg", "uniform")


@registry.register("xavier_normal")
class GlorotNormal(Scaled):
    """Truncated normal weights scaled by the mean of inputs and outputs.

    Formula: w ~ N(0, s²) cut at 2s, s = √(2 / (in + out))

    Example:

    >>> GlorotNormal(seed=0)((4, 2)).shape
    (4, 2)

    Source: X. Glorot and Y. Bengio, AISTATS 2010, equation 16
    """

    rule = (1.0, "fan_avg", "truncated_normal")


@registry.register("kaiming_uniform")
class HeUniform(Scaled):
    """Uniform weights scaled by the inputs.

    Formula: w ~ U(−a, a), a = √(6 / in)

    Example:

    >>> HeUniform(seed=0)((4, 2)).shape
    (4, 2)

    Source: K. He et al., ICCV 2015, equation 10
    """

    rule = (2.0, "fan_in", "uniform")


@registry.register("kaiming_normal")
class HeNormal(Scaled):
    """Truncated normal weights scaled by the inputs.

    Formula: w ~ N(0, s²) cut at 2s, s = √(2 / in)

    Example:

    >>> HeNormal(seed=0)((4, 2)).shape
    (4, 2)

    Source: K. He et al., ICCV 2015, equation 10
    """

    rule = (2.0, "fan_in", "truncated_normal")


@registry.register()
class LecunUniform(Scaled):
    """Uniform weights scaled by the inputs.

    Formula: w ~ U(−a, a), a = √(3 / in)

    Example:

    >>> LecunUniform(seed=0)((4, 2)).shape
    (4, 2)

    Source: Y. LeCun et al., Efficient BackProp, 1998, equation 16
    """

    rule = (1.0, "fan_in", "uniform")


@registry.register()
class LecunNormal(Scaled):
    """Truncated normal weights scaled by the inputs.

    Formula: w ~ N(0, s²) cut at 2s, s = √(1 / in)

    Example:

    >>> LecunNormal(seed=0)((4, 2)).shape
    (4, 2)

    Source: Y. LeCun et al., Efficient BackProp, 1998, equation 16
    """

    rule = (1.0, "fan_in", "truncated_normal")
