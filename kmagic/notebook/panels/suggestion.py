"""What the compile panel proposes first, read off the model's last layer."""

from __future__ import annotations

from typing import Any

# Activation of the output -> loss, metrics, and why.
BY_ACTIVATION = {
    "sigmoid": ("binary_crossentropy", ("accuracy",), "suggested because the output is a probability (sigmoid)"),
    "softmax": (
        "sparse_categorical_crossentropy",
        ("accuracy",),
        "suggested because the output is a probability for each class (softmax); "
        "for one-hot labels take categorical_crossentropy",
    ),
}
OTHERWISE = ("mean_squared_error", ("mean_absolute_error",), "suggested because the output is a plain number")
OPTIMIZER = "adam"


def suggest(model: Any) -> tuple[dict[str, Any], str]:
    """Keyword arguments for `compile` that suit the model, and the reason in words."""
    loss, metrics, why = BY_ACTIVATION.get(output_activation(model), OTHERWISE)
    return {"optimizer": OPTIMIZER, "loss": loss, "metrics": list(metrics)}, why


def output_activation(model: Any) -> str:
    """The name of the last layer's activation, '' where there is none."""
    for layer in reversed(model.layers):
        if hasattr(layer, "activation"):
            activation = layer.activation
            return activation if isinstance(activation, str) else getattr(activation, "__name__", "")
    return ""
