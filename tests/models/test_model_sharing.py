"""Models that share layers, and programs that must notice changes."""

import threading

import numpy as np
import pytest

from kmagic.base.errors import Busy
from kmagic.callbacks import LambdaCallback
from kmagic.graph.variable import Variable
from kmagic.layers import Dense, Layer, Rescaling
from kmagic.models import Model, Sequential

X = np.ones((64, 4), "float32")  # so that results are known; there is nothing to learn, and nobody is to say so
Y = np.zeros((64, 1), "float32")


def sum_rule(rate: float, steps: int) -> float:
    """What a weight of 1 becomes when each step subtracts `rate`."""
    return 1.0 - rate * steps


def test_runs_that_share_layers_wait_for_each_other() -> None:
    shared = Dense(1, use_bias=False, kernel_initializer="ones")
    first, second = Sequential([shared]), Sequential([Rescaling(1.0), shared])
    for model in (first, second):
        # the gradient of the mean prediction with respect to each weight is 1
        model.compile("sgd", lambda t, p: p[..., 0] + 0 * t[..., 0], validate=False)
    runs = [model.fit_async(X, Y, batch_size=8, epochs=5, verbose=0) for model in (first, second)]
    for run in runs:
        assert run.wait().status == "done", run.error
    np.testing.assert_allclose(shared.kernel.numpy(), sum_rule(0.01, 2 * 5 * 8), rtol=1e-5)


def test_weights_are_neither_read_nor_changed_in_the_middle_of_a_run() -> None:
    model = Sequential([Dense(1, input_dim=4)])
    model.compile("sgd", "mse", validate=False)
    going, go_on = threading.Event(), threading.Event()

    def hold(epoch: int, logs: object) -> None:
        going.set()
        go_on.wait(10)

    run = model.fit_async(X, Y, epochs=2, verbose=0, callbacks=LambdaCallback(on_epoch_end=hold))
    assert going.wait(10)
    with pytest.raises(Busy, match="trainable"):
        model.layers[0].trainable = False
    threading.Timer(0.1, go_on.set).start()
    model.layers[0].set_weights([np.full((4, 1), 3.0), np.zeros(1)])
    assert run.finished
    assert model.layers[0].kernel.numpy().tolist() == [[3.0]] * 4


def test_layers_and_variables_are_found_wherever_they_are_kept() -> None:
    class Kept(Layer):
        def build(self, input_shape: object) -> None:
            self.w = Variable(np.ones(4, "float32"), name="w")

        def call(self, inputs: object) -> object:
            return inputs * self.w

    class Nested(Model):
        def __init__(self) -> None:
            super().__init__()
            self.by_name = {"head": Dense(1)}
            self.rows = [[Dense(4)], (Kept(),)]

        def call(self, inputs: object) -> object:
            return self.by_name["head"](self.rows[1][0](self.rows[0][0](inputs)))

    model = Nested()
    model.compile("sgd", "mse", validate=False)
    model.fit(X, Y + 1, epochs=1, verbose=0)
    assert sorted(weight.shape for weight in model.trainable_weights) == [(1,), (4,), (4,), (4, 1), (4, 4)]
    assert not np.array_equal(model.rows[1][0].w.numpy(), np.ones(4))


def test_single_batches_notice_changed_attributes() -> None:
    scale = Rescaling(1.0)
    model = Sequential([scale, Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile("sgd", "mse", validate=False)
    assert model.test_on_batch(X[:8], Y[:8]) == pytest.approx(16.0)  # (4·1 − 0)²
    scale.scale = 10.0
    assert model.test_on_batch(X[:8], Y[:8]) == pytest.approx(1600.0)
    assert model.test_on_batch(X[:16], Y[:16]) == pytest.approx(1600.0)
    assert model.test_on_batch(X[:3], Y[:3]) == pytest.approx(1600.0)


def test_training_nothing_is_told_once() -> None:
    model = Sequential([Dense(1, input_dim=4)])
    both = np.concatenate([X, -X]), np.concatenate([Y, Y])
    model.trainable = False
    with pytest.warns(UserWarning, match="0 of 5 parameters are trainable"):
        model.compile("sgd", "mse")
    model.fit(*both, verbose=0)
    model.trainable = True
    model.compile("sgd", "mse")
    model.trainable = False
    with pytest.warns(UserWarning, match="0 of 5 parameters are trainable"):
        model.fit(*both, verbose=0)
