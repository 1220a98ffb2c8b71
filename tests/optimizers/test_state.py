"""What optimizers remember: how it is made, written and stored."""

from typing import Any

import numpy as np
import pytest

from kmagic.graph.variable import Variable
from kmagic.optimizers import SGD, Adam


def test_variables_are_made_variable_by_variable() -> None:
    weights = [Variable(np.zeros(shape), path=path) for shape, path in (((2, 1), "net/a"), ((3,), "net/b"))]
    optimizer = SGD()
    first, second = optimizer.add_optimizer_variables(weights, ["one", "two"], ["ones", 0.5])
    names = [variable.path for variable in optimizer.variables[2:]]
    assert names == [f"sgd/net_{name}" for name in ("a_one", "a_two", "b_one", "b_two")]
    assert first[0].numpy().tolist() == [[1.0], [1.0]] and second[1].numpy().tolist() == [0.5, 0.5, 0.5]
    assert optimizer.add_optimizer_variables(weights, "three")[1].dtype == "float64"
    with pytest.raises(ValueError, match="1 initializers for 2 names"):
        optimizer.add_optimizer_variables(weights, ["one", "two"], ["ones"])


def test_set_weights_checks_before_it_writes() -> None:
    optimizer = Adam()
    with pytest.raises(ValueError, match="before the optimizer is built"):
        optimizer.set_weights([])
    optimizer.build([Variable(np.zeros(2))])
    values = [np.asarray(variable.numpy()) + 1 for variable in optimizer.variables]
    with pytest.raises(ValueError, match="weights"):
        optimizer.set_weights(values[:-1])
    with pytest.raises(ValueError, match=r"weight of shape \[3\]"):
        optimizer.set_weights([*values[:-1], np.zeros(3)])
    assert int(optimizer.iterations) == 0
    optimizer.set_weights(values)
    assert [variable.numpy().tolist() for variable in optimizer.variables] == [value.tolist() for value in values]


def test_a_store_of_another_optimizer_is_left_alone() -> None:
    store: dict[str, Any] = {}
    optimizer = Adam(0.5)
    optimizer.build([Variable(np.zeros(2))])
    optimizer.save_own_variables(store)
    assert sorted(store) == ["0", "1", "2", "3"] and float(store["1"]) == 0.5
    other = SGD(0.25)
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer 'sgd'"):
        other.load_own_variables(store)
    assert float(other.learning_rate) == 0.25
