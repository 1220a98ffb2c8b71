"""Scopes in which layers keep less for the backward pass: which layers, how much less, and the same numbers."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import RematScope
from kmagic.base.errors import BadType, BadValue
from kmagic.graph.interpret import bound
from kmagic.graph.node import topological
from kmagic.layers import GRU, LSTM, Activation, Bidirectional, Dense, Dropout, Input, Layer, Masking, SimpleRNN
from kmagic.models import Sequential
from tests.compiler.programs import executed_by

RANDOM = np.random.default_rng(0)
KINDS = [SimpleRNN, LSTM, GRU]


def after_training(model: Any, x: Any, y: Any) -> list[Any]:
    """The weights, which start as the same numbers, after three steps of known size."""
    stream = np.random.default_rng(1)
    model.set_weights([stream.normal(size=array.shape) / 3 for array in model.get_weights()])
    model.compile("sgd", "mse")
    model.fit(x, y, epochs=3, batch_size=len(x), verbose=0, shuffle=False)
    return model.get_weights()


def kept(model: Any, rows: int = 32) -> int:
    """The bytes of a training step's buffers, at most, as NumPy runs it."""
    with executed_by("numpy"):
        program = model.plan("emit", batch_size=rows).program
    sizes = {"batch": rows}
    return sum(bound(program.plan.buffers, sizes)) + program.text.inner_room(sizes)


def computed_again(model: Any) -> set[str]:
    """The layers of whose values the traced step keeps nothing."""
    graph = model.plan("trace").program.stages["trace"]
    nodes = topological(graph.roots)
    return {node.origin.layer.split("/")[-1] for node in nodes if node.name == "remat"}


def layers() -> list[Any]:
    return [
        Input((16,), dtype="float64"),
        Dense(64, activation="tanh", name="wide", dtype="float64"),
        Dropout(0.2, seed=3, dtype="float64"),
        Dense(8, activation="relu", name="narrow", dtype="float64"),
        Activation("sigmoid", name="last", dtype="float64"),
        Dense(1, name="end", dtype="float64"),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"wide", "narrow", "last", "end"}),
        ({"mode": "larger_than", "output_size_threshold": 63}, {"wide"}),
        ({"mode": "list_of_layers", "layer_names": ["narrow"]}, {"narrow"}),
        ({"mode": "activations"}, {"wide", "narrow", "last"}),
        ({"mode": None}, set()),
    ],
)
def test_modes_say_which_layers_keep_less(options: dict[str, Any], expected: set[str]) -> None:
    with RematScope(**options):
        model = Sequential(layers())
    plain = Sequential(layers())
    x, y = RANDOM.normal(size=(8, 16)), RANDOM.normal(size=(8, 1))
    for one, other in zip(after_training(model, x, y), after_training(plain, x, y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    found = {name for name in computed_again(model) if not name.startswith("dropout")}
    assert found == expected and not computed_again(plain)


def test_the_innermost_scope_counts() -> None:
    with RematScope():
        with RematScope(mode=None):
            assert Dense(3).remat_scope is None
        assert Dense(3).remat_scope.mode == "full"
    assert Dense(3).remat_scope is None
    with pytest.raises(BadValue, match="Invalid mode 'some'"):
        RematScope(mode="some")


def sequences(kind: Any, steps: int, **options: Any) -> Any:
    """A model whose second layer gives the last output only."""
    return Sequential(
        [
            Input((steps, 4), dtype="float64"),
            Masking(dtype="float64"),
            kind(5, return_sequences=True, dtype="float64", **options),
            Bidirectional(kind(3, dtype="float64"), dtype="float64"),
        ]
    )


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"dropout": 0.2, "recurrent_dropout": 0.2, "seed": 5}])
@pytest.mark.parametrize("steps", [25, 31, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_recurrence_in_segments_is_the_same(kind: Any, steps: int, options: dict[str, Any]) -> None:
    """Of a square number of steps, with a rest, and of few; some of them masked."""
    x = RANDOM.normal(size=(6, steps, 4))
    x[0, 2:] = x[3, :1] = 0
    y = RANDOM.normal(size=(6, 6))
    plain = sequences(kind, steps, **options)
    with RematScope():
        model = sequences(kind, steps, **options)
    for one, other in zip(after_training(model, x, y), after_training(plain, x, y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(model.predict(x, verbose=0), plain.predict(x, verbose=0), rtol=1e-12)


def test_sequences_of_unknown_length_are_computed_again_as_a_whole() -> None:
    with RematScope():
        model = Sequential([Input((None, 3)), LSTM(4), Dense(1)])
    plain = Sequential([Input((None, 3)), LSTM(4), Dense(1)])
    x, y = RANDOM.normal(size=(4, 9, 3)), RANDOM.normal(size=(4, 1))
    for one, other in zip(after_training(model, x, y), after_training(plain, x, y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("kind", "share"), [(SimpleRNN, 0.85), (LSTM, 0.35), (GRU, 0.35)])
def test_long_sequences_keep_the_states_of_few_steps(kind: Any, share: float) -> None:
    """Of 256 steps those of 16; and of SimpleRNN, whose states are its outputs, only the products less."""

    def model() -> Any:
        found = Sequential([Input((256, 8)), kind(32), Dense(1)])
        found.compile("sgd", "mse")
        return found

    plain = kept(model())
    with RematScope():
        assert kept(model()) < share * plain


def test_a_users_layer_may_forget_parts_of_its_own() -> None:
    class Block(Layer):
        def build(self, input_shape: Any) -> None:
            self.kernels = [self.add_weight((32, 32), name=f"kernel_{i}") for i in range(6)]

        def call(self, inputs: Any) -> Any:
            for kernel in self.kernels:
                inputs = self.wrap(lambda x, w=kernel: kmagic.ops.tanh(kmagic.ops.sin(x @ w.value) * x))(inputs)
            return inputs

    found, bytes_kept = [], []
    for wrap in (lambda f: f, kmagic.remat):
        block = Block(dtype="float64")
        block.wrap = wrap
        model = Sequential([Input((32,), dtype="float64"), block])
        x = np.random.default_rng(2).normal(size=(16, 32))
        found.append(after_training(model, x, x / 2))
        bytes_kept.append(kept(model))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    assert bytes_kept[1] < 0.7 * bytes_kept[0]


@pytest.mark.parametrize(
    ("options", "kind", "fix"),
    [
        ({"layer_names": "dense"}, BadType, r"layer_names=\['dense'\]"),
        ({"layer_names": [1]}, BadType, "layer_names="),
        ({"layer_names": 1}, BadType, "layer_names="),
        ({"output_size_threshold": "a"}, BadType, "output_size_threshold=1024"),
        ({"output_size_threshold": None}, BadType, "output_size_threshold=1024"),
        ({"output_size_threshold": -1}, BadValue, "output_size_threshold=1024"),
        ({"output_size_threshold": float("nan")}, BadValue, "output_size_threshold=1024"),
    ],
)
def test_a_scope_says_what_it_cannot_use(options: dict[str, Any], kind: type[Exception], fix: str) -> None:
    with pytest.raises(kind, match=fix):
        RematScope(**options)
