"""Several optimizers for one model: who moves what, and what is refused."""

from typing import Any

import numpy as np
import pytest

from kmagic.graph.variable import Variable
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, Optimizer, OptimizerMap


def test_each_weight_is_moved_by_its_own() -> None:
    model = Sequential([Dense(1, input_dim=1, kernel_initializer="zeros")])
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {".*/bias": SGD(0.25)}))
    model.compile(optimizer, loss=lambda y, p: p)
    model.fit(np.ones((2, 1)), np.ones((2, 1)), batch_size=1, verbose=0)
    assert [weight.item() for weight in model.get_weights()] == [-1.0, -0.5]
    assert [int(inner.iterations) for inner in optimizer.optimizers] == [2, 2] and int(optimizer.iterations) == 2


def test_a_function_chooses() -> None:
    first, second = SGD(0.5), SGD(0.25)

    def chosen(variable: Any) -> Optimizer:
        return first if "a" in variable.path else second

    a, b = (Variable(np.zeros(1), name=name) for name in ("a", "b"))
    optimizer = MultiOptimizer(chosen)
    optimizer.apply([np.ones(1), np.ones(1)], [a, b])
    assert (a.numpy()[0], b.numpy()[0]) == (-0.5, -0.25) and optimizer.optimizers == [first, second]
    assert MultiOptimizer.from_config(optimizer.get_config()).optimizer_map is chosen


def test_a_weight_without_gradient_stays() -> None:
    a, b = (Variable(np.zeros(1), name=name) for name in ("a", "b"))
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"b": SGD(0.25)}))
    with pytest.warns(UserWarning, match="no gradient for b"):
        optimizer.apply([np.ones(1), None], [a, b])
    assert (a.numpy()[0], b.numpy()[0]) == (-0.5, 0.0)


def test_what_is_refused() -> None:
    multi = MultiOptimizer(OptimizerMap(SGD(0.5)))
    with pytest.raises(AttributeError, match="has no learning_rate"):
        _ = multi.learning_rate
    with pytest.raises(AttributeError, match="has no learning_rate"):
        multi.learning_rate = 0.1
    for wrong in (multi, LossScaleOptimizer(SGD()), "sgd"):
        with pytest.raises((ValueError, TypeError)):
            MultiOptimizer(OptimizerMap(SGD(), {"a": wrong}))  # type: ignore[dict-item]
        with pytest.raises(ValueError, match="neither a MultiOptimizer nor"):
            MultiOptimizer(lambda variable, chosen=wrong: chosen).build([Variable(1.0)])


def test_maps_find_paths_before_patterns() -> None:
    adam, sgd = Adam(), SGD()
    by_path = OptimizerMap(SGD(0.5), {"encoder/.*": sgd})
    by_path["encoder/dense/kernel"] = adam
    assert by_path["encoder/dense/kernel"] is adam and by_path["encoder/dense/bias"] is sgd
    # a pattern must match all of a path
    assert by_path["encoder"] is by_path.default_optimizer
    assert list(by_path) == ["encoder/.*", "encoder/dense/kernel"] and len(by_path) == 2
    by_path[".*/bias"] = adam
    with pytest.raises(ValueError, match="Multiple optimizers assigned to variable encoder/dense/bias"):
        _ = by_path["encoder/dense/bias"]
    with pytest.raises(ValueError, match="already exists"):
        by_path["encoder/.*"] = adam
    del by_path[".*/bias"]
    assert by_path["encoder/dense/bias"] is sgd
    again = OptimizerMap.from_config(by_path.get_config())
    assert again.get_config() == by_path.get_config()
    for wrong in ((3, {}), (SGD(), 3)):
        with pytest.raises(TypeError):
            OptimizerMap(*wrong)  # type: ignore[arg-type]
