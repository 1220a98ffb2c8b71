"""The file that CSVLogger writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmagic.callbacks import CSVLogger

Epochs = list[dict[str, Any]]


def written(path: Path, *trainings: Epochs, **options: Any) -> list[str]:
    """The lines after trainings with these logs."""
    logger = CSVLogger(path, **options)
    for epochs in trainings:
        logger.on_train_begin()
        for epoch, logs in enumerate(epochs):
            logger.on_epoch_end(epoch, logs)
        logger.on_train_end()
    return path.read_text().splitlines()


def test_columns_are_sorted_and_stay(tmp_path: Path) -> None:
    lines = written(
        tmp_path / "log.csv", [{"loss": 1.0, "acc": 0.5}, {"loss": 0.5, "acc": 0.75, "val_loss": 2.0, "new": 1.0}]
    )
    assert lines == ["epoch,acc,loss,val_acc,val_loss", "0,0.5,1.0,NA,NA", "1,0.75,0.5,NA,2.0"]


def test_each_epoch_is_there_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"val_loss": 1.0})
    assert path.read_text().splitlines() == ["epoch,val_loss", "0,1.0"]
    logger.on_train_end()


def test_a_second_training_starts_anew_or_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first, second = [{"val_loss": 1.0}], [{"val_loss": 0.5}]
    assert written(path, first, second) == ["epoch,val_loss", "0,0.5"]
    assert written(path, [{"val_loss": 0.25}], append=True) == ["epoch,val_loss", "0,0.5", "0,0.25"]
    path.unlink()
    assert written(path, first, second, append=True) == ["epoch,val_loss", "0,1.0", "0,0.5"]


@pytest.mark.parametrize("values", [[0.5, 1.0], np.array([0.5, 1.0]), (0.5, 1.0)])
def test_several_values_are_one_cell(tmp_path: Path, values: Any) -> None:
    lines = written(tmp_path / "log.csv", [{"f1": values, "val_word": "good, or so"}], separator=";")
    assert lines == ["epoch;f1;val_word", '0;"""[0.5, 1.0]""";good, or so']


def test_an_array_without_axes_is_a_number(tmp_path: Path) -> None:
    assert written(tmp_path / "log.csv", [{"val_loss": np.array(0.5)}])[1] == "0,0.5"
