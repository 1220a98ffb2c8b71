"""Optimizers against their formulas, step by step in NumPy float64."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue
from kmagic.graph.variable import Variable
from kmagic.optimizers import SGD, Adagrad, Adam, Adamax, Optimizer, RMSprop

GRADIENTS = np.random.default_rng(51).normal(size=(6, 4))
START = np.linspace(-1, 1, 4)
# the learning rate is kept in float32
RATE = float(np.float32(0.1))


def steps(optimizer: Optimizer) -> np.ndarray:
    weight = Variable(START.copy())
    for gradient in GRADIENTS:
        optimizer.apply([gradient], [weight])
    return weight.numpy()


def sgd(momentum: float = 0.0, nesterov: bool = False) -> np.ndarray:
    w, m = START.copy(), np.zeros(4)
    for g in GRADIENTS:
        m = momentum * m - RATE * g
        w = w + (momentum * m - RATE * g if nesterov else m)
    return w


def rmsprop(rho: float, momentum: float = 0.0, centered: bool = False) -> np.ndarray:
    w, v, a, m = START.copy(), np.zeros(4), np.zeros(4), np.zeros(4)
    for g in GRADIENTS:
        v, a = rho * v + (1 - rho) * g * g, rho * a + (1 - rho) * g
        m = momentum * m + RATE * g / np.sqrt(v - (a * a if centered else 0) + 1e-7)
        w = w - m
    return w


def adam(amsgrad: bool = False) -> np.ndarray:
    w, m, v, largest = START.copy(), np.zeros(4), np.zeros(4), np.zeros(4)
    for t, g in enumerate(GRADIENTS, 1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g * g
        largest = np.maximum(largest, v)
        w = w - RATE * np.sqrt(1 - 0.9**t) / (1 - 0.8**t) * m / (np.sqrt(largest if amsgrad else v) + 1e-7)
    return w


def adamax() -> np.ndarray:
    w, m, u = START.copy(), np.zeros(4), np.zeros(4)
    for t, g in enumerate(GRADIENTS, 1):
        m, u = 0.8 * m + 0.2 * g, np.maximum(0.9 * u, abs(g))
        w = w - RATE * m / ((1 - 0.8**t) * (u + 1e-7))
    return w


def adagrad() -> np.ndarray:
    return START - sum(
        RATE * g / np.sqrt(0.1 + (GRADIENTS[: t + 1] ** 2).sum(0) + 1e-7) for t, g in enumerate(GRADIENTS)
    )


BETAS = {"beta_1": 0.8, "beta_2": 0.9}
CASES: list[tuple[Optimizer, np.ndarray]] = [
    (SGD(0.1), sgd()),
    (SGD(0.1, momentum=0.9), sgd(0.9)),
    (SGD(0.1, momentum=0.9, nesterov=True), sgd(0.9, True)),
    (RMSprop(0.1, rho=0.8), rmsprop(0.8)),
    (RMSprop(0.1, rho=0.8, momentum=0.5), rmsprop(0.8, 0.5)),
    (RMSprop(0.1, rho=0.8, centered=True), rmsprop(0.8, centered=True)),
    (Adam(0.1, **BETAS), adam()),
    (Adam(0.1, amsgrad=True, **BETAS), adam(True)),
    (Adamax(0.1, **BETAS), adamax()),
    (Adagrad(0.1), adagrad()),
]


@pytest.mark.parametrize(
    ("optimizer", "expected"), CASES, ids=lambda case: repr(case) if hasattr(case, "apply") else ""
)
def test_formula(optimizer: Optimizer, expected: np.ndarray) -> None:
    np.testing.assert_allclose(steps(optimizer), expected, rtol=1e-6)


def test_a_users_rule_equals_the_built_in_one() -> None:
    class Own(Optimizer):
        """Momentum, written by a user."""

        def build(self, variables: Any) -> None:
            super().build(variables)
            self.pace = self.add_optimizer_variables(variables, "pace")

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            pace = self.pace[self._get_variable_index(variable)]
            pace.assign(0.9 * pace - learning_rate * ops.cast(gradient, variable.dtype))
            variable.assign_add(pace)

    np.testing.assert_allclose(steps(Own(0.1)), steps(SGD(0.1, momentum=0.9)), rtol=1e-12)


def test_clipping() -> None:
    def first(gradients: list[np.ndarray], **options: float) -> list[np.ndarray]:
        weights = [Variable(np.zeros_like(g)) for g in gradients]
        SGD(1.0, **options).apply(gradients, weights)
        return [-w.numpy() for w in weights]

    a, b = np.array([3.0, 4.0]), np.array([0.0, 12.0])
    for found, expected in (
        (first([a, b], clipvalue=3.5), [[3, 3.5], [0, 3.5]]),
        (first([a, b], clipnorm=10.0), [[3, 4], [0, 10]]),
        # the norm of both together is 13
        (first([a, b], global_clipnorm=6.5), [[1.5, 2], [0, 6]]),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    with pytest.raises(BadValue, match="clipnorm and clipvalue are both set"):
        SGD(clipnorm=1.0, clipvalue=1.0)


def test_weight_decay_and_what_is_left_out() -> None:
    weights = [Variable(np.ones(1), name=name, path=name) for name in ("kernel", "bias")]
    optimizer = SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([np.zeros(1), np.zeros(1)], weights)
    np.testing.assert_allclose([w.numpy()[0] for w in weights], [1 - 0.5 * RATE, 1.0], rtol=1e-9)


def test_gradients_that_accumulate() -> None:
    weight = Variable(np.zeros(1))
    optimizer = SGD(0.1, gradient_accumulation_steps=2)
    optimizer.apply([np.array([2.0])], [weight])
    assert weight.numpy()[0] == 0 and int(optimizer.iterations) == 0
    optimizer.apply([np.array([4.0])], [weight])
    assert weight.numpy()[0] == pytest.approx(-RATE * 3) and int(optimizer.iterations) == 1


def test_variables_of_another_model_are_refused() -> None:
    optimizer = SGD(0.1)
    optimizer.apply([np.ones(1)], [Variable(np.ones(1))])
    with pytest.raises(BadValue, match="Unknown variable 'stranger'") as caught:
        optimizer.apply([np.ones(1)], [Variable(np.ones(1), path="stranger")])
    assert caught.value.fix == "a new optimizer for this model"


def test_a_missing_gradient_is_a_warning() -> None:
    weights = [Variable(np.ones(1), path=name) for name in "ab"]
    with pytest.warns(UserWarning, match="no gradient for b"):
        SGD(0.5).apply([np.ones(1), None], weights)
    assert [w.numpy()[0] for w in weights] == [0.5, 1.0]
