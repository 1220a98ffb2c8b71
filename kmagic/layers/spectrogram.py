"""Spectrograms: how much of each frequency a sound has, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import Count, NonNegative, Positive
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.initializers.stft import STFT
from kmagic.layers import registry
from kmagic.layers.layer import Layer, known
from kmagic.layers.normalization import widened
from kmagic.layers.spatial import FormattedLayer

Window = str | Sequence[float] | None


@registry.register(shapes="[batch steps channels] -> [batch frames *frequencies]")
class STFTSpectrogram(FormattedLayer):
    """The short-time Fourier transform as convolutions, whose kernels may go on learning.

    Formula: r = x∗R, i = x∗I; log: ln √(r² + i²), magnitude: √(r² + i²), psd: r² + i², inner frequencies twice;
    real: r, imag: i, angle: atan2(i, r), stft: both

    Symbols: R, I: weights real_kernel and imag_kernel [frame_length 1 fft_length/2+1], which start as cosines and sines
    under the window; frames begin every frame_step steps, half a frame by default; expand_dims: channels on an axis of
    their own

    Shapes: [batch steps channels] -> [batch frames channels·frequencies], or [batch frames frequencies channels]

    Example:

    >>> import numpy as np
    >>> layer = STFTSpectrogram(mode="magnitude", frame_length=4, window=None, scaling=None)
    >>> layer(np.ones((1, 64, 1)))[0, 0].round(2).tolist()
    [4.0, 0.0, 0.0]

    Source: J. Allen, IEEE Trans. ASSP 25 (1977)
    """

    rank = 1

    def __init__(
        self,
        mode: Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"] = "log",
        frame_length: Count = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Window = "hann",
        periodic: bool = False,
        scaling: Literal["density", "spectrum", None] = "density",
        padding: Literal["valid", "same"] = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise BadValue(f"frame_step is {frame_step}", where=self.name, expected=f"1 to {frame_length}, a frame")
        if fft_length is not None and fft_length < frame_length:
            raise BadValue(f"fft_length is {fft_length}", where=self.name, expected=f"at least {frame_length}, a frame")
        STFT("real", window, scaling, periodic)  # says what is wrong with a window
        self.mode, self.window, self.scaling, self.padding = mode, window, scaling, padding
        self.frame_length, self.frame_step, self.fft_length = frame_length, frame_step, fft_length
        self.periodic, self.expand_dims = periodic, expand_dims

    def build(self, input_shape: Any) -> None:
        """Make the kernels that the mode needs."""
        length = self.fft_length or 2 ** math.ceil(math.log2(self.frame_length))
        shape = (self.frame_length, 1, length // 2 + 1)
        self.kernels = [
            self.add_weight(shape, STFT(side, self.window, self.scaling, self.periodic), name=f"{side}_kernel")
            for side in ("real", "imag")
            if self.mode not in {"real", "imag"} - {side}
        ]

    def call(self, inputs: Any) -> Any:
        self.check_rank(inputs)
        sides = [self._transformed(inputs, kernel) for kernel in self.kernels]
        match self.mode:
            case "real" | "imag":
                found = sides[0]
            case "angle":
                found = ops.arctan2(sides[1], sides[0])
            case "stft":
                found = ops.concatenate(sides, axis=-1)
            case _:
                found = self._power(ops.square(sides[0]) + ops.square(sides[1]))
        return self._arranged(found)

    def _transformed(self, inputs: Any, kernel: Any) -> Any:
        """Each channel by itself: [batch channels frames frequencies]."""
        rows = inputs if self.data_format == "channels_first" else ops.transpose(inputs, (0, 2, 1))
        batch, channels, steps = rows.shape
        step = self.frame_step or max(1, self.frame_length // 2)
        lines = ops.reshape(rows, (batch * channels, steps, 1))
        found = ops.conv(lines, ops.cast(kernel, inputs.dtype), step, self.padding, "channels_last")
        return ops.reshape(found, (batch, channels, *found.shape[1:]))

    def _power(self, power: Any) -> Any:
        if self.mode == "psd":
            # what is lost with the other half of the frequencies, of which the first and the last have none
            return power + ops.pad(power[..., 1:-1], [(0, 0)] * 3 + [(1, 1)])
        magnitude = ops.sqrt(ops.maximum(power, epsilon()))
        return magnitude if self.mode == "magnitude" else ops.log(ops.maximum(magnitude, epsilon()))

    def _arranged(self, found: Any) -> Any:
        batch, channels, frames, frequencies = found.shape
        first = self.data_format == "channels_first"
        if self.expand_dims:
            return found if first else ops.transpose(found, (0, 2, 3, 1))
        turned = ops.transpose(found, (0, 1, 3, 2) if first else (0, 2, 1, 3))
        width = channels * frequencies
        return ops.reshape(turned, (batch, width, frames) if first else (batch, frames, width))


@registry.register(shapes="[*batch samples] -> [*batch bins frames]")
class MelSpectrogram(Layer):
    """How much of each band of pitches a sound has in each frame, in decibels.

    Formula: y = M·|F·(g·x[t])|^mag_exp; with power_to_db 10·log₁₀(y / ref_power), at most top_db below the largest

    Symbols: x[t]: frame of sequence_length samples, every sequence_stride of them, behind half a frame of the sound
    mirrored; g: window; F: Fourier transform over fft_length samples; M: num_mel_bins triangles that are equally wide
    on the mel scale 1127·ln(1 + f/700), from min_freq to max_freq

    Shapes: [*batch samples] -> [*batch bins frames]

    Example:

    >>> import numpy as np
    >>> MelSpectrogram(fft_length=8, sequence_stride=4, num_mel_bins=3, sampling_rate=16)(np.zeros((2, 16))).shape
    (2, 3, 5)

    Source: S. Davis and P. Mermelstein, IEEE Trans. ASSP 28 (1980)
    """

    def __init__(
        self,
        fft_length: Count = 2048,
        sequence_stride: Count = 512,
        sequence_length: int | None = None,
        window: Window = "hann",
        sampling_rate: Positive = 16000,
        num_mel_bins: Count = 128,
        min_freq: NonNegative = 20.0,
        max_freq: Positive | None = None,
        power_to_db: bool = True,
        top_db: NonNegative = 80.0,
        mag_exp: Positive = 2.0,
        min_power: Positive = 1e-10,
        ref_power: Positive = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.fft_length, self.sequence_stride = fft_length, sequence_stride
        self.sequence_length = sequence_length or fft_length
        if not 1 <= self.sequence_length <= fft_length:
            raise BadValue(
                f"sequence_length is {sequence_length}", where=self.name, expected=f"1 to {fft_length}, the fft_length"
            )
        self.window, self.sampling_rate, self.num_mel_bins = window, sampling_rate, num_mel_bins
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power

    def call(self, inputs: Any) -> Any:
        if len(inputs.shape) not in (1, 2):
            found = f"input of shape {written(known(inputs.shape))}"
            raise ShapeMismatch(found, where=self.path, expected="[batch samples] or [samples]")
        lines = widened(inputs if len(inputs.shape) == 2 else inputs[None])  # 16 bits hold no min_power
        found = ops.matmul(self._magnitudes(lines) ** self.mag_exp, self._bands().astype(str(lines.dtype)))
        found = ops.transpose(self._decibels(found) if self.power_to_db else found, (0, 2, 1))
        found = ops.cast(found, self.compute_dtype)
        return found if len(inputs.shape) == 2 else found[0]

    def _magnitudes(self, lines: Any) -> Any:
        half = self.fft_length // 2
        whole = ops.pad(lines, [(0, 0), (half, half)], mode="reflect")
        kernels = (self._kernel(side, str(lines.dtype)) for side in ("real", "imag"))
        squares = [ops.square(ops.conv(whole[..., None], kernel, self.sequence_stride)) for kernel in kernels]
        return ops.sqrt(squares[0] + squares[1])

    def _kernel(self, side: Literal["real", "imag"], dtype: str) -> Any:
        """One side of the transform of a frame in the middle of `fft_length` samples, under the window."""
        length, before = self.sequence_length, (self.fft_length - self.sequence_length) // 2
        shape = (self.fft_length, 1, self.fft_length // 2 + 1)
        wave = np.asarray(STFT(side, None, None)(shape, dtype="float64"))
        ends = (before, self.fft_length - length - before)
        window = np.ones(self.fft_length)
        if self.window is not None:
            found = STFT("real", self.window, None, periodic=True)((length, 1, 1), dtype="float64")
            window = np.pad(np.asarray(found)[:, 0, 0], ends)
        return (wave * window[:, None, None]).astype(dtype)

    def _bands(self) -> Any:
        """The triangles, with sides that are straight on the mel scale: [frequencies bins]."""

        def mel(hertz: Any) -> Any:
            return 1127.0 * np.log1p(np.asarray(hertz, "float64") / 700.0)

        frequencies = mel(np.linspace(0.0, self.sampling_rate / 2, self.fft_length // 2 + 1))[:, None]
        edges = np.linspace(mel(self.min_freq), mel(self.max_freq), self.num_mel_bins + 2)
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
        bands = np.maximum(0.0, np.minimum(rising, falling))
        bands[0] = 0.0
        return bands

    def _decibels(self, power: Any) -> Any:
        found = 10 * ops.log10(ops.maximum(power, self.min_power))
        found = found - 10 * math.log10(max(abs(self.ref_power), self.min_power))
        return ops.maximum(found, ops.max(found) - self.top_db)
