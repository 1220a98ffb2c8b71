"""Parity: Keras and kmagic compute the same also where kmagic would advise against it."""

import warnings
from collections.abc import Iterator

import pytest

from kmagic.models.diagnosis.finding import DiagnosisWarning


@pytest.fixture(autouse=True)
def without_advice() -> Iterator[None]:
    """Scenarios are made to compare arithmetic, not to learn something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DiagnosisWarning)
        yield
