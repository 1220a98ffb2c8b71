"""Small trainings to watch: data, models, and a run that nothing but the watch looks at."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.layers import Input, Layer
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Finding
from kmagic.training.run import Run

Data = tuple[np.ndarray, np.ndarray]


Training = Callable[[], tuple[Model, Any, dict[str, Any]]]


def regression(rows: int = 400, scale: float = 1.0, noise: float = 0.1, columns: int = 6, seed: int = 0) -> Data:
    generator = np.random.default_rng(seed)
    x = scale * generator.normal(size=(rows, columns))
    y = (2 * x[:, 0] - x[:, 1]) / scale + noise * generator.normal(size=rows)
    return x.astype("float32"), y.astype("float32")


def classes(rows: int = 400, noise: float = 0.3, columns: int = 8, seed: int = 0) -> Data:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, columns)).astype("float32")
    return x, (x[:, :3].sum(1) + noise * generator.normal(size=rows) > 0).astype("float32")


def sequential(columns: int, *layers: Layer, optimizer: Any = "adam", loss: Any = "mse") -> Sequential:
    model = Sequential([Input((columns,)), *layers])
    model.compile(optimizer, loss, validate=False)
    return model


def watched(model: Model, data: Any, **options: Any) -> Run:
    """A run that is over, and that nothing but the watch looks at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rules that look before training
        return model.fit_async(*data, **{"verbose": 0, "validate": "warn", **options}).wait()


def codes(run: Run) -> list[str]:
    return [finding.code for finding in run.findings]


def finding_of(run: Run, code: str) -> Finding:
    return next(finding for finding in run.findings if finding.code == code)
