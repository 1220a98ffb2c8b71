"""The same seed gives the same training, bit for bit; trainings side by side do not touch each other."""

from typing import Any

import numpy as np

from kmagic.layers import Dropout
from kmagic.utils import set_random_seed
from tests.training.small import data, model


def trained(seed: int | None, **options: Any) -> tuple[list[np.ndarray], dict[str, list[float]]]:
    if seed is not None:
        set_random_seed(seed)
    x, y = data()
    small = model(dropout=0.4)
    history = small.fit(x, y, epochs=3, batch_size=16, validation_split=0.25, verbose=0, **options)
    return small.get_weights(), history.history


def same(ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_one_seed_gives_one_training() -> None:
    first, second, other = trained(1), trained(1), trained(2)
    assert same(first[0], second[0]) and first[1] == second[1]
    assert not same(first[0], other[0])


def test_without_a_seed_trainings_differ() -> None:
    set_random_seed(5)
    assert not same(trained(None)[0], trained(None)[0])


def test_each_epoch_has_its_own_order_and_masks() -> None:
    set_random_seed(3)
    x, y = data()
    orders = []
    small = model(dropout=0.5)
    layer = next(layer for layer in small.layers if isinstance(layer, Dropout))
    for _ in range(2):
        before = layer.seed_generator.state.numpy()
        small.fit(x, y, epochs=1, batch_size=10, verbose=0)
        orders.append((before, layer.seed_generator.state.numpy()))
    assert all(not np.array_equal(before, after) for before, after in orders)


def test_shuffling_changes_the_result_and_can_be_left_out() -> None:
    assert not same(trained(1)[0], trained(1, shuffle=False)[0])
    assert same(trained(1, shuffle=False)[0], trained(1, shuffle=False)[0])


def test_watching_does_not_change_the_result() -> None:
    from kmagic.callbacks import LambdaCallback

    seen: list[int] = []
    callback = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    assert same(trained(4)[0], trained(4, callbacks=[callback])[0])
    assert seen == list(range(5)) * 3


def test_two_runs_at_once_are_each_as_if_alone() -> None:
    x, y = data(200)

    def prepared() -> list[Any]:
        set_random_seed(9)
        return [model("left", dropout=0.3), model("right", dropout=0.3)]

    alone = prepared()
    for small in alone:
        small.fit(x, y, epochs=20, batch_size=16, verbose=0)
    together = prepared()
    runs = [small.fit_async(x, y, epochs=20, batch_size=16, verbose=0) for small in together]
    assert [run.wait().status for run in runs] == ["done", "done"]
    for one, other in zip(alone, together, strict=True):
        assert same(one.get_weights(), other.get_weights())
        assert one.history.history == other.history.history
