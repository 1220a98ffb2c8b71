"""Laws of every loss in a model: the same number at once, compiled, run eagerly, and as a user writes it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kmagic import config
from kmagic.base.registry import Entry
from kmagic.layers import Activation, Input
from kmagic.losses import Loss
from kmagic.models import Sequential
from tests.laws.part_examples import entries, pair, required

ENTRIES = [pytest.param(entry, id=entry.name) for _, entry in entries("loss")]
WEIGHT = np.array([1.0, 0.25, 2.0, 0.5])


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Losses compute in float64 too."""
    config.set_floatx("float64")
    yield
    config.set_floatx("float32")


def own_subclass(entry: Entry) -> Any:
    """A user's subclass with a `call` of its own."""

    class Own(entry.target):  # type: ignore[misc, name-defined]
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return 1.0 * super().call(y_true, y_pred)

    return Own(**required(entry))


def own_loss(entry: Entry) -> Loss:
    """A user's Loss around the function of the part."""
    inner = entry.target(**required(entry), reduction="none")

    class Own(Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return inner(y_true, y_pred)

    return Own()


@pytest.mark.parametrize("entry", ENTRIES)
def test_one_number_however_it_is_asked_for(entry: Entry) -> None:
    target, prediction = pair(entry)
    built_in = entry.target(**required(entry))
    values = np.asarray(entry.target(**required(entry), reduction="none")(target, prediction))
    weight = WEIGHT if values.shape[:1] == (4,) else None
    expected = float(built_in(target, prediction, weight))
    function = entry.target.function
    ways = {"object": built_in, "subclass": own_subclass(entry)}
    if not required(entry):
        ways |= {"name": entry.name, "class": entry.target, "function": function}
    if built_in.mask(target, values, None) is None:  # what does not count is known to the part alone
        ways |= {"Loss": own_loss(entry), "lambda": lambda t, p: function(t, p)}
    for way, loss in ways.items():
        for eagerly in (False, True):
            model = Sequential([Input(prediction.shape[1:]), Activation("linear")])
            model.compile("sgd", loss, run_eagerly=eagerly, validate=False)
            found = model.evaluate(prediction, target, sample_weight=weight, batch_size=4, verbose=0)
            assert found == pytest.approx(expected, rel=1e-12), (way, eagerly)
