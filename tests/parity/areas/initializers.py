"""Initializers: values of those that draw nothing; configurations, scale and repetition of those that draw."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..area import Area, Arguments, Library, Results, written
from ..reading import config_of, numpy_of


@dataclass(frozen=True)
class InitializerCase:
    """One initializer and the weight it fills."""

    part: str
    shape: tuple[int, ...]
    arguments: Arguments = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{written(self.part, self.arguments)} of {self.shape}"


# Keras takes windows by name from scipy, which is not installed beside both engines.
RAMP = (0.125, 0.25, 0.5, 1.0, 1.0, 0.5, 0.25)
FIXED = (
    InitializerCase("Zeros", (3, 2)),
    InitializerCase("Ones", (2, 3, 2)),
    InitializerCase("Constant", (3,)),
    InitializerCase("Constant", (3, 2), {"value": -2.5}),
    InitializerCase("Constant", (3, 2), {"value": [1.0, 2.0]}),
    InitializerCase("Identity", (3, 3)),
    InitializerCase("Identity", (2, 4), {"gain": 0.5}),
    InitializerCase("Identity", (4, 2)),
    InitializerCase("STFT", (7, 1, 5), {"window": RAMP}),
    InitializerCase("STFT", (7, 1, 5), {"window": RAMP, "side": "imag"}),
    InitializerCase("STFT", (7, 1, 9), {"window": RAMP, "scaling": "spectrum"}),
    InitializerCase("STFT", (7, 1, 3), {"window": RAMP, "scaling": None}),
    InitializerCase("STFT", (8, 1, 5), {"window": None}),
    InitializerCase("STFT", (8, 1, 5), {"window": None, "side": "imag", "scaling": None, "periodic": True}),
)
SCALED = ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")
LARGE = (60, 80)
DRAWN = (
    InitializerCase("RandomNormal", LARGE, {"mean": 1.0, "stddev": 0.5, "seed": 1}),
    InitializerCase("RandomUniform", LARGE, {"minval": -2.0, "maxval": 3.0, "seed": 1}),
    InitializerCase("TruncatedNormal", LARGE, {"stddev": 0.5, "seed": 1}),
    InitializerCase("Orthogonal", LARGE, {"seed": 1}),
    InitializerCase("Orthogonal", (60, 40), {"gain": 2.0, "seed": 1}),
    *(InitializerCase(part, LARGE, {"seed": 1}) for part in SCALED),
    *(InitializerCase(part, (3, 4, 20, 10), {"seed": 1}) for part in SCALED),
    InitializerCase("GlorotUniform", (8, 20, 30), {"seed": 1, "input_axes": (0, 1), "output_axes": (2,)}),
    InitializerCase("HeNormal", (2000,), {"seed": 1}),
    InitializerCase("VarianceScaling", LARGE, {"seed": 1}),
    InitializerCase("VarianceScaling", LARGE, {"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 1}),
    InitializerCase("VarianceScaling", LARGE, {"mode": "fan_avg", "distribution": "untruncated_normal", "seed": 1}),
    InitializerCase("VarianceScaling", LARGE, {"distribution": "normal", "seed": 1}),
)


def fixed_values(library: Library, case: InitializerCase) -> Results:
    """What is filled in, and the configuration."""
    made = getattr(library.initializers, case.part)(**case.arguments)
    return {"values": numpy_of(made(case.shape)), "config": config_of(made)}


def drawn_values(library: Library, case: InitializerCase) -> Results:
    """What two engines share of numbers that each draws itself: how far they spread, and that they repeat."""
    made = getattr(library.initializers, case.part)(**case.arguments)
    values = numpy_of(made(case.shape))
    return {
        "config": config_of(made),
        "shape": list(values.shape),
        "dtype": str(values.dtype),
        "same again": bool(np.array_equal(values, numpy_of(made(case.shape)))),
        "spread": values.std(keepdims=True).ravel(),
    }


AREAS = (Area("fixed initializers", FIXED, fixed_values), Area("drawn initializers", DRAWN, drawn_values))
