"""Choices as text that can be pasted where nothing but kmagic is imported."""

from typing import Any

import pytest

from kmagic.callbacks import EarlyStopping
from kmagic.losses import BinaryCrossentropy
from kmagic.models.notation import qualified
from kmagic.optimizers import Adam


class OwnLoss(BinaryCrossentropy):
    """A loss that a user wrote."""


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return y_pred - y_true


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ([EarlyStopping("loss", patience=3)], "[kmagic.callbacks.EarlyStopping(monitor='loss', patience=3)]"),
        (BinaryCrossentropy, "kmagic.losses.BinaryCrossentropy"),
        ({"a": Adam}, "{'a': kmagic.optimizers.Adam}"),
        (OwnLoss, "OwnLoss"),
        (own_loss, "own_loss"),
        ((0.5, None), "[0.5, None]"),
    ],
)
def test_parts_and_their_classes_have_their_full_names(choice: Any, text: str) -> None:
    assert qualified(choice) == text
