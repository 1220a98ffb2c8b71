"""The session of a kernel: who watches, what runs, and what an interrupt does."""

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from kmagic.models import Sequential
from kmagic.notebook.session import Session
from tests.notebook.doubles import RunDouble

MARKS = ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG")


def session(kernel: Any = None, **names: Any) -> Session:
    """A session of a shell without anything else."""
    return Session(SimpleNamespace(kernel=kernel, user_ns=names, execution_count=1))


@pytest.fixture(autouse=True)
def no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    for mark in MARKS:
        monkeypatch.delenv(mark, raising=False)


@pytest.mark.parametrize("mark", MARKS)
def test_front_ends_are_recognised(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering, silent = SimpleNamespace(_allow_stdin=True), SimpleNamespace(_allow_stdin=False)
    assert not session(answering).is_watched
    monkeypatch.setenv(mark, "1")
    assert session(answering).is_watched
    assert not session(silent).is_watched, "nbclient inherits the environment, but nobody can answer"
    assert not session(None).is_watched, "a terminal"


def test_vs_code_is_recognised() -> None:
    assert session(SimpleNamespace(_allow_stdin=True), __vsc_ipynb_file__="a.ipynb").is_watched


def test_an_interrupt_of_an_idle_kernel_stops_runs_and_is_given_back() -> None:
    kernel = SimpleNamespace(saved_sigint_handler=signal.SIG_IGN)
    current = session(kernel)
    training = RunDouble()
    current.started(training)
    kernel.saved_sigint_handler(signal.SIGINT, None)
    assert training.stops == ["interrupt"]
    current.close()
    assert training.finished
    assert kernel.saved_sigint_handler is signal.SIG_IGN


def test_an_interrupt_without_runs_does_what_it_did_before() -> None:
    seen: list[int] = []
    kernel = SimpleNamespace(saved_sigint_handler=lambda number, frame: seen.append(number))
    current = session(kernel)
    training = RunDouble(finished=True)
    current.started(training)
    kernel.saved_sigint_handler(signal.SIGINT, None)
    assert seen == [signal.SIGINT]
    assert training.stops == []


def test_a_handler_that_another_extension_put_in_stays() -> None:
    kernel = SimpleNamespace(saved_sigint_handler=signal.SIG_IGN)
    current = session(kernel)
    current.started(RunDouble(finished=True))
    kernel.saved_sigint_handler = other = lambda number, frame: None
    current.close()
    assert kernel.saved_sigint_handler is other


def test_runs_of_the_users_models_count() -> None:
    model = Sequential(name="m")
    model.run = training = RunDouble()
    current = session(None, m=model, again=model)
    assert current.running() == [training]
    current.stop_runs("enough")
    assert training.stops == ["enough"]


def test_a_run_is_shown_once_in_a_cell() -> None:
    current = session()
    training = RunDouble()
    assert not current.shows_already(training)
    current.has_shown(training)
    assert current.shows_already(training)
    assert not current.shows_already(RunDouble())
    current.shell.execution_count += 1
    assert not current.shows_already(training)
