"""What an activation can give, by which rules know what an output can reach."""

import math

import pytest

from kmagic.models.diagnosis.rules.ranges import reach

INF = math.inf


@pytest.mark.parametrize(
    ("activation", "low", "high"),
    [
        ("sigmoid", 0, 1),
        ("softmax", 0, 1),
        ("tanh", -1, 1),
        ("softsign", -1, 1),
        ("relu", 0, INF),
        ("softplus", 0, INF),
        ("exponential", 0, INF),
        ("relu6", 0, 6),
        ("elu", -1, INF),
        ("linear", -INF, INF),
        ("leaky_relu", -INF, INF),
        ("log_softmax", -INF, 0),
    ],
)
def test_reach(activation: str, low: float, high: float) -> None:
    assert reach(activation) == pytest.approx((low, high), abs=2e-3)
