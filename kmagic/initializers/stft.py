from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.initializers import registry
from kmagic.initializers.initializer import Initializer

# windows that are sums of cosines: Σ (−1)ᵏ·aₖ·cos(2πk·n/N)
_COSINES = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}


@registry.register("STFTInitializer", shapes="-> [frame channels frequencies]")
class STFT(Initializer):
    """The short-time Fourier transform as the kernel of a convolution.

    Formula: w[n, c, k] = cos(2π·k·n / N)·g(n) / s; of the imaginary side −sin instead of cos

    Symbols: n: place in the frame, k: frequency, N: 2·(frequencies − 1), g: window, s: √Σ g² ('density'), Σ |g|
    ('spectrum') or 1; periodic: the window goes on after the frame instead of ending with it

    Shapes: -> [frame channels frequencies]

    Example:

    >>> STFT(window=None)((2, 1, 3)).round(3).tolist()
    [[[1.0, 1.0, 1.0]], [[1.0, 0.0, -1.0]]]

    Source: J. Allen, IEEE Trans. ASSP 25 (1977)
    """

    def __init__(
        self,
        side: Literal["real", "imag"] = "real",
        window: str | Sequence[float] | None = "hann",
        scaling: Literal["density", "spectrum"] | None = "density",
        periodic: bool = False,
    ) -> None:
        if isinstance(window, str) and window not in _COSINES:
            raise BadValue(f"window is {window!r}", where="STFT", expected=f"one of {', '.join(_COSINES)}, or an array")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        if len(shape) != 3:
            raise ShapeMismatch(
                f"a weight of shape {written(shape)}", where="STFT", expected="[frame channels frequencies]"
            )
        frame, _, frequencies = shape
        angle = np.pi * np.outer(np.arange(frame), np.arange(frequencies)) / max(1, frequencies - 1)
        wave = np.cos(angle) if self.side == "real" else -np.sin(angle)
        window = self._window(frame)
        if window is not None:
            scale = {"density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window)), None: 1.0}
            wave = wave * window[:, None] / scale[self.scaling]
        return np.broadcast_to(wave[:, None, :], shape).astype(standard(dtype))

    def _window(self, frame: int) -> Any:
        if self.window is None:
            return None
        if isinstance(self.window, str):
            return cosine_sum(_COSINES[self.window], frame, self.periodic)
        window = np.asarray(self.window, "float64")
        if window.shape != (frame,):
            raise ShapeMismatch(f"window of shape {written(window.shape)}", where="STFT", expected=written((frame,)))
        return window


def cosine_sum(shares: Sequence[float], size: int, periodic: bool) -> Any:
    """A window made of cosines, which is 1 for a single place."""
    if size == 1:
        return np.ones(1)
    turn = 2 * np.pi * np.arange(size) / (size if periodic else size - 1)
    return sum((-1) ** k * share * np.cos(k * turn) for k, share in enumerate(shares))
