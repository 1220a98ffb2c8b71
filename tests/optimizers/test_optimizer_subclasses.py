"""Optimizers that users write in Keras's style: at once, compiled, described."""

from typing import Any

import numpy as np
import pytest

from kmagic import ops, optimizers
from kmagic.graph.variable import Variable
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam, Optimizer


class Pace(Optimizer):
    """Momentum, as the documentation of Keras shows an optimizer of one's own."""

    def __init__(self, learning_rate: Any = 0.1, momentum: float = 0.9, name: str = "pace", **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.momentum = momentum

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(reference_variable=variable, name="momentum"))
        self.count = Variable(0.0, name="count")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, ops.subtract(ops.multiply(m, ops.cast(self.momentum, variable.dtype)), gradient * learning_rate))
        self.assign_add(variable, m)
        self.assign_sub(self.count, -1.0)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update({"momentum": self.momentum})
        return config


X = np.random.default_rng(1).normal(size=(8, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def trained(optimizer: Optimizer) -> list[np.ndarray]:
    model = Sequential([Dense(1, input_dim=3, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    model.fit(X, Y * 0.5, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()


def test_a_rule_in_kerass_style_trains_like_the_built_in_one() -> None:
    for options in ({}, {"weight_decay": 0.1, "clipnorm": 0.5}, {"use_ema": True}, {"gradient_accumulation_steps": 2}):
        own = Pace(**options)
        for found, wanted in zip(trained(own), trained(SGD(0.1, momentum=0.9, **options)), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)
        names = [variable.name for variable in own.variables]
        assert [name.split("_")[-2:] for name in names[-3:-1]] == [["kernel", "momentum"], ["bias", "momentum"]]
        assert names[-1] == "count"
        assert float(own.count.numpy()) == 2 * int(own.iterations)


def test_a_rule_in_kerass_style_is_described() -> None:
    own = Pace(learning_rate=0.25, momentum=0.5, clipvalue=1.0)
    config = own.get_config()
    assert (config["learning_rate"], config["momentum"], config["clipvalue"]) == (0.25, 0.5, 1.0)
    again = optimizers.deserialize(optimizers.serialize(own), custom_objects={"Pace": Pace})
    assert type(again) is Pace and again.get_config() == config
    inside = optimizers.serialize(optimizers.LossScaleOptimizer(own))
    assert type(optimizers.deserialize(inside, {"Pace": Pace}).inner_optimizer) is Pace


def test_a_subclass_of_a_built_in_one_keeps_its_state() -> None:
    class Halved(Adam):
        """Adam with half the step."""

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            super().update_step(gradient, variable, learning_rate / 2)

    for found, wanted in zip(trained(Halved(0.1)), trained(Adam(0.05)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_names_that_users_touch_are_kerass() -> None:
    weight = Variable(np.ones(2))
    optimizer = Adam(0.1, use_ema=True, gradient_accumulation_steps=2)
    optimizer.apply_gradients([(np.array([1.0, 3.0]), weight)])
    assert optimizer._accumulated_gradients[0].numpy().tolist() == [1.0, 3.0]
    assert optimizer._model_variables_moving_average[0].numpy().tolist() == [1.0, 1.0]
    assert optimizer._trainable_variables == [weight] and optimizer._get_variable_index(weight) == 0
    assert int(optimizer._iterations) == 1 and float(optimizer._learning_rate) == pytest.approx(0.1)
    assert [len(slots) for slots in (optimizer._momentums, optimizer._velocities)] == [1, 1]
    assert optimizer._clip_gradients([np.ones(2)])[0].tolist() == [1.0, 1.0]
    optimizer.apply_gradients([])
    assert int(optimizer._iterations) == 1


def test_arguments_of_older_keras() -> None:
    with pytest.raises(TypeError, match="unknown argument 'lr'") as caught:
        SGD(lr=0.1)
    assert caught.value.fix == "did you mean learning_rate=?"  # type: ignore[attr-defined]
    with pytest.warns(UserWarning, match="`decay` is no longer supported"):
        optimizer = SGD(0.5, decay=0.1)
    assert "decay" not in optimizer.get_config()
    with pytest.raises(TypeError, match="unknown argument 'momentun'") as caught:
        Pace(momentun=0.1)
    assert caught.value.fix == "did you mean momentum=?"  # type: ignore[attr-defined]


def test_averages_become_the_weights_at_the_end() -> None:
    """As in Keras also where they are written back every few steps."""
    for options in ({}, {"ema_overwrite_frequency": 5}):
        weight = Variable(np.zeros(1))
        optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, **options)
        optimizer.apply([np.array([-1.0])], [weight])
        optimizer.apply([np.array([-1.0])], [weight])
        assert weight.numpy()[0] == 2.0
        optimizer.finalize_variable_values([weight])
        assert weight.numpy()[0] == 1.5


def test_averages_count_calls_that_only_collect_gradients() -> None:
    """Worked by hand from Keras's rule: the average moves at every call, and starts at the weight until one update."""
    weight = Variable(np.zeros(1))
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, gradient_accumulation_steps=2)
    averages = []
    for _ in range(4):
        optimizer.apply([np.array([-1.0])], [weight])
        averages.append(float(optimizer._model_variables_moving_average[0].numpy()[0]))
    # weights 0, 1, 1, 2
    assert averages == [0.0, 1.0, 1.0, 1.5]


def test_the_stateless_form_never_touches_the_weights() -> None:
    seen: list[Any] = []

    class Looking(SGD):
        """Looks at the memory while it works."""

        def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
            super().update_step(gradient, variable, learning_rate)
            seen.append((variable.array.tolist(), self.momentums[0].array.tolist()))

    weights = [Variable(np.array([value]), name=str(value)) for value in (1.0, 2.0)]
    optimizer = Looking(0.5, momentum=0.5)
    optimizer.build(weights)
    given = [np.array([3.0]), np.array([5.0])]
    state = [variable.numpy() for variable in optimizer.variables]
    new, _ = optimizer.stateless_apply(state, [np.array([1.0]), np.array([1.0])], given)
    assert [value.tolist() for value in new] == [[2.5], [4.5]]
    assert seen == [([1.0], [0.0]), ([2.0], [0.0])]
    assert [value.tolist() for value in given] == [[3.0], [5.0]]
    # variables may trade places
    new, _ = optimizer.stateless_apply(optimizer.variables, [np.zeros(1), np.zeros(1)], weights[::-1])
    assert [value.tolist() for value in new] == [[2.0], [1.0]]


def test_what_the_stateless_form_gives_is_ones_own() -> None:
    weight, kept = Variable(np.ones(1)), np.zeros(1)
    optimizer = SGD(0.5)
    optimizer.build([weight])
    first, _ = optimizer.stateless_apply(optimizer.variables, [np.zeros(1)], [kept])
    first[0][...] = 9.0
    assert kept.tolist() == [0.0] and weight.numpy().tolist() == [1.0]
