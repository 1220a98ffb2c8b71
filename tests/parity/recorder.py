"""The recording of every area with Keras, in an environment that has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import autodiff, comparison, recording, tolerances
from .area import Area
from .experiments import AREAS

VERSION = "3.15.1"


def record(floatx: str, names: Sequence[str]) -> None:
    """Write the results of the named areas of one precision, or of all."""
    import keras

    if keras.__version__ != VERSION:
        raise RuntimeError(f"Recorded values come from Keras {VERSION}, this is {keras.__version__}.")
    engine = keras.config.backend()
    keras.config.set_floatx(floatx)
    keep_float64()
    for area in AREAS.values():
        if area.floatx == floatx and engine in area.engines and area.name in (names or AREAS):
            keras.utils.set_random_seed(1)
            recording.write(engine, area.name, checked(keras, area))
            print(f"{engine}: {area.name}", flush=True)


def keep_float64() -> None:
    """Let Keras compute in float64 where it is told to, with every engine.

    On JAX and torch it turns float64 into float32 wherever it works out the dtype of a result (in matmul and tanh,
    among others), also under `set_floatx("float64")`. That rule is one entry of one table; nothing else is touched, and
    both engines then agree to 1e-9.
    """
    from keras.src.backend.common import dtypes

    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def checked(keras: Any, area: Area) -> Iterable[tuple[str, dict[str, Any]]]:
    """An area's results; gradients are checked against the engine's own differentiation, whose values are kept."""
    differentiate = autodiff.DIFFERENTIATED.get(area.name)
    for case in area.cases:
        results = area.run(keras, case)
        if differentiate:
            exact = differentiate(keras, case)
            for field, expected in exact.items():
                faults = comparison.array_faults(results[field], expected, tolerances.AREAS[area.name])
                if faults:
                    raise AssertionError(f"{area.name}, {case.name}, {field}: {faults}")
            results |= exact
        yield case.name, {field: standard(value) for field, value in results.items()}


def standard(value: Any) -> Any:
    """Arrays as plain NumPy ones with a dtype that files keep."""
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else value
