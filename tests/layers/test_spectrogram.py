"""Spectrograms against NumPy's Fourier transform, and what is refused."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import Dense, Flatten, Input, MelSpectrogram, STFTSpectrogram
from kmagic.models import Sequential

RANDOM = np.random.default_rng(0)
SOUND = RANDOM.normal(size=(2, 64, 2))
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(16) / 15)


def transformed(step: int, window: Any, length: int = 16) -> Any:
    """[batch channels frames frequencies], by NumPy."""
    frames = np.lib.stride_tricks.sliding_window_view(SOUND, len(window), 1)[:, ::step].transpose(0, 2, 1, 3)
    return np.fft.rfft(frames * window, length)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("real", lambda z: z.real),
        ("imag", lambda z: z.imag),
        ("magnitude", lambda z: np.sqrt(np.maximum(abs(z) ** 2, 1e-7))),
        ("log", lambda z: np.log(np.sqrt(np.maximum(abs(z) ** 2, 1e-7)))),
        ("psd", lambda z: abs(z) ** 2 * np.r_[1, np.full(z.shape[-1] - 2, 2), 1]),
        ("stft", lambda z: np.concatenate([z.real, z.imag], -1)),
    ],
)
def test_modes_are_those_of_the_transform(mode: Any, expected: Any) -> None:
    layer = STFTSpectrogram(mode=mode, frame_length=16, fft_length=32, dtype="float64", expand_dims=True)
    z = transformed(8, HANN, 32) / np.sqrt(np.sum(HANN**2))
    np.testing.assert_allclose(layer(SOUND), expected(z).transpose(0, 2, 3, 1), rtol=1e-9, atol=1e-12)


def test_angles_and_channels_side_by_side() -> None:
    layer = STFTSpectrogram(mode="angle", frame_length=16, frame_step=4, window=None, dtype="float64")
    found = np.asarray(layer(SOUND)).reshape(2, 13, 2, 9).transpose(0, 2, 1, 3)
    # of the first and last frequency the angle is 0 or π, with a sign of chance
    np.testing.assert_allclose(found[..., 1:-1], np.angle(transformed(4, np.ones(16)))[..., 1:-1], rtol=1e-9)
    first = STFTSpectrogram(frame_length=16, data_format="channels_first", dtype="float64")
    last = STFTSpectrogram(frame_length=16, dtype="float64")
    turned = np.asarray(first(SOUND.transpose(0, 2, 1)))
    np.testing.assert_allclose(turned.transpose(0, 2, 1), last(SOUND), rtol=1e-12)


def test_kernels_go_on_learning() -> None:
    model = Sequential([Input((64, 2)), STFTSpectrogram(frame_length=16), Flatten(), Dense(1)])
    before = model.get_weights()
    assert [v.name for v in model.weights[:2]] == ["real_kernel", "imag_kernel"]
    model.compile("sgd", "mse")
    model.fit(SOUND, np.ones((2, 1)), verbose=0)
    assert all(np.abs(a - b).max() > 0 for a, b in zip(before[:2], model.get_weights()[:2], strict=True))


def bands(length: int, bins: int, rate: float, low: float, high: float) -> Any:
    """The triangles, one after the other."""
    mel = lambda f: 1127.0 * np.log(1 + f / 700.0)  # noqa: E731
    edges, matrix = np.linspace(mel(low), mel(high), bins + 2), np.zeros((length // 2 + 1, bins))
    for k in range(1, length // 2 + 1):
        at = mel(k * rate / length)
        for b in range(bins):
            up = (at - edges[b]) / (edges[b + 1] - edges[b])
            down = (edges[b + 2] - at) / (edges[b + 2] - edges[b + 1])
            matrix[k, b] = max(0.0, min(up, down))
    return matrix


def test_pitches_are_triangles_of_the_transform() -> None:
    waves = SOUND[..., 0]
    options: dict[str, Any] = {"fft_length": 16, "sequence_stride": 4, "num_mel_bins": 5, "sampling_rate": 800}
    padded = np.pad(waves, [(0, 0), (8, 8)], mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, 16, 1)[:, ::4]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(16) / 16)
    power = np.abs(np.fft.rfft(frames * window)) ** 2 @ bands(16, 5, 800, 20.0, 400)
    plain = MelSpectrogram(power_to_db=False, dtype="float64", **options)
    np.testing.assert_allclose(plain(waves), power.transpose(0, 2, 1), rtol=1e-9)
    decibels = 10 * np.log10(np.maximum(power, 1e-10) / 4.0)
    expected = np.maximum(decibels, decibels.max() - 15.0).transpose(0, 2, 1)
    found = MelSpectrogram(ref_power=4.0, top_db=15.0, dtype="float64", **options)(waves)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(plain(waves[0]), power[0].T, rtol=1e-9)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(BadValue, match="frame_step is 9"):
        STFTSpectrogram(frame_length=8, frame_step=9)
    with pytest.raises(BadValue, match="fft_length is 4"):
        STFTSpectrogram(frame_length=8, fft_length=4)
    with pytest.raises(BadValue, match="window is 'hanning'"):
        STFTSpectrogram(window="hanning")
    with pytest.raises(BadValue, match="sequence_length is 9"):
        MelSpectrogram(fft_length=8, sequence_length=9)
    with pytest.raises(ShapeMismatch, match="input of shape"):
        MelSpectrogram(name="mel")(np.zeros((2, 3, 64)))
