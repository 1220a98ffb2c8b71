"""What the panel proposes first."""

import pytest

from kmagic.layers import Activation, Dense
from kmagic.models import Sequential
from kmagic.notebook.panels.suggestion import suggest


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([Dense(1, activation="sigmoid")], "binary_crossentropy"),
        ([Dense(3, activation="softmax")], "sparse_categorical_crossentropy"),
        ([Dense(3), Activation("softmax")], "sparse_categorical_crossentropy"),
        ([Dense(1)], "mean_squared_error"),
        ([Dense(8, activation="sigmoid"), Dense(1)], "mean_squared_error"),
        ([], "mean_squared_error"),
    ],
)
def test_the_loss_follows_the_output(layers: list, loss: str) -> None:
    choice, why = suggest(Sequential(layers))
    assert choice["loss"] == loss
    assert why
