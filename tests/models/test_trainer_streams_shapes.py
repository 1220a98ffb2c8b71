"""Training on batches whose rows have other shapes than those of the first one."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadData
from kmagic.layers import LSTM, Dense, Embedding, Input
from kmagic.models import Sequential
from kmagic.utils import set_random_seed
from tests.compiler.programs import EXECUTORS, executed_by


def sequences(*lengths: int) -> list[Any]:
    stream = np.random.default_rng(4)
    return [(stream.integers(1, 9, (6, length)), stream.integers(0, 2, 6).astype("float32")) for length in lengths]


def reader(**options: Any) -> Sequential:
    set_random_seed(2)
    made = Sequential([Input((None,), dtype="int32"), Embedding(9, 3), LSTM(4), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy", **options)
    return made


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}], ids=str)
def test_rows_may_have_other_lengths_in_each_batch_where_the_input_leaves_them_open(options: dict[str, Any]) -> None:
    parts = sequences(5, 3, 5, 8, 3)
    one_by_one = reader()
    losses = [one_by_one.train_on_batch(x, y) for x, y in parts]
    together = reader(**options)
    history = together.fit(iter(parts), verbose=0).history
    np.testing.assert_allclose(history["loss"][0], np.mean(losses), rtol=1e-5)
    for mine, other in zip(together.get_weights(), one_by_one.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-6)
    found = together.predict((x for x, _ in parts), verbose=0)
    expected = [one_by_one.predict(x, verbose=0) for x, _ in parts]
    np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-5)


def test_a_program_is_opened_once_for_each_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    from kmagic.models import programs

    opened: list[Any] = []
    graph_of = programs.graph_of

    def noted(step: Any, specs: Any, *further: Any) -> Any:
        opened.append(specs[0][0])
        return graph_of(step, specs, *further)

    monkeypatch.setattr(programs, "graph_of", noted)
    reader().fit(iter(sequences(5, 3, 5, 3, 8) * 2), verbose=0, validate=False)
    assert opened == [(5,), (3,), (8,)]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_of_many_shapes_only_the_last_few_keep_their_memory(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from kmagic.models import programs

    opened: list[weakref.ref[Any]] = []
    alive: list[int] = []
    open_workspace = programs.open_workspace

    def noted(*given: Any) -> Any:
        program, workspace = open_workspace(*given)
        opened.append(weakref.ref(workspace))
        alive.append(sum(seen() is not None for seen in opened))
        return program, workspace

    monkeypatch.setattr(programs, "open_workspace", noted)
    lengths = [*range(2, 14), *range(6, 14), 2, 2]
    gc.disable()  # memory goes at once, not when Python looks for circles
    try:
        with executed_by(executor):
            reader().fit(iter(sequences(*lengths)), verbose=0, validate=False)
    finally:
        gc.enable()
    assert len(opened) == 13  # each length once, and that which had to go once more
    assert max(alive) == 8


def test_an_axis_that_the_model_fixes_stays_fixed_beside_an_open_one() -> None:
    made = Sequential([Input((None, 3)), LSTM(2), Dense(1)])
    made.compile("sgd", "mse")
    x = np.ones((4, 5, 3))

    def changing(second: Any) -> Iterator[Any]:
        yield x, np.ones(4)
        yield second, np.ones(4)

    assert made.fit(changing(x[:, :2]), verbose=0).history["loss"]
    with pytest.raises(BadData, match="batch 2 of the generator"):
        made.fit(changing(x[:, :2, :2]), verbose=0)
    with pytest.raises(BadData, match="batch 2 of the generator"):
        made.fit(changing(x[:, 0]), verbose=0)
