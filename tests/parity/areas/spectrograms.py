"""Spectrograms."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import StepCase, layer_steps

STEPS = {"mode": "magnitude", "frame_length": 6, "frame_step": 2, "window": None}
SOUND, FIRST, WAVES = ((2, 20, 2),), ((2, 2, 20),), ((2, 24),)
# by its values: the machine that records with torch has no SciPy, which Keras asks for windows by name
FRAME = {"frame_length": 8, "window": [0.1, 0.3, 0.6, 1.0, 0.9, 0.5, 0.2, 0.1]}
MEL = {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 4, "sampling_rate": 400, "min_freq": 10.0}

STFT = (
    *(StepCase("STFTSpectrogram", {"mode": mode, **FRAME}, SOUND) for mode in ("log", "psd", "real", "angle")),
    StepCase("STFTSpectrogram", {**STEPS, "expand_dims": True}, SOUND),
    StepCase("STFTSpectrogram", {"mode": "stft", **FRAME, "fft_length": 16, "padding": "same"}, SOUND),
    StepCase("STFTSpectrogram", {"mode": "imag", **FRAME, "data_format": "channels_first"}, FIRST),
    StepCase("STFTSpectrogram", {**FRAME, "data_format": "channels_first", "expand_dims": True}, FIRST),
)
PITCHES = (
    StepCase("MelSpectrogram", MEL, WAVES),
    StepCase("MelSpectrogram", {**MEL, "sequence_length": 6, "window": "hamming", "mag_exp": 1.0}, WAVES),
    StepCase("MelSpectrogram", {**MEL, "power_to_db": False, "max_freq": 150.0, "window": None}, WAVES),
    StepCase("MelSpectrogram", {**MEL, "top_db": 10.0, "ref_power": 2.0}, WAVES),
)

AREAS = (
    Area("spectrograms", STFT, layer_steps),
    Area("spectrograms of pitches", PITCHES, layer_steps),
)
