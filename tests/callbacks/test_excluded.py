"""Callbacks that are not offered say what serves instead."""

import pytest

from kmagic import callbacks
from kmagic.base.errors import Unsupported


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("BackupAndRestore", "the model itself"),
        ("ModelCheckpoint", "EarlyStopping"),
        ("OrbaxCheckpoint", "EarlyStopping"),
        ("TensorBoard", "CSVLogger"),
    ],
)
def test_an_alternative_is_named(name: str, instead: str) -> None:
    with pytest.raises(Unsupported, match=f"(?s){name} needs .*{instead}"):
        getattr(callbacks, name)("logs")
