"""Cells and loops that users write themselves: with weights, with layers inside, with states of any form."""

from typing import Any

import numpy as np
import pytest

from kmagic import grad, ops
from kmagic.base.errors import BadType, Unsupported
from kmagic.layers import (
    RNN,
    Bidirectional,
    Dense,
    Dropout,
    GRUCell,
    Input,
    Layer,
    LayerNormalization,
    Masking,
    TimeDistributed,
)
from kmagic.models import Model, Sequential
from kmagic.optimizers import Adam

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 7, 3))


class Minimal(Layer):
    """The cell of Keras's guide: one state, which is the output."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = self.state_size = units

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), "uniform", name="kernel")
        self.recurrent_kernel = self.add_weight((self.units, self.units), "uniform", name="recurrent_kernel")

    def call(self, inputs: Any, states: Any) -> Any:
        output = ops.tanh(ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel))
        return output, [output]


class OfLayers(Layer):
    """A cell made of layers, with two states of other sizes, an output of a third, and noise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.state_size, self.output_size = [4, 2], 5
        own = {"dtype": self.dtype}
        self.mix, self.gate = Dense(4, activation="tanh", **own), Dense(2, activation="sigmoid", **own)
        self.normal, self.out = LayerNormalization(**own), Dense(5, **own)
        self.drop = Dropout(0.25, seed=3, **own)

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        return [ops.ones((batch_size, 4), dtype=self.dtype), ops.zeros((batch_size, 2), dtype=self.dtype)]

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        wide, narrow = states
        wide = self.normal(self.mix(ops.concatenate([inputs, wide, narrow], axis=-1)))
        narrow = narrow * 0.9 + self.gate(self.drop(wide, training=training))
        return self.out(wide) * ops.sum(narrow, -1, keepdims=True), [wide, narrow]


class Grid(Layer):
    """A cell whose state is a matrix for each row."""

    state_size = [(2, 3)]
    output_size = 3

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        return [ops.zeros((batch_size, 2, 3), dtype=self.dtype)]

    def call(self, inputs: Any, states: Any) -> Any:
        grid = states[0] * 0.5 + inputs[:, None, :]
        return ops.max(ops.sin(grid), axis=1), [grid]


CELLS = [lambda: Minimal(4, dtype="float64"), lambda: OfLayers(dtype="float64"), lambda: Grid(dtype="float64")]


def known(layer: Any) -> Any:
    layer(X)
    stream = np.random.default_rng(1)
    layer.set_weights([stream.normal(size=array.shape) / 2 for array in layer.get_weights()])
    return layer


@pytest.mark.parametrize("make", CELLS)
def test_the_loop_is_the_cell_step_after_step(make: Any) -> None:
    layer = known(RNN(make(), return_sequences=True, return_state=True, dtype="float64"))
    states, found = layer.cell.get_initial_state(4) if hasattr(layer.cell, "get_initial_state") else None, []
    if states is None:
        states = [np.zeros((4, 4))]
    for t in range(7):
        output, states = layer.cell(X[:, t], states)
        found.append(np.asarray(output))
    outputs, *after = layer(X)
    np.testing.assert_allclose(outputs, np.stack(found, 1), rtol=1e-12)
    for one, other in zip(after, states, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("make", CELLS)
def test_gradients_are_slopes(make: Any) -> None:
    layer = known(RNN(make(), dtype="float64"))
    way = RANDOM.normal(size=X.shape)
    found = float((grad(lambda x: ops.sum(ops.square(layer(x))))(X) * way).sum())
    ahead, behind = (float(np.square(layer(X + sign * 1e-6 * way)).sum()) for sign in (1, -1))
    assert found == pytest.approx((ahead - behind) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("make", CELLS)
@pytest.mark.parametrize("masked", [False, True])
def test_a_model_of_own_cells_trains_as_one_that_is_unrolled(make: Any, masked: bool) -> None:
    weights = []
    x = X.copy()
    x[1, 3:] = x[2, :1] = 0
    for unroll in (False, True):
        start = Input((7, 3), dtype="float64")
        inner = Masking(dtype="float64")(start) if masked else start
        layer = RNN(make(), unroll=unroll, dtype="float64")
        model = Model(start, Dense(1, dtype="float64")(layer(inner)))
        stream = np.random.default_rng(2)
        model.set_weights([stream.normal(size=array.shape) / 2 for array in model.get_weights()])
        model.compile(Adam(0.02), "mse")
        # noise is drawn in each step of a cell that draws in its call: there are other numbers where there is no loop
        losses = [float(model.evaluate(x, X[:, 0, :1], verbose=0))]
        if not isinstance(layer.cell, OfLayers):
            model.fit(x, X[:, 0, :1], epochs=20, batch_size=4, shuffle=False, verbose=0)
            losses.append(float(model.evaluate(x, X[:, 0, :1], verbose=0)))
            assert losses[1] < losses[0]
        weights.append([*losses, *model.get_weights()])
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)


def test_a_cell_with_noise_learns() -> None:
    model = Sequential([Input((7, 3)), RNN(OfLayers()), Dense(1)])
    stream = np.random.default_rng(2)
    model.set_weights([stream.normal(size=array.shape) / 2 for array in model.get_weights()])
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, X[:, 0, :1], epochs=60, shuffle=False, verbose=0).history["loss"]
    assert min(losses[-5:]) < losses[0] / 2
    np.testing.assert_array_equal(model.predict(X, verbose=0), model.predict(X, verbose=0))


def test_own_cells_on_top_of_each_other_and_in_both_directions() -> None:
    cells = [Minimal(4, dtype="float64"), GRUCell(3, dtype="float64"), Grid(dtype="float64")]
    stacked = known(RNN(cells, dtype="float64"))
    assert np.asarray(stacked(X)).shape == (4, 3)
    each = TimeDistributed(RNN(Minimal(2)))
    assert each(X[:, None].repeat(2, 1).astype("float32")).shape == (4, 2, 2)

    class Again(RNN):
        """`Bidirectional` makes its layers anew from their description."""

        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> RNN:
            return cls(**{**config, "cell": Minimal(4, dtype="float64")})

    both = Bidirectional(Again(Minimal(4), dtype="float64"), dtype="float64")
    assert np.asarray(both(X)).shape == (4, 8)


def test_what_a_cell_lacks_is_named() -> None:
    class Sizeless(Layer):
        def call(self, inputs: Any, states: Any) -> Any:
            return inputs, states

    with pytest.raises(BadType, match="is no cell") as caught:
        RNN(Sizeless())
    assert "state_size" in str(caught.value.expected)


# ---- loops in layers of a user's own ----


class Nested(Layer):
    """A scan along rows whose steps scan along what the row holds, with several carries in both."""

    def build(self, input_shape: Any) -> None:
        self.matrix = self.add_weight((3, 3), name="matrix")

    def call(self, inputs: Any) -> Any:
        def outer(carry: Any, row: Any) -> Any:
            total, number = carry

            def inner(state: Any, value: Any) -> Any:
                state = ops.tanh(ops.matmul(state, self.matrix) + value)
                return state, state * number

            last, seen = ops.scan(inner, total, ops.stack([row, row * 2, row + total]))
            kept = ops.cond(ops.sum(last) > 0, lambda: ops.scan(inner, last, seen)[0], lambda: last * 0.5)
            return (kept, number + 1.0), ops.sum(seen, 0)

        start = (ops.zeros_like(inputs[:, 0]), ops.ones((), dtype=self.dtype))
        (last, _), seen = ops.scan(outer, start, ops.transpose(inputs, (1, 0, 2)))
        return last + ops.sum(seen, 0)


def test_loops_in_branches_in_loops_learn() -> None:
    layer = known(Nested(dtype="float64"))
    way = RANDOM.normal(size=X.shape)
    found = float((grad(lambda x: ops.sum(ops.square(layer(x))))(X) * way).sum())
    ahead, behind = (float(np.square(layer(X + sign * 1e-6 * way)).sum()) for sign in (1, -1))
    assert found == pytest.approx((ahead - behind) / 2e-6, rel=1e-5)
    model = Sequential([Input((7, 3)), Nested(), Dense(1)])
    model.set_weights([np.full(array.shape, 0.2) for array in model.get_weights()])
    model.compile(Adam(0.02), "mse")
    losses = model.fit(X, X[:, 0, :1], epochs=40, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


class Repeating(Layer):
    """Repeats a step until its values are small, or for some steps at most."""

    def __init__(self, limit: int | None, **options: Any) -> None:
        super().__init__(**options)
        self.limit = limit

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return ops.while_loop(
            lambda x: ops.max(ops.absolute(x)) > 0.3,
            lambda x: (ops.sin(x) * 0.7 * self.scale,),
            (inputs,),
            maximum_iterations=self.limit,
        )[0]


def test_a_loop_with_a_limit_learns_and_one_without_says_why_not() -> None:
    layer = known(Repeating(9, dtype="float64"))
    way = RANDOM.normal(size=X.shape)
    found = float((grad(lambda x: ops.sum(ops.square(layer(x))))(X) * way).sum())
    ahead, behind = (float(np.square(layer(X + sign * 1e-7 * way)).sum()) for sign in (1, -1))
    assert found == pytest.approx((ahead - behind) / 2e-7, rel=1e-5)
    model = Sequential([Input((7, 3)), Repeating(None, name="repeating")])
    assert model.predict(X, verbose=0).shape == X.shape
    model.compile("sgd", "mse")
    with pytest.raises(Unsupported, match="the gradient of a while_loop of any number of steps") as caught:
        model.fit(X, X, verbose=0)
    assert "maximum_iterations" in str(caught.value.expected)
