"""What events carry: values of logs as text, also where a metric has several."""

from typing import Any

import numpy as np
import pytest

from kmagic.layers import Dense
from kmagic.metrics import Metric
from kmagic.models import Sequential
from kmagic.training.events import is_number, written
from tests.training.small import data


class Columns(Metric):
    """The sum of each column of the prediction: three values."""

    def __init__(self, name: str | None = "columns", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((3,), name="total")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch."""
        self.total.assign_add(y_pred[0])

    def result(self) -> Any:
        """The sums."""
        return self.total.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.43219, "0.4322"),
        (np.float32(2), "2"),
        (1234.5, "1234"),
        ([0.123456, 2], "[0.1235, 2]"),
        (np.array([[1.0], [0.5]]), "[[1], [0.5]]"),
        (np.array(0.25), "0.25"),
        ("warm", "warm"),
        (None, "None"),
    ],
)
def test_values_of_logs_as_text(value: Any, text: str) -> None:
    assert written(value) == text


def test_the_form_of_numbers_may_be_chosen() -> None:
    assert written([1.0, 0.25], "{:.2f}".format) == "[1.00, 0.25]"


def test_one_number_or_several() -> None:
    assert all(map(is_number, (1, 0.5, np.float32(1), np.array(2.0))))
    assert not any(map(is_number, ([1.0], np.ones(1), "1", None)))


@pytest.mark.parametrize("verbose", [0, 1, 2])
def test_a_metric_of_several_values_trains(verbose: int, capsys: pytest.CaptureFixture[str]) -> None:
    x, _ = data(20)
    model = Sequential([Dense(3, input_dim=5, kernel_initializer="zeros")])
    model.compile("sgd", "mse", metrics=[Columns()])
    history = model.fit(x, np.zeros((20, 3)), epochs=2, verbose=verbose).history
    assert history["columns"] == [[0.0, 0.0, 0.0]] * 2
    assert "columns=[0, 0, 0]" in repr(model.run)
    assert ("columns: [0.00e+00, 0.00e+00, 0.00e+00]" in capsys.readouterr().out) is (verbose > 0)
    assert model.evaluate(x, np.zeros((20, 3)), verbose=0)[1] == [0.0, 0.0, 0.0]
