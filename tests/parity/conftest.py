"""Parity: Keras and kmagic compute the same also where kmagic would advise against it."""

import warnings
from collections.abc import Iterator

import pytest

from kmagic.base.policies import set_dtype_policy
from kmagic.models.diagnosis.finding import DiagnosisWarning


@pytest.fixture(autouse=True)
def without_advice() -> Iterator[None]:
    """Scenarios are made to compare arithmetic, not to learn something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DiagnosisWarning)
        yield


@pytest.fixture(autouse=True)
def without_policy() -> Iterator[None]:
    """A policy that a scenario sets for all layers counts before floatx, which others set."""
    yield
    set_dtype_policy(None)
