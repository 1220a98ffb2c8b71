"""Programs of small products take one thread of NumPy's library while they run, and leave its setting as it was."""

import threading

import numpy as np
import pytest

from kmagic.compiler.emit import threads
from kmagic.compiler.emit.threads import WORTH_A_THREAD
from tests.compiler.programs import EXECUTORS, traced, uncached


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


SMALL = traced(lambda x: x @ x, [np.ones((2, 2))])


def product(size: int, executor: str) -> None:
    x = np.ones((4, size), "float32")
    graph = traced(lambda x: x @ np.ones((size, size), "float32"), [x], batch=True)
    workspace = uncached(graph, executor).workspace(4)
    workspace.inputs(4)[0][...] = x
    workspace.step(4)()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_small_products_take_one_thread_and_large_ones_all(library: Library, executor: str) -> None:
    product(8, executor)
    assert library.written == [1, 8]
    product(int((WORTH_A_THREAD / 4) ** 0.5) + 1, executor)
    assert library.written == [1, 8]


def test_the_setting_returns_when_the_last_of_several_runs_is_done(library: Library) -> None:
    seen: list[int] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        with threads.threads_for(SMALL, {}):
            barrier.wait(10)
            seen.append(library.number)

    runs = [threading.Thread(target=run) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(10)
    assert seen == [1, 1] and library.number == 8


def test_the_setting_returns_after_an_error(library: Library) -> None:
    with pytest.raises(KeyboardInterrupt), threads.threads_for(SMALL, {}):
        assert library.number == 1
        raise KeyboardInterrupt
    assert library.number == 8


def test_without_a_library_that_is_known_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_products", lambda: None)
    with threads.threads_for(SMALL, {}) as setting:
        assert setting is None


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
