"""Recurrent layers, and layers around other layers."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import Inner, StepCase, layer_steps

ROWS, IMAGES = ((4, 3),), ((2, 3, 2, 4),)
SHORT, LONG = ((3, 4, 2),), ((4, 6, 3),)
SEQUENCES = {"return_sequences": True}
STATES = {**SEQUENCES, "return_state": True}
RULES = {
    "kernel_regularizer": "l2",
    "recurrent_regularizer": "l1",
    "bias_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "recurrent_constraint": "unit_norm",
    "bias_constraint": "non_neg",
}
KINDS = ("SimpleRNN", "LSTM", "GRU")
CUSTOM = {"activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}

RECURRENT = (
    *(StepCase(kind, {"units": 3}, SHORT) for kind in KINDS),
    *(StepCase(kind, {"units": 3, **STATES}, SHORT, padded=True) for kind in KINDS),
    *(
        StepCase(kind, {"units": 3, "go_backwards": True, "return_sequences": True}, SHORT, padded=True)
        for kind in KINDS
    ),
    *(StepCase(kind, {"units": 3, "go_backwards": True, "unroll": True}, SHORT) for kind in KINDS),
    *(StepCase(kind, {"units": 3, "unroll": True, **SEQUENCES}, SHORT, padded=True) for kind in KINDS),
    *(StepCase(kind, {"units": 2, "zero_output_for_mask": True}, LONG, padded=True) for kind in KINDS),
    *(StepCase(kind, {"units": 2, **RULES}, SHORT) for kind in KINDS),
    StepCase("SimpleRNN", {"units": 3, "activation": "relu", "use_bias": False}, LONG),
    *(StepCase(kind, {"units": 3, **CUSTOM}, LONG) for kind in KINDS[1:]),
    StepCase("LSTM", {"units": 2, "unit_forget_bias": False, "bias_initializer": "ones"}, SHORT),
    StepCase("GRU", {"units": 3, "reset_after": False}, SHORT),
    StepCase("GRU", {"units": 3, "reset_after": False, "use_bias": False, **STATES}, SHORT, padded=True),
    StepCase("SimpleRNN", {"units": 2}, SHORT, {"initial_state": (3, 2)}),
    StepCase("LSTM", {"units": 2, "return_state": True}, SHORT, {"initial_state": [(3, 2), (3, 2)]}),
    StepCase("GRU", {"units": 2}, SHORT, {"initial_state": (3, 2)}),
    StepCase("RNN", {"cell": Inner("LSTMCell", {"units": 2, "name": "cell"})}, SHORT, padded=True),
    StepCase("RNN", {"cell": Inner("GRUCell", {"units": 2, "name": "cell"}), **STATES}, SHORT),
    StepCase(
        "RNN",
        {
            "cell": [
                Inner("LSTMCell", {"units": 3, "name": "lower"}),
                Inner("SimpleRNNCell", {"units": 2, "name": "upper"}),
            ],
            "return_sequences": True,
        },
        SHORT,
        padded=True,
    ),
)

LINES, FILMS, VOLUMES = ((2, 3, 5, 2),), ((3, 4, 4, 3, 2),), ((2, 2, 3, 2, 3, 1),)
FIRST = ((2, 3, 2, 4, 3),)
FILTERS = {"filters": 2, "kernel_size": 2}

# without masks: Keras on JAX cannot spread them over grids
CONVOLVED = (
    StepCase("ConvLSTM1D", FILTERS, LINES),
    StepCase("ConvLSTM1D", {**FILTERS, "padding": "same", "strides": 2, **STATES}, LINES),
    StepCase("ConvLSTM1D", {**FILTERS, "dilation_rate": 2, "unit_forget_bias": False, "use_bias": False}, LINES),
    StepCase("ConvLSTM1D", {**FILTERS, "go_backwards": True, **SEQUENCES, **RULES}, LINES),
    StepCase("ConvLSTM2D", {**FILTERS, "kernel_size": (2, 3)}, FILMS),
    StepCase("ConvLSTM2D", {**FILTERS, "padding": "same", "kernel_size": 3, **STATES}, FILMS),
    StepCase("ConvLSTM2D", {**FILTERS, "go_backwards": True, "padding": "same"}, FILMS),
    StepCase("ConvLSTM2D", {**FILTERS, "strides": (2, 1), "recurrent_activation": "relu", **SEQUENCES}, FILMS),
    StepCase("ConvLSTM2D", {**FILTERS, "padding": "same"}, FILMS, {"initial_state": [(3, 4, 3, 2), (3, 4, 3, 2)]}),
    StepCase("ConvLSTM2D", {**FILTERS, "data_format": "channels_first", "strides": 2, **STATES}, FIRST),
    StepCase("ConvLSTM3D", FILTERS, VOLUMES),
    StepCase("ConvLSTM3D", {**FILTERS, "padding": "same", "strides": (1, 2, 2), **SEQUENCES}, VOLUMES),
    StepCase(
        "Bidirectional",
        {"layer": Inner("ConvLSTM2D", {**FILTERS, "padding": "same", "name": "one"})},
        FILMS,
    ),
    StepCase("Bidirectional", {"layer": Inner("ConvLSTM1D", {**FILTERS, "name": "one", **SEQUENCES})}, LINES),
    StepCase("Bidirectional", {"layer": Inner("ConvLSTM1D", {**FILTERS, "name": "one"}), "merge_mode": "sum"}, LINES),
    StepCase("TimeDistributed", {"layer": Inner("ConvLSTM1D", {**FILTERS, "name": "one"})}, ((2, 2, 3, 4, 2),)),
)

WRAPPED = (
    *(StepCase("Bidirectional", {"layer": Inner(kind, {"units": 2, "name": "one"})}, SHORT) for kind in KINDS[1:]),
    *(
        StepCase(
            "Bidirectional",
            {"layer": Inner("GRU", {"units": 2, "return_sequences": True, "name": "one"}), "merge_mode": mode},
            SHORT,
            padded=True,
        )
        for mode in ("concat", "sum", "mul", "ave", None)
    ),
    StepCase("Bidirectional", {"layer": Inner("LSTM", {"units": 2, "name": "one", **STATES})}, SHORT),
    StepCase(
        "Bidirectional",
        {
            "layer": Inner("LSTM", {"units": 2, "name": "one"}),
            "backward_layer": Inner("GRU", {"units": 2, "go_backwards": True, "name": "other"}),
        },
        SHORT,
    ),
    StepCase("TimeDistributed", {"layer": Inner("Dense", {"units": 2, "name": "one"})}, SHORT),
    StepCase("TimeDistributed", {"layer": Inner("Dense", {"units": 2, "name": "one"})}, SHORT, padded=True),
    StepCase("TimeDistributed", {"layer": Inner("BatchNormalization", {"momentum": 0.5, "name": "one"})}, SHORT),
    StepCase("TimeDistributed", {"layer": Inner("LSTM", {"units": 2, "name": "one"})}, IMAGES),
    StepCase("SpectralNormalization", {"layer": Inner("Dense", {"units": 2, "name": "one"})}, ROWS),
    StepCase(
        "SpectralNormalization",
        {"layer": Inner("Dense", {"units": 3, "name": "one"}), "power_iterations": 3},
        ROWS,
    ),
)

AREAS = (
    Area("recurrent layers", RECURRENT, layer_steps),
    Area("recurrent layers of windows", CONVOLVED, layer_steps),
    Area("layers around layers", WRAPPED, layer_steps),
)
