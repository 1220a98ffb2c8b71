"""Programs of small products take one thread of NumPy's library while they run, and leave its setting as it was."""

import threading

import numpy as np
import pytest

from kmagic.compiler.emit.numpy import threads
from kmagic.compiler.emit.numpy.threads import WORTH_A_THREAD
from tests.compiler.programs import traced, uncached


class Library:
    """A stand-in for the library that NumPy multiplies with."""

    def __init__(self, number: int) -> None:
        self.number, self.written = number, []

    def read(self) -> int:
        return self.number

    def write(self, number: int) -> None:
        self.number = number
        self.written.append(number)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library(8)
    products = threads._Products(library.read, library.write)
    monkeypatch.setattr(threads, "_products", lambda: products)
    return library


def product(size: int) -> None:
    x = np.ones((4, size), "float32")
    workspace = uncached(traced(lambda x: x @ np.ones((size, size), "float32"), [x], batch=True)).workspace(4)
    workspace.inputs(4)[0][...] = x
    workspace.step(4)()


def test_small_products_take_one_thread_and_large_ones_all(library: Library) -> None:
    product(8)
    assert library.written == [1, 8]
    product(int((WORTH_A_THREAD / 4) ** 0.5) + 1)
    assert library.written == [1, 8]


def test_the_setting_returns_when_the_last_of_several_runs_is_done(library: Library) -> None:
    seen: list[int] = []
    barrier = threading.Barrier(2)

    def step() -> int:
        barrier.wait(10)
        seen.append(library.number)
        return 0

    runs = [threading.Thread(target=threads.on_one_thread(step)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(10)
    assert seen == [1, 1] and library.number == 8


def test_the_setting_returns_after_an_error(library: Library) -> None:
    def step() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        threads.on_one_thread(step)()
    assert library.number == 8


def test_without_a_library_that_is_known_steps_run_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_products", lambda: None)
    assert threads.on_one_thread(len) is len


def test_the_library_of_numpy_is_found_and_obeys() -> None:
    products = threads._products()
    if "openblas" not in str(np.show_config("dicts")["Build Dependencies"]["blas"]["name"]):
        assert products is None or products._read() > 0
        return
    assert products is not None
    before = products._read()
    with products:
        assert products._read() == 1
    assert products._read() == before
