"""Derivatives as users ask for them: of functions and of losses, for arguments, variables, layers and symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadType, BadValue, Unsupported
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad, gradients, value_and_grad
from kmagic.graph.variable import Variable
from tests.compiler.programs import run, traced

X = np.array([0.5, -1.0, 2.0])


def compiled(function: Any, *arrays: Any) -> list[Any]:
    """The results of a function as a program."""
    return list(run(traced(function, arrays), arrays).outputs.values())


# ---- of functions ----


def test_value_comes_with_the_gradient() -> None:
    value, slope = value_and_grad(lambda x: ops.sum(x**3))(X)
    assert float(value) == pytest.approx((X**3).sum())
    np.testing.assert_allclose(slope, 3 * X**2)


def test_auxiliary_results_pass_through() -> None:
    both = value_and_grad(lambda x: (ops.sum(x * x), {"double": 2 * x, "name": "kept"}), has_aux=True)
    (value, aux), slope = both(X)
    assert float(value) == pytest.approx((X * X).sum()) and aux["name"] == "kept"
    np.testing.assert_allclose(aux["double"], 2 * X)
    np.testing.assert_allclose(slope, 2 * X)
    found, aux = grad(lambda x: (ops.sum(x * x), x + 1), has_aux=True)(X)
    np.testing.assert_allclose(found, 2 * X)
    np.testing.assert_allclose(aux, X + 1)


def test_has_aux_wants_a_pair() -> None:
    with pytest.raises(BadType, match="scalar, aux"):
        value_and_grad(lambda x: ops.sum(x), has_aux=True)(X)


def test_arguments_may_be_trees() -> None:
    def energy(weights: Any, scale: Any) -> Any:
        return ops.sum(weights["a"] * weights["b"][0]) * scale

    found = grad(energy)({"a": X, "b": [2 * X]}, scale=3.0)
    np.testing.assert_allclose(found["a"], 6 * X)
    np.testing.assert_allclose(found["b"][0], 3 * X)


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(BadValue, match="argument 0 of 0"):
        grad(lambda: Variable(1.0) * 2)()


def test_variables_that_a_function_reads() -> None:
    w, b = Variable(X, dtype="float64"), Variable(2.0, dtype="float64")
    slopes = grad(lambda x: ops.sum(w * x) * b, variables=[w, b])(X)
    np.testing.assert_allclose(slopes[0], 2 * X)
    np.testing.assert_allclose(slopes[1], (X * X).sum())


def test_a_layer_stands_for_its_trainable_variables_also_when_it_is_not_built_yet() -> None:
    layer = kmagic.layers.Dense(1, kernel_initializer="ones", dtype="float64")
    slopes = grad(lambda: ops.sum(layer(X[None])), variables=layer)()
    assert [slope.shape for slope in slopes] == [(3, 1), (1,)]
    np.testing.assert_allclose(slopes[0][:, 0], X)


def test_what_a_function_assigns_is_assigned_once() -> None:
    count, w = Variable(0.0), Variable(3.0)

    def loss() -> Any:
        count.assign_add(1.0)
        return w * w * count

    (slope,) = grad(loss, variables=[w])()
    assert float(slope) == 6 and float(count) == 1


# ---- of losses ----


def test_gradients_of_a_loss_within_a_program() -> None:
    w = Variable(X, dtype="float64")
    found = compiled(lambda x: gradients(ops.sum(w * w * x), [w])[0], X)
    np.testing.assert_allclose(found[0], 2 * X * X)


def test_one_variable_gives_one_gradient() -> None:
    w = Variable(2.0, dtype="float64")
    assert float(compiled(lambda x: gradients(ops.sum(w * x), w), X)[0]) == pytest.approx(X.sum())


def test_gradients_for_an_input() -> None:
    np.testing.assert_allclose(compiled(lambda x: gradients(ops.sum(x**3), x), X)[0], 3 * X**2)


def test_a_variable_that_was_updated_counts_as_the_loss_saw_it() -> None:
    w = Variable(3.0, dtype="float64")

    def step(x: Any) -> Any:
        before = ops.sum(w * w * x)
        w.assign(10.0)
        after = ops.sum(w * w * x)
        return gradients(before, w), gradients(after, w)

    found = compiled(step, X)
    assert [float(value) for value in found] == pytest.approx([6 * X.sum(), 20 * X.sum()])


def test_gradients_of_gradients_for_variables() -> None:
    w = Variable(2.0, dtype="float64")

    def penalty(x: Any) -> Any:
        slope = gradients(ops.sum(w * w * x * x), x)  # 2·w²·x
        return gradients(ops.sum(slope), w)  # 4·w·Σx

    assert float(compiled(penalty, X)[0]) == pytest.approx(8 * X.sum())


# ---- mistakes ----


def test_numbers_have_no_gradient() -> None:
    with pytest.raises(BadType, match=r"(?s)gradient of a number.*kmagic.grad\(function, variables"):
        gradients(3.0, [Variable(1.0)])


def test_a_loss_that_does_not_depend_on_the_variables_is_refused() -> None:
    w, other = Variable(1.0, path="kernel"), Variable(1.0)
    with pytest.raises(BadValue, match=r"depends on none of the 1 variables.*kernel"):
        grad(lambda x: ops.sum(other * x), variables=[w])(X)


def test_an_empty_list_says_that_layers_are_built_by_calls() -> None:
    with pytest.raises(BadValue, match="no variables"):
        grad(lambda x: ops.sum(x), variables=[])(X)


def test_tapes_and_backward_name_what_to_write() -> None:
    with pytest.raises(Unsupported, match=r"kmagic.gradients\(loss, self.trainable_variables\)"):
        kmagic.GradientTape()
    with pytest.raises(Unsupported, match=r"kmagic.gradients\(loss, self.trainable_variables\)"):
        traced(lambda x: ops.sum(x).backward(), (X,))
