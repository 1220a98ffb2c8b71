"""PyDataset: batches by number, made ahead by threads or processes, with hooks at the edges of epochs."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadValue, UserCodeError
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.utils import PyDataset, set_random_seed
from kmagic.utils import Sequence as OldName

ROWS = 50


def data() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(ROWS, 3)).astype("float32")
    return x, x @ np.array([1.0, -2.0, 0.5], "float32")


def model() -> Sequential:
    set_random_seed(3)
    made = Sequential([Dense(4, "tanh", input_dim=3), Dense(1)], name="small")
    made.compile("sgd", "mse", metrics=["mae"])
    return made


class Batches(PyDataset):
    """Eight rows a batch; notes what it is asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.x, self.y = data()
        self.asked: list[Any] = []

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        self.asked.append(index)
        part = slice(8 * index, 8 * index + 8)
        return self.x[part], self.y[part]


class Hooked(Batches):
    """Notes the edges of epochs too, and gives larger targets in each."""

    scale = 1.0

    def on_epoch_begin(self) -> None:
        self.asked.append("begin")

    def on_epoch_end(self) -> None:
        self.asked.append("end")
        self.scale += 1.0

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = super().__getitem__(index)
        return x, y * self.scale


class Broken(Batches):
    """Fails in the middle."""

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index == 4:
            raise KeyError("no such file")
        return super().__getitem__(index)


class Slow(Batches):
    """Takes its time after the first batches."""

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index > 2:
            time.sleep(3)
        return super().__getitem__(index)


class Dying(Batches):
    """Its process ends."""

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        import os

        if index == 3:
            os._exit(1)
        return super().__getitem__(index)


def workers() -> list[str]:
    """Threads and processes that make batches."""
    import multiprocessing

    return [thread.name for thread in threading.enumerate() if thread.name.startswith("kmagic data")] + [
        process.name for process in multiprocessing.active_children()
    ]


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    end = time.monotonic() + 5
    while workers() and time.monotonic() < end:
        time.sleep(0.05)
    assert not workers()


class Drawn(PyDataset):
    """Notes in a file what is drawn for a batch, and that it is unpacked in a process."""

    packs = 0

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(use_multiprocessing=True, **options)
        self.path, self.scale = path, 1.0

    def __len__(self) -> int:
        return 4

    def __getstate__(self) -> dict[str, Any]:
        Drawn.packs += 1
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        self.note("unpacked")

    def note(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(f"{text}\n")

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        drawn = random.random(), np.random.random(), float(kmagic.random.uniform(()))  # noqa: NPY002
        self.note(f"{index} {drawn}")
        return np.ones((2, 3)), np.ones(2)


class Growing(Drawn):
    """Changes after each epoch."""

    def on_epoch_end(self) -> None:
        self.scale += 1.0


WAYS = [{"workers": 0}, {}, {"workers": 4}, {"workers": 4, "max_queue_size": 1}]
PROCESSES = [{"workers": 1, "use_multiprocessing": True}, {"workers": 3, "use_multiprocessing": True}]


@pytest.mark.parametrize("options", [*WAYS, *PROCESSES], ids=str)
def test_training_on_batches_is_training_on_arrays_bit_for_bit(options: dict[str, Any]) -> None:
    expected = model().fit(*data(), batch_size=8, epochs=3, shuffle=False, verbose=0).history
    trained = model()
    assert trained.fit(Batches(**options), epochs=3, shuffle=False, verbose=0).history == expected
    assert trained.evaluate(Batches(**options), verbose=0) == trained.evaluate(*data(), batch_size=8, verbose=0)
    predicted = trained.predict(Batches(**options), verbose=0)
    np.testing.assert_array_equal(predicted, trained.predict(data()[0], batch_size=8, verbose=0))


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_hooks_stand_around_the_batches_of_each_epoch(options: dict[str, Any]) -> None:
    batches = Hooked(**options)
    model().fit(batches, epochs=2, shuffle=False, verbose=0)
    numbers = list(range(7))
    if options.get("workers", 1) < 2:
        assert batches.asked == ["begin", *numbers, "end"] * 2
    else:  # several threads come in any order, but not out of their epoch
        first, second = batches.asked[:9], batches.asked[9:]
        for part in (first, second):
            assert (part[0], part[-1]) == ("begin", "end") and sorted(part[1:-1]) == numbers


@pytest.mark.parametrize("options", [{}, PROCESSES[1]], ids=str)
def test_what_a_hook_changes_is_seen_by_workers(options: dict[str, Any]) -> None:
    x, y = data()
    by_hand = model()
    expected = [
        by_hand.fit(x, y * scale, batch_size=8, shuffle=False, verbose=0).history["loss"][0] for scale in (1, 2, 3)
    ]
    found = model().fit(Hooked(**options), epochs=3, shuffle=False, verbose=0).history["loss"]
    assert found == expected


@pytest.mark.parametrize("options", [{"workers": 0}, {}], ids=str)
def test_validation_begins_when_training_is_over(options: dict[str, Any]) -> None:
    seen: list[Any] = []

    class Told(Hooked):
        def __init__(self, name: str, **options: Any) -> None:
            super().__init__(**options)
            self.name = name

        def on_epoch_begin(self) -> None:
            seen.append(f"begin {self.name}")

        def on_epoch_end(self) -> None:
            seen.append(f"end {self.name}")

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            seen.append((self.name, index))
            return super().__getitem__(index)

    both = {"validation_data": Told("held out", **options), "epochs": 2, "shuffle": False, "verbose": 0}
    model().fit(Told("train", **options), **both)
    seen.remove(("held out", 0))  # it is looked at before, for its shape; no epoch begins
    assert seen == [
        event
        for name in ("train", "held out") * 2
        for event in (f"begin {name}", *((name, number) for number in range(7)), f"end {name}")
    ]


def test_no_batch_is_made_that_no_step_needs() -> None:
    for options in WAYS:
        batches = Batches(**options)
        model().fit(batches, epochs=2, steps_per_epoch=2, shuffle=False, verbose=0)
        assert sorted(batches.asked) == [0, 1, 2, 3]


def test_the_order_of_batches_is_another_in_each_epoch_and_the_same_for_a_seed() -> None:
    asked = []
    for _ in range(2):
        batches = Batches(workers=0)
        model().fit(batches, epochs=3, verbose=0)
        asked.append(batches.asked)
    assert asked[0] == asked[1]
    orders = [asked[0][n : n + 7] for n in (0, 7, 14)]
    assert all(sorted(order) == list(range(7)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    unshuffled = Batches(workers=0)
    trained = model()
    trained.predict(unshuffled, verbose=0)
    assert unshuffled.asked == list(range(7))


class Endless(Batches):
    """Goes round and round."""

    @property
    def num_batches(self) -> None:
        return None

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        self.asked.append(index)
        return self.x[index % 5 :][:8], self.y[index % 5 :][:8]


def test_one_without_an_end_needs_a_number_of_steps_and_goes_on_over_epochs() -> None:
    batches = Endless(workers=0)
    with pytest.raises(BadValue, match=r"Endless has no end(.|\n)*`steps_per_epoch`"):
        model().fit(batches, verbose=0)
    with pytest.raises(BadValue, match=r"has no end(.|\n)*`validation_steps`"):
        model().fit(*data(), validation_data=batches, verbose=0)
    with pytest.raises(BadValue, match=r"has no end(.|\n)*`steps`"):
        model().evaluate(batches, verbose=0)
    assert batches.asked == []
    history = model().fit(batches, epochs=2, steps_per_epoch=3, verbose=0, validation_data=Batches()).history
    assert batches.asked == list(range(6)) and len(history["val_loss"]) == 2
    assert model().predict(batches, steps=2, verbose=0).shape == (16, 1)


@pytest.mark.parametrize("options", [*WAYS, PROCESSES[1]], ids=str)
def test_an_error_of_the_users_code_comes_as_it_was_with_the_number_of_the_batch(options: dict[str, Any]) -> None:
    for call in (
        lambda broken: model().fit(broken, epochs=2, shuffle=False, verbose=0),
        lambda broken: model().evaluate(broken, verbose=0),
        lambda broken: model().predict(broken, verbose=0),
        lambda broken: model().fit(*data(), validation_data=broken, verbose=0),
    ):
        with pytest.raises(KeyError, match="no such file") as caught:
            call(Broken(**options))
        notes = "\n".join(caught.value.__notes__)
        assert "__getitem__(4)" in notes and "batch 5 of the Broken" in notes
        if options.get("use_multiprocessing"):
            assert 'raise KeyError("no such file")' in notes
        else:
            assert caught.traceback[-1].name == "__getitem__"


@pytest.mark.parametrize("workers", [1, 3])
def test_what_processes_draw_is_repeated_under_a_seed_and_never_else(tmp_path: Path, workers: int) -> None:
    def drawn(name: str, seed: int) -> list[str]:
        path, made = tmp_path / name, model()
        set_random_seed(seed)
        held_out = Drawn(path, workers=workers)
        made.fit(Drawn(path, workers=workers), validation_data=held_out, epochs=2, shuffle=False, verbose=0)
        return sorted(line for line in path.read_text().splitlines() if line != "unpacked")

    first, other, again = drawn("first", 1), drawn("other", 2), drawn("again", 1)
    # of what it is measured on one batch is looked at before
    assert first == again and len(first) == 17
    # in each batch of each epoch other numbers, also while validating, and three different ones
    numbers = [number for line in first + other for number in line.split(" ", 1)[1].strip("()").split(", ")]
    assert len(set(numbers)) == 3 * 34


def test_a_data_set_is_packed_once_an_epoch_and_sent_where_it_has_changed(tmp_path: Path) -> None:
    def sent(name: str, data_set: type[Drawn]) -> tuple[int, int]:
        before, path = Drawn.packs, tmp_path / name
        model().fit(data_set(path), epochs=3, shuffle=False, verbose=0)
        return Drawn.packs - before, path.read_text().splitlines().count("unpacked")

    assert sent("same", Drawn) == (3, 1)
    assert sent("changed", Growing) == (3, 3)


@pytest.mark.parametrize("options", [{}, PROCESSES[0]], ids=str)
def test_what_fails_before_the_first_step_leaves_no_worker(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        assert workers()
        raise RuntimeError("no room")

    start = threading.Thread.start

    def starts(thread: threading.Thread) -> None:
        return fails() if thread.name == "kmagic small" else start(thread)

    class Failing(kmagic.callbacks.Callback):
        def set_params(self, params: Any) -> None:
            fails()

    for place in ("models.admission.Watch", "models.trainer.trained_state", "thread"):
        trained = model()
        with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="no room"):
            if place == "thread":
                patched.setattr(threading.Thread, "start", starts)
            else:
                patched.setattr(f"kmagic.{place}", fails)
            trained.fit(Batches(**options), verbose=0)
        assert not workers()
        assert trained.fit(Batches(**options), verbose=0).history["loss"]
    for call in (model().evaluate, model().predict):
        with pytest.raises(RuntimeError, match="no room"):
            call(Batches(**options), verbose=0, callbacks=[Failing()])
        assert not workers()


def test_a_process_that_dies_ends_the_training() -> None:
    with pytest.raises(UserCodeError, match="ended while it made batch 3"):
        model().fit(Dying(use_multiprocessing=True), shuffle=False, verbose=0)


def test_what_cannot_be_sent_to_a_process_is_refused() -> None:
    batches = Batches(use_multiprocessing=True)
    batches.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(BadValue, match=r"cannot be sent to a process(.|\n)*use_multiprocessing=False"):
        model().fit(batches, verbose=0)


@pytest.mark.parametrize("options", [{}, {"workers": 3}, PROCESSES[0]], ids=str)
def test_a_stop_does_not_wait_for_a_slow_batch(options: dict[str, Any]) -> None:
    trained = model()
    run = trained.fit_async(Slow(**options), epochs=5, shuffle=False, verbose=0)
    time.sleep(0.6)
    start = time.monotonic()
    run.stop()
    run.wait()
    assert time.monotonic() - start < 2.5 and run.status == "stopped"


def test_batches_are_made_while_the_model_trains() -> None:
    class Timed(Batches):
        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            time.sleep(0.02)
            return super().__getitem__(index % 7)

        def __len__(self) -> int:
            return 30

    from kmagic.callbacks import LambdaCallback

    def seconds(options: dict[str, Any]) -> float:
        slow = LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(0.02))
        start = time.monotonic()
        model().fit(Timed(**options), shuffle=False, verbose=0, callbacks=[slow])
        return time.monotonic() - start

    one_by_one, overlapping = seconds({"workers": 0}), seconds({})
    assert overlapping < 0.8 * one_by_one, (overlapping, one_by_one)


def test_class_without_its_base_constructor_warns_and_works() -> None:
    class Bare(PyDataset):
        def __init__(self) -> None:
            self.x, self.y = data()

        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            return self.x[:8], self.y[:8]

    with pytest.warns(UserWarning, match=r"super\(\).__init__"):
        assert len(model().fit(Bare(), verbose=0).history["loss"]) == 1


def test_options_are_checked_and_can_be_set() -> None:
    assert OldName is PyDataset
    batches = Batches(workers=2, max_queue_size=3)
    assert (batches.workers, batches.use_multiprocessing, batches.max_queue_size) == (2, False, 3)
    batches.workers = 0
    assert batches.workers == 0 and batches.num_batches == 7
    counted = Batches(workers=np.int64(2), max_queue_size=np.int32(3), use_multiprocessing=np.True_)
    assert (counted.workers, counted.max_queue_size, counted.use_multiprocessing) == (2, 3, True)
    refused = {"workers": -1}, {"workers": 1.5}, {"workers": True}, {"max_queue_size": 0}, {"use_multiprocessing": "no"}
    for wrong in refused:
        with pytest.raises(BadValue, match=next(iter(wrong))):
            Batches(**wrong)
    with pytest.raises(NotImplementedError, match="num_batches"):
        _ = PyDataset().num_batches
    with pytest.raises(NotImplementedError, match="__getitem__"):
        PyDataset()[0]


SPAWNING = """
import multiprocessing
import sys

import numpy as np


def main():
    multiprocessing.set_start_method("spawn")
    from kmagic.layers import Dense
    from kmagic.models import Sequential
    from tests.utils.test_py_dataset import Hooked

    model = Sequential([Dense(1, input_dim=3, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    history = model.fit(Hooked(workers=2, use_multiprocessing=True), epochs=2, shuffle=False, verbose=0).history
    assert multiprocessing.active_children() == [], multiprocessing.active_children()
    print(history["loss"])


if __name__ == "__main__":
    main()
"""


def test_processes_that_are_started_anew_give_the_same(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SPAWNING)
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    here = Sequential([Dense(1, input_dim=3, kernel_initializer="ones")])
    here.compile("sgd", "mse")
    expected = here.fit(Hooked(), epochs=2, shuffle=False, verbose=0).history["loss"]
    assert done.stdout.strip() == str(expected)


IN_A_NOTEBOOK = """
import multiprocessing

from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.utils import PyDataset
import numpy as np

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    class Local(PyDataset):
        def __len__(self):
            return 2
        def __getitem__(self, index):
            return np.ones((4, 3)), np.ones(4)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    try:
        model.fit(Local(use_multiprocessing=True), verbose=0)
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_a_class_that_a_process_cannot_find_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(IN_A_NOTEBOOK)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120)
    assert "BadValue" in done.stdout and "cannot load the data set" in done.stdout, done.stdout + done.stderr
    assert "use_multiprocessing=False" in done.stdout


@pytest.mark.parametrize("options", [{}, PROCESSES[0]], ids=str)
@pytest.mark.parametrize("name", ["fit", "evaluate", "predict"])
def test_an_interrupt_ends_a_wait_for_a_batch_and_its_worker(name: str, options: dict[str, Any]) -> None:
    trained = model()
    trained.predict(data()[0], verbose=0)
    stop = threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT))
    stop.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        getattr(trained, name)(Slow(**options), verbose=0)
    assert time.monotonic() - start < 3
    stop.join()


def test_training_of_one_model_on_the_predictions_of_another_meanwhile() -> None:
    teacher = model()

    class Taught(Batches):
        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            x = super().__getitem__(index)[0]
            return x, teacher.predict(x, verbose=0)[:, 0]

    pupil = model()
    x = data()[0]
    expected = model().fit(x, teacher.predict(x, verbose=0)[:, 0], batch_size=8, shuffle=False, verbose=0).history
    np.testing.assert_allclose(pupil.fit(Taught(workers=3), shuffle=False, verbose=0).history["loss"], expected["loss"])
