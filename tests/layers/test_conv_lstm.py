"""Recurrence on grids: masks, states, formats, and what is refused."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import LSTM, Bidirectional, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D, Dense, GlobalAveragePooling2D, Input
from kmagic.models import Sequential
from kmagic.optimizers import Adam

RANDOM = np.random.default_rng(0)
FILM = RANDOM.normal(size=(3, 5, 4, 3, 2))
COUNTS = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0]], bool)


def known(layer: Any, x: Any = FILM) -> Any:
    """The layer with weights that do not depend on how it was made."""
    layer(x)
    stream = np.random.default_rng(5)
    layer.set_weights([stream.normal(size=array.shape) / 2 for array in layer.get_weights()])
    return layer


@pytest.mark.parametrize("options", [{}, {"padding": "same", "strides": 2}, {"recurrent_activation": "hard_sigmoid"}])
def test_a_grid_of_one_place_is_lstm(options: dict[str, Any]) -> None:
    convolved = known(ConvLSTM2D(3, 1, dtype="float64", **options), FILM[:, :, :1, :1])
    plain = LSTM(3, dtype="float64", recurrent_activation=options.get("recurrent_activation", "sigmoid"))
    plain(FILM[:, :, 0, 0])
    kernel, recurrent, bias = convolved.get_weights()
    plain.set_weights([kernel[0, 0], recurrent[0, 0], bias])
    np.testing.assert_allclose(
        np.asarray(convolved(FILM[:, :, :1, :1]))[:, 0, 0], plain(FILM[:, :, 0, 0]), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_masked_steps_are_as_if_they_were_not_there(backwards: bool) -> None:
    layer = known(ConvLSTM2D(2, 2, dtype="float64", go_backwards=backwards))
    expected = [layer(film[None, counts]) for film, counts in zip(FILM, COUNTS, strict=True)]
    np.testing.assert_allclose(layer(FILM, mask=COUNTS), np.concatenate(expected), rtol=1e-12)


def test_outputs_of_masked_steps_repeat_or_are_zero() -> None:
    layer = known(ConvLSTM2D(2, 2, dtype="float64", return_sequences=True))
    found = np.asarray(layer(FILM, mask=COUNTS))
    np.testing.assert_array_equal(found[1, 3:], np.repeat(found[1, 2:3], 2, 0))
    assert (found[2, 0] == 0).all(), "before the first step"
    layer.zero_output_for_mask = True
    np.testing.assert_array_equal(layer(FILM, mask=COUNTS), found * COUNTS[..., None, None, None])
    both = known(Bidirectional(ConvLSTM2D(2, 2, dtype="float64", return_sequences=True)))
    assert (np.asarray(both(FILM, mask=COUNTS))[~COUNTS] == 0).all()


def test_channels_may_come_first() -> None:
    last = known(ConvLSTM2D(2, (2, 3), padding="same", dtype="float64", return_sequences=True))
    first = ConvLSTM2D(
        2, (2, 3), padding="same", dtype="float64", return_sequences=True, data_format="channels_first", unroll=True
    )
    turned = np.moveaxis(FILM, -1, 2)
    first(turned)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(np.asarray(first(turned)), 2, -1), last(FILM), rtol=1e-12)


def test_states_are_kept_from_batch_to_batch() -> None:
    kept = known(ConvLSTM2D(2, 2, stateful=True, dtype="float64"))
    plain = known(ConvLSTM2D(2, 2, dtype="float64"))
    kept.reset_state()
    kept(FILM[:, :2])
    np.testing.assert_allclose(kept(FILM[:, 2:]), plain(FILM), rtol=1e-12)
    assert len(kept.weights) == len(plain.weights) == 3, "states are no weights"


def test_a_film_is_learned_from() -> None:
    model = Sequential(
        [
            Input((5, 4, 3, 2)),
            ConvLSTM2D(3, 2, return_sequences=True, dropout=0.1, recurrent_dropout=0.1, seed=1),
            ConvLSTM2D(2, 2, padding="same"),
            GlobalAveragePooling2D(),
            Dense(1),
        ]
    )
    assert model.output_shape == (None, 1) and model.layers[0].output_shape == (None, 5, 3, 2, 3)
    stream = np.random.default_rng(4)
    model.set_weights([stream.normal(size=array.shape) / 3 for array in model.get_weights()])
    model.compile(Adam(0.02), "mse")
    losses = model.fit(FILM, np.array([[1.0], [0.0], [-1.0]]), epochs=100, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_cell_arguments_are_the_layers_own() -> None:
    layer = ConvLSTM3D(2, (1, 2, 3), padding="SAME", strides=2, name="deep")
    assert (layer.filters, layer.kernel_size, layer.padding, layer.strides) == (2, (1, 2, 3), "same", (2, 2, 2))
    again = ConvLSTM3D.from_config(layer.get_config())
    assert again.kernel_size == (1, 2, 3) and "cell" not in layer.get_config() and "rank" not in layer.get_config()
    assert [v.path for v in known(layer, np.zeros((1, 2, 2, 3, 4, 1))).weights] == [
        f"deep/conv_lstm_cell/{name}" for name in ("kernel", "recurrent_kernel", "bias")
    ]
    open_gates = ConvLSTM1D(2, 2)
    open_gates(FILM[..., 0])
    assert open_gates.get_weights()[2].tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(BadValue, match="strides is .2, 2. and dilation_rate .2, 2."):
        ConvLSTM2D(2, 2, strides=2, dilation_rate=2)
    with pytest.raises(ShapeMismatch, match="in each step") as caught:
        ConvLSTM2D(2, 2, name="film")(FILM[..., 0])
    assert str(caught.value.where).startswith("film") and "4 axes in each step" in str(caught.value.expected)
    with pytest.raises(ShapeMismatch, match="of known sizes|in each step"):
        Sequential([Input((5, None, 3, 2)), ConvLSTM2D(2, 2)])
    with pytest.raises(ShapeMismatch, match=r"steps of shape \[3 3 2\]"):
        known(ConvLSTM2D(2, 2))(FILM[:, :, :3])
