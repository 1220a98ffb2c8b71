"""Metrics that a program cannot hold: found out by a trial, left as they were, updated with arrays, told once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import UserCodeError
from kmagic.base.shapes import Extent
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.metrics import HostMetric, MeanMetricWrapper, MeanSquaredError, Metric, R2Score, settle

Y, P = np.array([[0.0], [1.0], [1.0], [0.0]]), np.array([[0.2], [0.9], [0.4], [0.6]])


def symbols() -> tuple[Symbol, Symbol]:
    shape = (Extent.named("batch"), 1)
    return input_symbol(shape, "float32", "y"), input_symbol(shape, "float32", "p")


def settled(metric: Metric) -> Metric:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return settle(metric, *symbols())


class Traceable(Metric):
    """A sum that a program can hold."""

    def __init__(self, name: str = "mine", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(ops.sum(ops.absolute(y_true - y_pred)))

    def result(self) -> Any:
        return self.total


class Listing(Metric):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(name="listing")
        self.kept: list[Any] = ["start"]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.kept.append(y_pred)

    def result(self) -> float:
        return float(np.concatenate(self.kept[1:]).sum())


class Counting(Metric):
    """Counts its calls in a plain attribute."""

    def __init__(self) -> None:
        super().__init__(name="counting")
        self.calls = 0

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.calls += 1

    def result(self) -> int:
        return self.calls


@pytest.mark.parametrize("metric", [MeanSquaredError(), R2Score(), Traceable()])
def test_what_can_be_traced_stays_itself_without_a_word(metric: Metric) -> None:
    assert settled(metric) is metric
    assert not any(variable.array.any() for variable in metric.variables)


def told(metric: Metric, reason: str) -> HostMetric:
    with pytest.warns(UserWarning, match=f"metric {metric.name} runs in Python after every step.*{reason}") as notices:
        found = settle(metric, *symbols())
    assert len(notices) == 1 and isinstance(found, HostMetric)
    return found


def test_arrays_and_python_numbers_are_told_with_the_line() -> None:
    def as_array(y_true: Any, y_pred: Any) -> Any:
        return np.median(np.asarray(y_pred), axis=-1)

    def as_float(y_true: Any, y_pred: Any) -> Any:
        return float(ops.mean(y_pred))

    def with_if(y_true: Any, y_pred: Any) -> Any:
        return y_pred if ops.max(y_pred) > 0 else y_true

    for function, reason in ((as_array, "np.asarray"), (as_float, "float"), (with_if, "a truth value")):
        found = told(MeanMetricWrapper(function), f"{reason}.*test_host.py:")
        found.update_state(Y, P)
        assert float(found.result()) == pytest.approx(np.mean(np.asarray(function(Y, P))), rel=1e-6)


def test_a_method_of_arrays_that_symbols_lack() -> None:
    found = told(MeanMetricWrapper(lambda y_true, y_pred: y_pred.tolist(), name="listed"), "tolist")
    found.update_state(Y, P)
    assert float(found.result()) == pytest.approx(P.mean())


def test_what_is_kept_in_python_is_found_out_and_undone() -> None:
    listing, counting = Listing(), Counting()
    host = told(listing, "keeps batches in self.kept")
    assert listing.kept == ["start"]
    host.update_state(Y, P)
    host.update_state(Y, P)
    assert host.result() == pytest.approx(2 * P.sum())
    host = told(counting, "counts in self.calls")
    assert counting.calls == 0
    host.update_state(Y, P)
    assert host.result() == 1


def test_weights_reach_a_metric_that_takes_them_only_if_there_are_any() -> None:
    seen: list[Any] = []

    class Weighted(Counting):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.calls += 1
            seen.append(sample_weight)

    host = told(Weighted(), "calls")
    seen.clear()
    host.update_state(Y, P)
    host.update_state(Y, P, np.ones(4))
    assert seen[0] is None and isinstance(seen[1], np.ndarray)


def test_a_mistake_is_one_error_with_the_line() -> None:
    def unknown_name(y_true: Any, y_pred: Any) -> Any:
        return not_defined(y_pred)  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(UserCodeError, match=r"metric .*unknown_name \(test_host.py:\d+: return not_defined") as caught:
        settled(MeanMetricWrapper(unknown_name))
    assert "NameError" in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_mistake_in_the_update_of_a_class_names_it() -> None:
    class Broken(Counting):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.missing.assign_add(1)  # type: ignore[attr-defined]

    with pytest.raises(UserCodeError, match=r"Broken.update_state \(test_host.py:\d+: self.missing") as caught:
        settled(Broken())
    assert "no attribute 'missing'" in str(caught.value)
