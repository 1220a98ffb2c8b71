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
    Area("layers around layers", WRAPPED, layer_steps),
)
