"""Small stories about masks: through nested models, layers of a user's own, attention, states, losses and metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import inputs
from .layer_steps import padded
from .reading import numpy_of
from .seeing import shown, shown_now

Results = dict[str, Any]
STORIES: dict[str, Callable[[Any], Results]] = {}
X = padded(inputs.normal("stories", shape=(3, 4, 2)) + 1.0)
TEXTS = np.array([[1, 2, 3, 4], [4, 3, 0, 0], [2, 0, 0, 0]], "int32")


def told(tell: Callable[[Any], Results]) -> Callable[[Any], Results]:
    """Enter a story under its own name."""
    STORIES[tell.__name__.replace("_", " ")] = tell
    return tell


def begun(library: Any) -> tuple[Any, Any]:
    """An input, and what a Masking layer makes of it."""
    start = library.layers.Input((4, 2))
    return start, library.layers.Masking()(start)


def seen(library: Any, start: Any, *values: Any, x: Any = X) -> Results:
    """The masks of values of a model."""
    masks = library.Model(start, [mask for value in values for mask in shown(library, value)])(x)
    return {f"mask {('connected', 'now')[n % 2]}/{n // 2}": numpy_of(mask) for n, mask in enumerate(masks)}


def weighed(model: Any) -> Any:
    """The model with known weights."""
    model.set_weights(inputs.weights([array.shape for array in model.get_weights()], "stories"))
    return model


# ---- layers of a user's own ----


def own_layer(library: Any, **members: Any) -> Any:
    """A layer that doubles, with further members."""
    return type("Doubled", (library.layers.Layer,), {"call": lambda self, x: x * 2.0, **members})


@told
def a_layer_without_support(library: Any) -> Results:
    start, x = begun(library)
    return seen(library, start, own_layer(library)()(x), x)


@told
def a_layer_that_passes_masks(library: Any) -> Results:
    layer = own_layer(library)()
    layer.supports_masking = True
    start, x = begun(library)
    return seen(library, start, layer(x))


@told
def a_layer_with_a_mask_of_its_own(library: Any) -> Results:
    def compute_mask(self: Any, x: Any, previous_mask: Any = None) -> Any:
        return library.ops.any(library.ops.greater(x, 1.0), axis=-1)

    start, x = begun(library)
    layer = own_layer(library, compute_mask=compute_mask)()
    return seen(library, start, layer(x), layer(start))


@told
def a_layer_that_takes_the_mask_away(library: Any) -> Results:
    start, x = begun(library)
    return seen(library, start, own_layer(library, compute_mask=lambda self, x, previous_mask=None: None)()(x))


@told
def a_layer_that_turns_the_mask_around(library: Any) -> Results:
    def compute_mask(self: Any, x: Any, mask: Any = None) -> Any:
        return library.ops.logical_not(mask)

    start, x = begun(library)
    return seen(library, start, own_layer(library, compute_mask=compute_mask)()(x))


@told
def a_layer_with_several_outputs(library: Any) -> Results:
    def call(self: Any, x: Any) -> Any:
        return x + 1.0, library.ops.sum(x, axis=1)

    def compute_mask(self: Any, x: Any, mask: Any = None) -> Any:
        return [mask, None]

    start, x = begun(library)
    return seen(library, start, *own_layer(library, call=call, compute_mask=compute_mask)()(x))


@told
def a_call_that_takes_a_mask(library: Any) -> Results:
    def call(self: Any, x: Any, mask: Any = None) -> Any:
        return x if mask is None else x * library.ops.expand_dims(library.ops.cast(mask, x.dtype), -1)

    start, x = begun(library)
    y = own_layer(library, call=call)()(library.layers.Dense(2)(x))
    return seen(library, start, y) | {"value": numpy_of(weighed(library.Model(start, y))(X))}


@told
def a_call_with_two_masks(library: Any) -> Results:
    def call(self: Any, first: Any, second: Any, first_mask: Any = None, second_mask: Any = None) -> Any:
        ops = library.ops
        masks = [ops.zeros((1, 1)) if mask is None else ops.cast(mask, "float64") for mask in (first_mask, second_mask)]
        return library.ops.expand_dims(masks[0] + 2.0 * masks[1], -1) + 0.0 * (first + second)

    start, x = begun(library)
    layer = own_layer(library, call=call)()
    both, one = layer(x, x), layer(start, x)
    values = library.Model(start, [both, one])(X)
    return seen(library, start, both) | {f"value/{n}": numpy_of(value) for n, value in enumerate(values)}


@told
def a_call_of_two_values_and_one_mask(library: Any) -> Results:
    def call(self: Any, first: Any, second: Any, mask: Any = None) -> Any:
        return first + second + (100.0 if mask is None else 0.0)

    start, x = begun(library)
    y = own_layer(library, call=call)()(x, x)
    return {"value": numpy_of(library.Model(start, y)(X))}


@told
def functions_as_layers(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    return seen(
        library,
        start,
        layers.Lambda(lambda x: x + 1.0)(x),
        layers.Lambda(lambda x: x + 1.0, mask=lambda x, mask: library.ops.logical_not(mask))(x),
        library.ops.tanh(x),
    )


@told
def a_layer_around_a_layer(library: Any) -> Results:
    """Keras warns that the mask ends here, and passes it."""
    layers, (start, x) = library.layers, begun(library)
    return seen(library, start, layers.SpectralNormalization(layers.Dense(2))(x))


# ---- models ----


@told
def nested_models(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    row = library.Sequential([layers.Input((4, 2)), layers.Dense(3), layers.Dropout(0.5)])
    inner = layers.Input((4, 2))
    graph = library.Model(inner, layers.Dense(2)(layers.Masking(-1.0)(inner)))
    plain = layers.Input((4, 2))
    flat = library.Model(plain, layers.Dense(2)(plain) + 1.0)
    return seen(library, start, row(x), graph(start), graph(x), flat(x))


@told
def recurrence_in_a_nested_model(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    inner = library.Sequential([layers.Input((4, 2)), layers.GRU(2, return_sequences=True)])
    outer = library.Model(start, layers.GRU(2)(inner(x)))
    return {"value": numpy_of(weighed(outer)(X))}


@told
def a_model_of_a_class(library: Any) -> Results:
    layers = library.layers

    class Reader(library.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.words = layers.Embedding(5, 2, mask_zero=True)
            self.dense = layers.Dense(2)
            self.walk = layers.LSTM(2)

        def call(self, texts: Any) -> Any:
            x = self.dense(self.words(texts))
            return [shown_now(library, x), self.walk(x)]

    model = Reader()
    model(TEXTS)
    masks, values = weighed(model)(TEXTS)
    return {"mask": numpy_of(masks), "value": numpy_of(values)}


@told
def layers_on_arrays(library: Any) -> Results:
    layers = library.layers
    x = layers.Masking()(library.ops.convert_to_tensor(X))
    y = layers.Dropout(0.5)(layers.Add()([x, x]))
    return {"add": numpy_of(shown_now(library, y)), "flat": numpy_of(shown_now(library, layers.Flatten()(y)))}


# ---- recurrence with states ----


@told
def states_given_by_hand(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    _, *states = layers.LSTM(2, return_state=True)(x)
    y = layers.LSTM(2, return_sequences=True)(x, initial_state=states)
    z = layers.Bidirectional(layers.GRU(2, return_sequences=True))(x, initial_state=states)
    values = weighed(library.Model(start, [*states, y, z]))(X)
    return seen(library, start, *states, y, z) | {f"value/{n}": numpy_of(value) for n, value in enumerate(values)}


@told
def a_mask_given_by_hand(library: Any) -> Results:
    layers = library.layers
    start, mask = layers.Input((4, 2)), layers.Input((4,), dtype="bool")
    y = layers.GRU(2, return_sequences=True)(start, mask=mask)
    given = np.array([[1, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]], bool)
    value = weighed(library.Model([start, mask], y))([X, given])
    return seen(library, [start, mask], y, x=[X, given]) | {"value": numpy_of(value)}


# ---- attention, which takes masks off what it is called on ----


@told
def a_residual_attention(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    y = layers.MultiHeadAttention(1, 2)(x, x)
    z = layers.Add()([x, y])
    w = layers.MultiHeadAttention(1, 2)(z, z)
    return seen(library, start, x, y, z, w)


@told
def a_residual_attention_of_groups(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    y = layers.GroupQueryAttention(2, 2, 1)(x, x)
    return seen(library, start, x, y, layers.Add()([x, y]))


def _block(library: Any) -> Any:
    class Block(library.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.attention = library.layers.MultiHeadAttention(1, 2)
            self.add = library.layers.Add()

        def build(self, shape: Any) -> None:
            self.attention.build(shape, shape)

        def call(self, x: Any) -> Any:
            return self.add([x, self.attention(x, x)])

    return Block


@told
def a_block_with_attention(library: Any) -> Results:
    start, x = begun(library)
    y = _block(library)()(x)
    return seen(library, start, x, y, library.layers.Add()([x, y]))


@told
def a_class_with_attention(library: Any) -> Results:
    layers = library.layers

    class Reader(library.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.words = layers.Embedding(5, 2, mask_zero=True)
            self.attention = layers.MultiHeadAttention(1, 2)
            self.add = layers.Add()

        def call(self, texts: Any) -> Any:
            x = self.words(texts)
            y = self.attention(x, x)
            return [shown_now(library, value) for value in (x, y, self.add([x, y]))]

    return {f"mask/{n}": numpy_of(mask) for n, mask in enumerate(Reader()(TEXTS))}


@told
def attention_of_text_to_text(library: Any) -> Results:
    layers = library.layers
    start = layers.Input((4,), dtype="int32")
    query, value = (layers.Embedding(5, 2, mask_zero=zero)(start) for zero in (False, True))
    y = layers.MultiHeadAttention(1, 2)(query, value, use_causal_mask=True)
    return seen(library, start, y, value, x=TEXTS)


# ---- losses and metrics ----


def tested(library: Any, start: Any, end: Any, x: Any, weights: Any = None, loss: str = "mse") -> Results:
    """What a model's test on a batch measures."""
    model = weighed(library.Model(start, end))
    model.compile("sgd", loss, metrics=["mae", library.metrics.MeanSquaredError()], weighted_metrics=["mse"])
    y = inputs.normal("tested", shape=(3, *end.shape[1:]))
    logs = model.test_on_batch(x, y, sample_weight=weights, return_dict=True)
    return {name: np.array(float(numpy_of(value))) for name, value in logs.items()}


@told
def a_loss_of_series(library: Any) -> Results:
    start, x = begun(library)
    return tested(library, start, library.layers.Dense(2)(x), X)


@told
def a_loss_of_series_with_weights_of_steps(library: Any) -> Results:
    start, x = begun(library)
    weights = inputs.sample_weights(12, "steps").reshape(3, 4)
    return tested(library, start, library.layers.Dense(2)(x), X, weights)


@told
def a_loss_behind_flatten(library: Any) -> Results:
    start, x = begun(library)
    return tested(library, start, library.layers.Flatten()(library.layers.Dense(2)(x)), X, np.array([1.0, 0.0, 2.0]))


@told
def a_loss_behind_a_bidirectional_layer(library: Any) -> Results:
    layers, (start, x) = library.layers, begun(library)
    return tested(library, start, layers.Bidirectional(layers.GRU(1, return_sequences=True))(x), X, loss="mae")


@told
def a_loss_behind_a_residual_attention(library: Any) -> Results:
    layers = library.layers
    start = layers.Input((4,), dtype="int32")
    x = layers.Embedding(5, 2, mask_zero=True)(start)
    return tested(library, start, layers.Add()([x, layers.Dense(2)(layers.GRU(2, return_sequences=True)(x))]), TEXTS)
