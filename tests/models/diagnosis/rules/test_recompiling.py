"""Optimizers that do not know the weights: refused with the line that mends it, in compile and in fit."""

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap

X = np.random.default_rng(3).normal(size=(32, 4)).astype("float32")
Y = X.sum(1)


def model():
    return Sequential([Input((4,)), Dense(3, activation="relu", name="base"), Dense(1, name="head")])


def trained(made, optimizer):
    made.compile(optimizer, "mse")
    made.fit(X, Y, verbose=0)
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda: "adam",
        lambda: SGD(0.01, momentum=0.9),
        lambda: LossScaleOptimizer(Adam(0.01)),
        lambda: MultiOptimizer(OptimizerMap(Adam(0.01), {"head": SGD(0.1)})),
    ],
)
def test_what_is_unfrozen_must_be_compiled_again_and_the_state_stays(make):
    made = model()
    made.get_layer("base").trainable = False
    trained(made, make())
    made.get_layer("base").trainable = True
    with pytest.raises(BadData, match=r"K129: layer 'base' \(15 parameters\) was unfrozen") as caught:
        made.fit(X, Y, verbose=0)
    assert "keep_optimizer_state=True" in caught.value.fix
    before = made.get_layer("base").kernel.numpy().copy()
    made.compile(make(), "mse", keep_optimizer_state=True)
    made.fit(X, Y, verbose=0)
    assert int(np.asarray(made.optimizer.iterations)) == 2
    assert (made.get_layer("base").kernel.numpy() != before).any()


def test_what_is_frozen_stays_as_it_is_without_more_ado():
    made = trained(model(), "adam")
    made.get_layer("base").trainable = False
    before = made.get_layer("base").kernel.numpy().copy()
    made.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(made.get_layer("base").kernel.numpy(), before)
    (finding,) = kmagic.diagnose(made, X, Y)
    assert (finding.code, finding.severity) == ("K129", "hint")


def test_an_optimizer_of_another_model_is_refused_when_it_is_chosen():
    shared = Adam(0.01)
    trained(model(), shared)
    with pytest.raises(BadData, match="K130: this Adam belongs to another model") as caught:
        model().compile(shared, "mse")
    assert caught.value.fix == "model.compile(optimizer=kmagic.optimizers.Adam(learning_rate=0.01), loss='mse')"


def test_models_with_the_same_layers_may_share_an_optimizer():
    shared, base = Adam(0.01), model()
    trained(base, shared)
    trained(Sequential([Input((4,)), *base.layers]), shared)
    assert int(shared.iterations.numpy()) == 2


def test_a_part_of_a_model_may_use_the_optimizer_of_the_whole():
    shared, whole = Adam(0.01), model()
    trained(whole, shared)
    half = Sequential([Input((4,)), whole.get_layer("base")])
    half.compile(shared, "mse")
    half.fit(X, abs(X[:, :3]), verbose=0)


def test_compiling_again_by_name_is_a_hint():
    made = trained(model(), "adam")
    (finding,) = kmagic.diagnose(made, X, Y, optimizer="adam", loss="mse")
    assert (finding.code, finding.severity) == ("K128", "hint")
    assert kmagic.diagnose(made, X, Y, optimizer=made.optimizer, loss="mae") == []
    mended = finding.fixes[0].apply()
    assert int(mended.model.optimizer.iterations.numpy()) == 1
