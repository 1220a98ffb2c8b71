"""Options of fit: callbacks, epochs, and how many steps run at once."""

from __future__ import annotations

from typing import Any

from kmagic.callbacks import Callback, EarlyStopping, LearningRateScheduler, ReduceLROnPlateau
from kmagic.optimizers import SGD, Adam
from kmagic.optimizers.schedules import CosineDecay, ExponentialDecay
from tests.models.diagnosis.cases.choices import SPARSE, classes, classifier, numbers, regressor
from tests.models.diagnosis.example import Example, correct, wrong


@wrong("K145", "warning", "'val_loss'", "EarlyStopping")
def stopping_on_validation_without_any() -> Example:
    fit = {"epochs": 10, "callbacks": [EarlyStopping(patience=3)]}
    return Example(regressor(), *numbers(32), {"optimizer": Adam(0.01), "loss": "mse"}, fit=fit)


@wrong("K145", "warning", "'val_acuracy'", "ReduceLROnPlateau", "val_accuracy")
def misspelt_monitor() -> Example:
    recipe = {"optimizer": Adam(0.01), "loss": SPARSE, "metrics": ["accuracy"]}
    fit = {"epochs": 8, "validation_split": 0.25, "callbacks": [ReduceLROnPlateau("val_acuracy", patience=2)]}
    return Example(classifier(), *classes(33), recipe, fit=fit)


@wrong("K159", "error", "ReduceLROnPlateau", "ExponentialDecay")
def plateau_on_a_schedule() -> Example:
    recipe = {"optimizer": Adam(ExponentialDecay(0.01, 100, 0.9)), "loss": "mse"}
    fit = {"epochs": 6, "callbacks": [ReduceLROnPlateau("loss", patience=2)]}
    return Example(regressor(), *numbers(34), recipe, fit=fit)


@wrong("K159", "error", "LearningRateScheduler", "CosineDecay")
def rates_by_epoch_on_a_schedule() -> Example:
    recipe = {"optimizer": SGD(CosineDecay(0.1, 200), momentum=0.9), "loss": SPARSE}
    fit = {"epochs": 6, "callbacks": [LearningRateScheduler(lambda epoch, rate: rate * 0.9)]}
    return Example(classifier(), *classes(35), recipe, fit=fit)


@wrong("K214", "hint", "patience", "50", "20")
def patience_that_outlasts_training() -> Example:
    fit = {"epochs": 20, "validation_split": 0.2, "callbacks": [EarlyStopping(patience=50)]}
    return Example(regressor(), *numbers(36), {"optimizer": Adam(0.01), "loss": "mse"}, fit=fit)


@wrong("K214", "hint", "patience", "10", "5")
def plateau_that_is_never_reached() -> Example:
    fit = {"epochs": 5, "callbacks": [ReduceLROnPlateau("loss", patience=10)]}
    return Example(classifier(), *classes(37), {"optimizer": Adam(0.01), "loss": SPARSE}, fit=fit)


@wrong("K215", "warning", "'val_accuracy'", "min", "EarlyStopping")
def accuracy_that_should_fall() -> Example:
    recipe = {"optimizer": Adam(0.01), "loss": SPARSE, "metrics": ["accuracy"]}
    stop = EarlyStopping("val_accuracy", mode="min", patience=2, restore_best_weights=True)
    return Example(classifier(), *classes(38), recipe, fit={"epochs": 8, "validation_split": 0.25, "callbacks": [stop]})


@wrong("K215", "warning", "'loss'", "max", "ReduceLROnPlateau")
def loss_that_should_rise() -> Example:
    fit = {"epochs": 8, "callbacks": [ReduceLROnPlateau("loss", mode="max", patience=1)]}
    return Example(regressor(), *numbers(39), {"optimizer": Adam(0.01), "loss": "mse"}, fit=fit)


class Counting(Callback):
    """Counts batches."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.batches = getattr(self, "batches", 0) + 1


@wrong("K218", "hint", "steps_per_execution", "5", "Counting")
def hooks_that_see_every_fifth_batch() -> Example:
    recipe = {"optimizer": "adam", "loss": "mse", "steps_per_execution": 5}
    return Example(regressor(), *numbers(41), recipe, fit={"callbacks": [Counting()]})


@wrong("K218", "hint", "steps_per_execution", "4", "Counting")
def hooks_that_see_every_fourth_batch() -> Example:
    recipe = {"optimizer": "adam", "loss": SPARSE, "steps_per_execution": 4}
    return Example(classifier(), *classes(42), recipe, fit={"batch_size": 16, "callbacks": [Counting()]})


@wrong("K219", "warning", "epochs", "0")
def no_epoch_at_all() -> Example:
    return Example(regressor(), *numbers(43), {"optimizer": "adam", "loss": "mse"}, fit={"epochs": 0})


@wrong("K219", "warning", "epochs", "0")
def no_epoch_for_classes() -> Example:
    fit = {"epochs": 0, "batch_size": 20}
    return Example(classifier(), *classes(44), {"optimizer": Adam(0.01), "loss": SPARSE}, fit=fit)


# ---- correct ----


@correct("early stopping beside a schedule")
def stopping_on_a_schedule() -> Example:
    fit = {"epochs": 3, "callbacks": [EarlyStopping("loss", patience=1)]}
    return Example(regressor(), *numbers(56), {"optimizer": Adam(CosineDecay(0.01, 100)), "loss": "mse"}, fit=fit)


@correct("callbacks that watch a share of the rows")
def watching_a_share() -> Example:
    recipe = {"optimizer": Adam(0.01), "loss": SPARSE, "metrics": ["accuracy"]}
    stop = EarlyStopping("val_accuracy", mode="max", patience=2, restore_best_weights=True)
    callbacks = [stop, ReduceLROnPlateau(patience=2), EarlyStopping("accuracy", patience=4)]
    fit = {"epochs": 6, "validation_split": 0.2, "callbacks": callbacks}
    return Example(classifier(), *classes(57), recipe, fit=fit)


@correct("callbacks that watch validation data")
def watching_other_rows() -> Example:
    callbacks = [EarlyStopping(patience=2), ReduceLROnPlateau("val_mae", mode="min", patience=2)]
    recipe = {"optimizer": Adam(0.01), "loss": "mse", "metrics": ["mae"]}
    fit = {"epochs": 6, "validation_data": numbers(58), "callbacks": callbacks}
    return Example(regressor(), *numbers(57), recipe, fit=fit)


@correct("a rate for each epoch")
def rates_by_epoch() -> Example:
    callbacks = [LearningRateScheduler(lambda epoch: 0.01 / (epoch + 1))]
    recipe = {"optimizer": SGD(0.01), "loss": "mse"}
    return Example(regressor(), *numbers(58), recipe, fit={"epochs": 3, "callbacks": callbacks})


@correct("several steps in one call, and nobody who looks at batches")
def several_steps() -> Example:
    recipe = {"optimizer": "adam", "loss": "mse", "metrics": ["mae"], "steps_per_execution": 8}
    return Example(regressor(), *numbers(59), recipe, fit={"callbacks": [EarlyStopping("loss", patience=0)]})


@correct("single rows at a time")
def single_rows() -> Example:
    return Example(regressor(), *numbers(65, rows=40), {"optimizer": SGD(0.01), "loss": "mse"}, fit={"batch_size": 1})
