"""Which weights evaluations see, and which remain."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue
from kmagic.callbacks import Callback, LambdaCallback, SwapEMAWeights
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, LossScaleOptimizer

X, Y = np.ones((4, 1)), np.ones((4, 1))


def model(**options: Any) -> Sequential:
    made = Sequential([Dense(1, input_dim=1, use_bias=False, kernel_initializer="zeros")])
    made.compile(SGD(0.25, use_ema=True, ema_momentum=0.5, **options), "mse")
    return made


def test_evaluations_while_training_see_the_averages() -> None:
    # w ← w + 0.5·(1 − w): 0.5, 0.75; the averages: 0.5, then ½·0.5 + ½·0.75 = 0.625
    made, seen = model(), []
    look = LambdaCallback(
        on_test_begin=lambda logs: seen.append(("test", made.get_weights()[0].item())),
        on_epoch_end=lambda epoch, logs: seen.append(("end", made.get_weights()[0].item())),
    )
    history = made.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[SwapEMAWeights(), look])
    assert seen == [("test", 0.5), ("end", 0.5), ("test", 0.625), ("end", 0.75)]
    assert history.history["val_loss"] == pytest.approx([0.25, 0.375**2])
    assert made.get_weights()[0].item() == 0.625


def test_the_optimizer_that_another_wraps_keeps_the_averages() -> None:
    made, seen = model(), []
    made.compile(LossScaleOptimizer(SGD(0.25, use_ema=True, ema_momentum=0.5), initial_scale=1.0), "mse")
    look = LambdaCallback(on_test_begin=lambda logs: seen.append(made.get_weights()[0].item()))
    made.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[SwapEMAWeights(), look])
    assert seen == [0.5, 0.625]


@pytest.mark.parametrize("frequency", [None, 10])
def test_swapped_at_the_end_of_epochs(frequency: int | None) -> None:
    made, seen = model(ema_overwrite_frequency=frequency), []
    look = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(made.get_weights()[0].item()),
        on_epoch_end=lambda epoch, logs: seen.append(made.get_weights()[0].item()),
    )
    made.fit(X, Y, epochs=2, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch=True), look])
    assert seen == [0.0, 0.5, 0.5, 0.625]
    assert made.get_weights()[0].item() == 0.625


def test_a_training_that_is_stopped_ends_with_the_averages() -> None:
    class Stop(Callback):
        """Stops after the second epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.stop_training = epoch == 1

    made = model()
    made.fit(X, Y, epochs=9, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch=True), Stop()])
    assert made.get_weights()[0].item() == 0.625


def test_evaluate_and_predict_leave_the_weights() -> None:
    made = model()
    made.fit(X, Y, epochs=2, verbose=0)
    made.set_weights([np.array([[0.75]])])
    swap = SwapEMAWeights()
    assert made.predict(X, verbose=0, callbacks=[swap])[0, 0] == pytest.approx(0.625)
    assert made.evaluate(X, Y, verbose=0, callbacks=[swap]) == pytest.approx(0.375**2)
    assert made.get_weights()[0].item() == 0.75


def test_an_optimizer_without_averages_is_refused() -> None:
    made = Sequential([Dense(1, input_dim=1)])
    made.compile("sgd", "mse")
    with pytest.raises(BadValue, match="keeps no averages") as caught:
        made.fit(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
    assert caught.value.fix == "SGD(use_ema=True)"


class Raising(Callback):
    """Fails while the averages are in the model, after some batches."""

    def __init__(self, after: int = 0) -> None:
        self.left = after

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("my own")

    on_predict_batch_end = on_test_batch_end


def test_own_weights_return_when_an_evaluation_fails() -> None:
    made, swap = model(), SwapEMAWeights()
    made.fit(X, Y, epochs=2, verbose=0)
    made.set_weights([np.array([[7.0]])])
    for fails in (
        lambda hooks: made.evaluate(X, Y, verbose=0, callbacks=hooks),
        lambda hooks: made.predict(X, verbose=0, callbacks=hooks),
    ):
        with pytest.raises(RuntimeError, match="my own"):
            fails([swap, Raising()])
        assert made.get_weights()[0].item() == 7.0
    made.evaluate(X, Y, verbose=0, callbacks=[swap])
    assert made.get_weights()[0].item() == 7.0


def test_own_weights_return_when_a_validation_fails() -> None:
    made, swap = model(), SwapEMAWeights(swap_on_epoch=True)
    with pytest.raises(RuntimeError, match="my own"):
        made.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[swap, Raising(1)])
    assert made.get_weights()[0].item() == 0.75


def test_averages_that_became_the_weights_stay() -> None:
    made, swap = model(), SwapEMAWeights(swap_on_epoch=True)
    made.fit(X, Y, epochs=2, verbose=0, callbacks=[swap])
    made.set_weights([np.array([[7.0]])])
    assert made.evaluate(X, Y, verbose=0, callbacks=[swap]) == pytest.approx(0.375**2)
    assert made.get_weights()[0].item() == 7.0


def test_weights_that_were_put_aside_return_before_training() -> None:
    made, swap = model(), SwapEMAWeights()
    made.fit(X, Y, epochs=2, verbose=0)
    made.set_weights([np.array([[7.0]])])
    swap.set_model(made)
    swap.on_test_begin()
    assert made.get_weights()[0].item() == 0.625
    swap.on_train_begin()
    assert made.get_weights()[0].item() == 7.0
