"""The user's namespace with kmagic's names behind it."""

import builtins
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue
from kmagic.losses import Loss
from kmagic.metrics import Metric
from kmagic.models import Sequential
from kmagic.notebook.namespace import data_in, evaluate, models_in, names_behind, part_called
from kmagic.optimizers import Adam
from kmagic.optimizers.schedules import CosineDecay


@pytest.fixture
def namespace() -> dict[str, Any]:
    return {"__name__": "__main__", "__builtins__": builtins}


def test_the_users_names_come_first(namespace: dict[str, Any]) -> None:
    namespace["a"] = 1
    with names_behind(namespace, {"a": 2, "b": 3}):
        assert eval("a, b, len('xy')", namespace) == (1, 3, 2)
    assert namespace["__builtins__"] is builtins
    with pytest.raises(NameError):
        eval("b", namespace)


def test_names_behind_are_reached_from_inner_scopes(namespace: dict[str, Any]) -> None:
    assert [type(part).__name__ for part in evaluate("[Adam() for _ in range(2)]", namespace, "here")] == ["Adam"] * 2


def test_names_behind_end_with_an_error(namespace: dict[str, Any]) -> None:
    with pytest.raises(ZeroDivisionError), names_behind(namespace, {"b": 3}):
        eval("1 / 0", namespace)
    assert namespace["__builtins__"] is builtins


def test_a_namespace_without_builtins() -> None:
    empty: dict[str, Any] = {}
    with names_behind(empty, {"b": 3}):
        assert eval("b + len('x')", empty) == 4


def test_errors_of_kmagic_keep_their_type(namespace: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="%kfit x, Adam: learning_rate is -1"):
        evaluate("Adam(learning_rate=-1.0)", namespace, "%kfit x")


def test_models_and_data(namespace: dict[str, Any]) -> None:
    namespace.update(m=Sequential(), X=np.ones(3), rows=[1, 2], _=np.ones(2), Out={}, In=[""], n=4)
    assert list(models_in(namespace)) == ["m"]
    assert data_in(namespace) == ["X", "rows"]


def test_a_name_of_several_packages_means_the_one_that_is_asked_for(namespace: dict[str, Any]) -> None:
    assert isinstance(evaluate("BinaryCrossentropy()", namespace, "here"), Loss)
    assert isinstance(evaluate("BinaryCrossentropy()", namespace, "here", first=("kmagic.metrics",)), Metric)


def test_only_parts_are_called() -> None:
    assert part_called("Adam", {}) is Adam
    assert part_called("CosineDecay", {}) is CosineDecay
    assert part_called("Adam", {"Adam": 3}) is None and part_called("print", {}) is None
