"""Callbacks: what is measured may be watched, whatever it is called."""

import numpy as np

import kmagic
from kmagic.callbacks import Callback, EarlyStopping, LambdaCallback, ReduceLROnPlateau
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.optimizers import Adam, LossScaleOptimizer
from kmagic.optimizers.schedules import ExponentialDecay

X = np.random.default_rng(6).normal(size=(40, 4)).astype("float32")
RECIPE = {"optimizer": "adam", "loss": "mse", "metrics": ["mae", "mse"]}


def codes(callbacks, model=None, recipe=None, y=None, **fit):
    model = model or Sequential([Input((4,)), Dense(1)])
    y = X.sum(1) if y is None else y
    found = kmagic.diagnose(model, X, y, **(RECIPE if recipe is None else recipe), callbacks=callbacks, **fit)
    return {finding.code for finding in found}


def test_losses_and_metrics_may_be_watched():
    for monitor in ("loss", "mae", "mse"):
        assert codes([EarlyStopping(monitor)]) == set()
        assert codes([EarlyStopping(f"val_{monitor}")], validation_split=0.2) == set()
        assert codes([EarlyStopping(f"val_{monitor}")]) == {"K145"}


def test_callbacks_in_lists_inside_are_seen():
    assert codes([[EarlyStopping("mea")]]) == {"K145"}


def test_losses_of_outputs_have_names():
    x = Input((4,))
    model = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    recipe = {"optimizer": "adam", "loss": "mse", "metrics": {"a": ["mae"]}}
    y = [X.sum(1), X.mean(1)]
    for monitor in ("loss", "a_loss", "b_loss", "a_mae"):
        assert codes([EarlyStopping(monitor)], model, recipe, y) == set()
    assert codes([EarlyStopping("b_mae")], model, recipe, y) == {"K145"}


def test_second_metrics_of_a_name_are_known_after_training():
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("adam", "mse", metrics=["mae", "mae"])
    model.fit(X, X.sum(1), verbose=0)
    assert "K145" not in codes([EarlyStopping("mae_1", mode="min")], model, {})


class Adding(Callback):
    """Adds a value to the logs."""

    def on_epoch_end(self, epoch, logs=None):
        logs["own"] = 1.0


def test_callbacks_of_ones_own_may_add_values():
    assert codes([Adding(), EarlyStopping("own", mode="min")]) == set()
    assert codes([LambdaCallback(on_epoch_end=lambda epoch, logs: None), EarlyStopping("own", mode="min")]) == set()


def test_the_rate_may_be_watched_where_it_is_logged():
    callbacks = [ReduceLROnPlateau("loss", patience=0), EarlyStopping("learning_rate", mode="max")]
    assert codes(callbacks) == set()


def test_a_schedule_inside_another_optimizer_is_seen():
    recipe = {"optimizer": LossScaleOptimizer(Adam(ExponentialDecay(0.01, 10, 0.9))), "loss": "mse"}
    assert codes([ReduceLROnPlateau("loss", patience=0)], recipe=recipe) == {"K159"}


def test_patience_is_no_matter_where_the_best_weights_come_back():
    assert codes([EarlyStopping("loss", patience=9)], epochs=5) == {"K214"}
    assert codes([EarlyStopping("loss", patience=9, restore_best_weights=True)], epochs=5) == set()
    assert codes([EarlyStopping("loss", patience=9)]) == set()
