"""Walking along sequences: masks, states, cells of a user's own, dropout, and what is kept for the way back."""

from typing import Any

import numpy as np
import pytest

from kmagic import grad, ops
from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch
from kmagic.compiler.fuse import owner
from kmagic.compiler.order import sequence
from kmagic.graph.interpret import bound
from kmagic.graph.masks import mask_of
from kmagic.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    GRUCell,
    Input,
    Layer,
    LSTMCell,
    Masking,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
)
from kmagic.models import Model, Sequential

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 6, 3))
KINDS = [SimpleRNN, LSTM, GRU]
CELLS = [SimpleRNNCell, LSTMCell, GRUCell]


def weights_of(layer: Any) -> list[Any]:
    return [RANDOM.normal(size=array.shape) / 2 for array in layer.get_weights()]


def padded() -> Any:
    """Sequences that end early, and one that begins late."""
    x = X.copy()
    x[1, 3:] = x[2, 5:] = x[3, :2] = 0
    return x


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"return_sequences": True, "return_state": True}])
@pytest.mark.parametrize("kind", KINDS)
def test_unrolled_and_scanned_agree_in_a_program(kind: Any, options: dict[str, bool]) -> None:
    """Also where steps are masked, and in what is learned."""
    losses, weights, start = [], [], None
    for unroll in (True, False):
        begin = Input((6, 3), dtype="float64")
        layer = kind(5, unroll=unroll, dtype="float64", **options)
        model = Model(begin, layer(Masking(dtype="float64")(begin)))
        start = start or weights_of(layer)
        layer.set_weights(start)
        model.compile("sgd", "mse")
        outputs = model.outputs
        targets = [np.ones((4, *output.shape[1:])) for output in outputs]
        losses.append(model.fit(padded(), targets, epochs=3, batch_size=3, shuffle=False, verbose=0).history["loss"])
        weights.append(layer.get_weights())
    np.testing.assert_allclose(*losses, rtol=1e-12)
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_masked_steps_are_as_if_they_were_not_there(kind: Any) -> None:
    layer = kind(5, dtype="float64")
    found = np.asarray(layer(Masking(dtype="float64")(padded())))
    parts = [X[:1], X[1:2, :3], X[2:3, :5], X[3:, 2:]]
    np.testing.assert_allclose(found, np.concatenate([layer(part) for part in parts]), rtol=1e-12)
    backwards = kind.from_config({**layer.get_config(), "go_backwards": True})
    backwards(X)
    backwards.set_weights(layer.get_weights())
    np.testing.assert_allclose(
        backwards(Masking(dtype="float64")(padded())[:, ::-1], mask=padded()[:, ::-1].any(-1)), found
    )


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_of_masked_steps_repeat_or_are_zero(kind: Any) -> None:
    counts = padded().any(-1)
    layer = kind(5, return_sequences=True, dtype="float64")
    found = layer(Masking(dtype="float64")(padded()))
    assert mask_of(found).tolist() == counts.tolist()
    found = np.asarray(found)
    np.testing.assert_array_equal(found[1, 3:], np.repeat(found[1, 2:3], 3, 0))
    assert (found[3, :2] == 0).all(), "before the first step"
    layer.zero_output_for_mask = True
    np.testing.assert_array_equal(layer(Masking(dtype="float64")(padded())), found * counts[..., None])


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_may_be_walked_in_two_halves(kind: Any) -> None:
    layer = kind(5, return_state=True, dtype="float64")
    whole = layer(X)
    first = layer(X[:, :2])
    second = layer(X[:, 2:], initial_state=list(first[1:]))
    for one, other in zip(whole, second, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_kept_from_batch_to_batch(kind: Any) -> None:
    kept = kind(5, stateful=True, dtype="float64")
    kept(X[:, :2])
    plain = kind(5, dtype="float64")
    whole = plain(X)
    plain.set_weights(kept.get_weights())
    whole = plain(X)
    kept.reset_state()
    kept(X[:, :2])
    np.testing.assert_allclose(kept(X[:, 2:]), whole, rtol=1e-12)
    kept.reset_states()
    np.testing.assert_allclose(kept(X), whole, rtol=1e-12)
    assert len(kept.weights) == len(plain.weights), "states are no weights"
    with pytest.raises(ShapeMismatch, match="3 rows"):
        kept(X[:3])


def test_a_fixed_batch_size_is_needed_for_states_that_are_kept() -> None:
    with pytest.raises(BadValue, match="batch size that is not known") as caught:
        Sequential([Input((6, 3)), LSTM(5, stateful=True)])
    assert "batch_shape" in str(caught.value.fix)


# ---- cells ----


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_one_step_of_its_layer(kind: Any) -> None:
    cell = kind(5, dtype="float64")
    layer = RNN(cell, return_state=True, dtype="float64")
    expected = layer(X)
    states = cell.get_initial_state(4)
    for t in range(6):
        output, states = cell(X[:, t], states)
    for one, other in zip((output, *states), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    assert isinstance(cell(X[:, 0], states)[1], list)


def test_the_cells_of_a_stack_take_what_the_one_below_gives() -> None:
    lower, upper = LSTMCell(4, dtype="float64"), GRUCell(2, dtype="float64")
    stacked = RNN([lower, upper], return_sequences=True, dtype="float64")
    found = stacked(X)
    below = RNN(lower, return_sequences=True, dtype="float64")
    above = RNN(upper, return_sequences=True, dtype="float64")
    np.testing.assert_allclose(found, above(below(X)), rtol=1e-12)
    assert stacked.state_size == [[4, 4], 2] and isinstance(stacked.cell, StackedRNNCells)
    assert [v.path.split("/")[-2:] for v in stacked.weights[::3]] == [[lower.name, "kernel"], [upper.name, "kernel"]]


class Adding(Layer):
    """A cell of a user's own: its output is no state of it."""

    state_size = 3

    def call(self, inputs: Any, states: Any) -> Any:
        total = states[0] + inputs
        return total * 2, (total,)


class Doubling:
    """A cell that is no layer."""

    state_size = [3]
    output_size = 3

    def call(self, inputs: Any, states: Any) -> Any:
        return states[0] * 2 + inputs, [states[0] * 2 + inputs]


def test_cells_of_a_users_own() -> None:
    layer = RNN(Adding(), return_sequences=True, return_state=True)
    outputs, state = layer(X.astype("float32"))
    np.testing.assert_allclose(outputs, 2 * X.cumsum(1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(state, X.sum(1), rtol=1e-4, atol=1e-5)
    counts = padded().any(-1)
    found = np.asarray(RNN(Adding(), dtype="float64")(Masking(dtype="float64")(padded())))
    np.testing.assert_allclose(found, 2 * (X * counts[..., None]).sum(1), rtol=1e-5, atol=1e-5)
    expected = sum(X[:, t] * 2 ** (5 - t) for t in range(6))
    np.testing.assert_allclose(RNN(Doubling(), dtype="float64")(X), expected, rtol=1e-12)
    both = RNN([Adding(), SimpleRNNCell(2)])
    assert both(X.astype("float32")).shape == (4, 2)


def test_what_is_no_cell_is_named() -> None:
    with pytest.raises(BadType, match="is no cell"):
        RNN(Dense(3))


# ---- dropout ----


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_that_of_all_steps(kind: Any) -> None:
    """With a rate of nearly 1 nearly all inputs are 0, in each step the same; without training there is no noise."""
    layer = kind(5, dropout=0.5, recurrent_dropout=0.5, seed=3, dtype="float64")
    np.testing.assert_array_equal(layer(X), layer(X))
    drawn = np.asarray(layer(X, training=True))
    assert not np.allclose(drawn, layer(X)) and not np.allclose(drawn, layer(X, training=True))
    again = kind.from_config(layer.get_config())
    again(X)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(again(X, training=True), drawn, rtol=1e-12)


def test_dropped_inputs_are_dropped_in_every_step() -> None:
    layer = SimpleRNN(
        1, activation="linear", dropout=0.5, kernel_initializer="ones", recurrent_initializer="ones", seed=1
    )
    found = np.asarray(layer(np.ones((2000, 3, 1), "float32"), training=True))
    # the same noise k in three steps: 3·k, k = 0 or 2
    assert set(np.unique(found).tolist()) == {0.0, 6.0}
    assert abs(found.mean() - 3) < 5 * 3 / np.sqrt(2000)


def test_dropped_states_are_dropped_in_every_step() -> None:
    ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    layer = SimpleRNN(1, activation="linear", recurrent_dropout=0.5, seed=1, **ones)
    found = np.asarray(layer(np.ones((2000, 3, 1), "float32"), training=True))
    # 1 + k·(1 + k·1), k = 0 or 2
    assert set(np.unique(found).tolist()) == {1.0, 7.0}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_with_noise_trains_and_repeats(kind: Any) -> None:
    histories = []
    for _ in range(2):
        model = Sequential([Input((6, 3)), kind(5, dropout=0.3, recurrent_dropout=0.3, seed=2), Dense(1)])
        model.set_weights([np.full(w.shape, 0.1) for w in model.get_weights()])
        model.compile("adam", "mse")
        histories.append(model.fit(X, np.ones((4, 1)), epochs=5, shuffle=False, verbose=0).history["loss"])
    assert histories[0] == histories[1] and histories[0][-1] < histories[0][0]


# ---- both directions ----


def test_both_directions_are_two_layers() -> None:
    layer = Bidirectional(LSTM(4, return_sequences=True, dtype="float64"), dtype="float64")
    found = np.asarray(layer(X))
    forward, backward = layer.forward_layer, layer.backward_layer
    np.testing.assert_allclose(found[..., :4], forward(X), rtol=1e-12)
    np.testing.assert_allclose(found[..., 4:], np.asarray(backward(X))[:, ::-1], rtol=1e-12)
    mixed = Bidirectional(LSTM(2), backward_layer=GRU(3, go_backwards=True))
    assert mixed(X.astype("float32")).shape == (4, 5)


def test_both_directions_start_from_given_weights_and_states() -> None:
    first = Bidirectional(GRU(2, return_state=True))
    first(X)
    second = Bidirectional(GRU(2, return_state=True), weights=first.get_weights())
    states = [RANDOM.normal(size=(4, 2)).astype("float32") for _ in range(2)]
    for one, other in zip(first(X, initial_state=states), second(X, initial_state=states), strict=True):
        np.testing.assert_array_equal(one, other)


def test_directions_that_do_not_fit_are_named() -> None:
    with pytest.raises(BadValue, match="go_backwards=False"):
        Bidirectional(LSTM(2), backward_layer=LSTM(2))
    with pytest.raises(BadValue, match="return_sequences is True forward and False backward"):
        Bidirectional(LSTM(2, return_sequences=True), backward_layer=LSTM(2, go_backwards=True))


# ---- shapes and what is refused ----


def test_sequences_of_any_length() -> None:
    model = Sequential([Input((None, 3)), LSTM(5, return_sequences=True), GRU(2), Dense(1)])
    model.compile("adam", "mse")
    for steps in (6, 3):
        model.fit(X[:, :steps], np.ones((4, 1)), verbose=0)
        np.testing.assert_allclose(model.predict(X[:, :steps], verbose=0), model(X[:, :steps]), rtol=1e-5, atol=1e-6)
    with pytest.raises(BadValue, match="unroll=True for sequences of unknown length"):
        Sequential([Input((None, 3)), LSTM(5, unroll=True)])


def test_inputs_that_are_no_sequences_are_named() -> None:
    with pytest.raises(ShapeMismatch, match=r"input of shape \[\? 3\]") as caught:
        LSTM(5, name="memory")(X[:, 0])
    assert caught.value.where == "memory" and "x[..., None]" in str(caught.value.fix)
    layer = LSTM(5)
    layer(X)
    with pytest.raises(ShapeMismatch, match="2 features"):
        layer(X[..., :2])


def test_arguments_of_the_cell_are_read_as_the_layers_own() -> None:
    layer = LSTM(5, activation="relu", dropout=0.25)
    assert (layer.units, layer.dropout, layer.activation.__name__) == (5, 0.25, "relu")
    assert layer.get_config()["units"] == 5 and "cell" not in layer.get_config()
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = layer.colour


# ---- what is kept for the way back ----


def kept_for_the_way_back(model: Any, rows: int) -> int:
    """The bytes of the buffers that hold, when the last way forward ends, what is still read after it."""
    plan = model.plan("place", batch_size=rows).program.plan
    nodes = list(sequence(plan.schedule))
    made = {node: place for place, node in enumerate(nodes)}
    made |= {node: made[node.inputs[0]] for node in plan.places if node.name == "item"}
    end = max(made[node] for node in nodes if node.name == "scan" and node.origin.phase != "backward")
    # what only goes into the loss is no matter of the recurrent layer
    read = {owner(source) for node in nodes[end + 1 :] if node.origin.phase == "backward" for source in node.inputs}
    held = {plan.places[node].buffer for node in read if made.get(node, end + 1) <= end}
    return sum(bound(plan.buffers[number], {"batch": rows}) for number in held - {-1})


def trained(*layers: Any) -> Sequential:
    model = Sequential(layers)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("steps", [32, 128])
@pytest.mark.parametrize("units", [32, 128])
@pytest.mark.parametrize(("kind", "wide"), [(SimpleRNN, 2), (GRU, 4), (LSTM, 6)])
def test_memory_for_the_way_back_is_that_of_gates_and_states(kind: Any, wide: int, units: int, steps: int) -> None:
    used = kept_for_the_way_back(trained(Input((steps, 3)), kind(units), Dense(1)), 16)
    unit = steps * 16 * wide * units * 4
    assert unit <= used <= 1.3 * unit


@pytest.mark.parametrize(("kind", "wide"), [(SimpleRNN, 2), (GRU, 4), (LSTM, 6)])
def test_all_outputs_take_no_more_than_one_more_state(kind: Any, wide: int) -> None:
    units, steps, rows = 32, 64, 16
    used = kept_for_the_way_back(
        trained(Input((steps, 3)), kind(units, return_sequences=True), kind(units), Dense(1)), rows
    )
    assert used <= 1.3 * steps * rows * 2 * wide * units * 4 + steps * rows * units * 4


def test_slopes_of_a_long_sequence_are_those_of_its_steps() -> None:
    """More steps than are unrolled, at once and as a program."""
    x = RANDOM.normal(size=(2, 40, 3))
    layer = LSTM(3, dtype="float64")
    layer(x)
    found = grad(lambda x: ops.sum(ops.square(layer(x))))(x)
    way = RANDOM.normal(size=x.shape)
    sides = [float(np.square(layer(x + sign * 1e-6 * way)).sum()) for sign in (1, -1)]
    assert float((found * way).sum()) == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_a_fixed_batch_size_goes_on_where_it_ended(kind: Any) -> None:
    """A sequence that is fed in two halves gives what the whole gives."""
    whole = Sequential([Input((6, 3)), kind(4)])
    kept = Sequential([Input(batch_shape=(4, 3, 3)), kind(4, stateful=True)])
    kept.set_weights(whole.get_weights())
    kept.predict(X[:, :3], batch_size=4, verbose=0)
    found = kept.predict(X[:, 3:], batch_size=4, verbose=0)
    np.testing.assert_allclose(found, whole.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    kept.compile("sgd", "mse")
    kept.layers[0].reset_state()
    kept.fit(X[:, :3], np.ones((4, 4)), batch_size=4, verbose=0)
    assert any(np.any(state.numpy()) for state in kept.layers[0].states)
    with pytest.raises(BadData, match="3 rows in batches of 3") as caught:
        kept.predict(X[:3, :3], batch_size=4)
    assert "full batches of 4 rows" in str(caught.value.expected)
    with pytest.raises(BadData, match="8 rows in batches of 8"):
        kept.fit(np.zeros((8, 3, 3)), np.ones((8, 4)))


@pytest.mark.parametrize(
    ("rows", "size", "fix"),
    [
        (7, 2, "x[:6], y[:6]"),
        (7, 7, "x[:6], y[:6], batch_size=2"),
        (6, 3, "batch_size=2"),
        (1, 2, None),
    ],
)
def test_a_fixed_batch_size_says_how_many_rows_to_take(rows: int, size: int, fix: str | None) -> None:
    model = Sequential([Input(batch_shape=(2, 3, 3)), SimpleRNN(4, stateful=True)])
    model.compile("sgd", "mse")
    x, y = RANDOM.normal(size=(rows, 3, 3)), RANDOM.normal(size=(rows, 4))
    with pytest.raises(BadData, match=f"{rows} rows in batches of") as caught:
        model.fit(x, y, batch_size=size, verbose=0)
    assert caught.value.fix == fix
    with pytest.raises(BadData) as caught:
        model.predict(x, batch_size=size, verbose=0)
    assert caught.value.fix == (fix and fix.replace(", y[:6]", ""))
