"""What Keras refuses, kmagic refuses with an error that the same `except` catches."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import named, results
from .experiments import AREAS


@pytest.mark.parametrize("case", AREAS["refusals"].cases, ids=named)
def test_errors_are_caught_as_keras_users_catch_them(case: Any) -> None:
    got, expected = results("refusals", case)
    assert expected["raised"], "Keras does not refuse this"
    assert set(expected["raised"]) <= set(got["raised"])
