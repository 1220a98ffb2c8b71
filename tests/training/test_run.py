"""Runs: a training in a worker thread that is watched, stopped and waited for from outside."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import Busy
from kmagic.callbacks import Callback, LambdaCallback
from kmagic.training.events import EpochEnd, Noticed, StepsEnd, TrainEnd, ValidationSteps
from kmagic.training.sources import ArraySource
from tests.training.small import Remembering, data, model

LONG = 100_000


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_run_returns_at_once_and_ends_by_itself() -> None:
    x, y = data()
    small, listener = model(), Remembering()
    run = small.fit_async(x, y, epochs=3, batch_size=10, validation_split=0.2, verbose=0, listeners=[listener])
    assert small.run is run and run.wait() is run
    assert (run.status, run.error, run.reason, run.finished) == ("done", None, "", True)
    assert run.history.epoch == [0, 1, 2]
    assert set(run.history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert run.history.history == run.live.history
    assert listener.kinds()[0] == "TrainBegin" and listener.kinds()[-1] == "TrainEnd"
    assert [event.logs for event in listener.of(EpochEnd)] == [
        {name: values[epoch] for name, values in run.history.history.items()} for epoch in range(3)
    ]
    assert "done, epoch 3 of 3" in repr(run) and "\n" not in repr(run)


def test_stop_ends_the_run_at_a_step_edge() -> None:
    x, y = data()
    small, listener = model(), Remembering()
    run = small.fit_async(x, y, epochs=LONG, verbose=0, listeners=[listener])
    wait_until(lambda: run.live.epoch >= 2)
    run.stop()
    assert run.status in ("stopping", "stopped")
    run.wait()
    assert (run.status, run.reason) == ("stopped", "asked")
    (end,) = listener.of(TrainEnd)
    assert (end.status, end.reason) == ("stopped", "asked") and end.history is run.history
    assert 2 <= len(run.history.epoch) < LONG
    assert np.isfinite(small.evaluate(x, y, verbose=0)).all()


def test_looking_at_a_run_never_waits() -> None:
    x, y = data()
    small, held = model(), threading.Event()
    run = small.fit_async(x, y, epochs=2, verbose=0, listeners=[lambda event: held.wait(10)])
    before = time.monotonic()
    assert run.live.epoch == 0 and not run.finished and "running" in repr(run)
    assert time.monotonic() - before < 1
    held.set()
    assert run.wait().live.epoch == 2


def test_live_values_belong_to_one_moment() -> None:
    x, y = data()
    seen = []
    small = model()
    run = small.fit_async(x, y, epochs=3, batch_size=10, verbose=0, listeners=[lambda e: seen.append(small.run.live)])
    run.wait()
    early = next(live for live in seen if live.epoch == 1)
    assert len(early.history["loss"]) == 1 and len(run.live.history["loss"]) == 3


def test_a_listener_may_come_late() -> None:
    x, y = data()
    small, listener = model(), Remembering()
    run = small.fit_async(x, y, epochs=LONG, verbose=0)
    wait_until(lambda: run.live.epoch >= 1)
    run.listen(listener)
    wait_until(lambda: any(listener.of(EpochEnd)))
    run.stop()
    run.wait()
    assert "TrainBegin" not in listener.kinds() and next(listener.of(EpochEnd)).epoch >= 1


def test_changes_while_training_are_refused() -> None:
    x, y = data()
    small = model()
    run = small.fit_async(x, y, epochs=LONG, verbose=0)
    try:
        with pytest.raises(Busy, match="compile while training") as caught:
            small.compile("sgd", "mse")
        assert caught.value.fix == "model.run.stop()"
        for change in (small.pop, lambda: small.add(small.layers[0])):
            with pytest.raises(Busy):
                change()
    finally:
        run.stop()
        run.wait()
    small.compile("sgd", "mse")


def test_a_second_fit_waits_for_the_first() -> None:
    x, y = data()
    small = model()
    first = small.fit_async(x, y, epochs=20, verbose=0)
    small.fit(x, y, epochs=2, verbose=0)
    assert first.status == "done" and len(first.history.epoch) == 20


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_end", "on_train_batch_end", "on_train_end"])
def test_an_error_in_a_callback_surfaces_where_the_result_is_asked_for(hook: str) -> None:
    x, y = data()

    class Broken(Callback):
        """Fails."""

    def fail(*arguments: Any) -> None:
        raise LookupError(f"mistake in {hook}")

    setattr(Broken, hook, fail)
    small = model()
    with pytest.raises(LookupError, match=f"mistake in {hook}"):
        small.fit(x, y, epochs=2, verbose=0, callbacks=[Broken()])
    assert small.run.status == "failed" and isinstance(small.run.error, LookupError)
    small.fit(x, y, epochs=1, verbose=0)
    assert small.run.status == "done"


def test_an_error_in_a_listener_fails_the_run() -> None:
    x, y = data()

    def broken(event: Any) -> None:
        if isinstance(event, StepsEnd):
            raise LookupError("no screen")

    run = model().fit_async(x, y, verbose=0, listeners=[broken]).wait()
    assert run.status == "failed" and run.reason == "LookupError"
    with pytest.raises(LookupError, match="no screen"):
        _ = run.history


def test_the_end_is_told_to_all_though_a_callback_raises() -> None:
    x, y = data()

    def fail(logs: Any) -> None:
        raise LookupError("at the end")

    listener = Remembering()
    run = model().fit_async(x, y, verbose=0, callbacks=[LambdaCallback(on_train_end=fail)], listeners=[listener]).wait()
    (end,) = listener.of(TrainEnd)
    assert (end.status, end.reason, run.status) == ("failed", "LookupError", "failed")
    assert isinstance(run.error, LookupError)


def test_the_end_is_told_to_all_though_a_listener_raises() -> None:
    x, y = data()

    def broken(event: Any) -> None:
        if isinstance(event, TrainEnd):
            raise LookupError("no screen")

    def broken_too(event: Any) -> None:
        if isinstance(event, TrainEnd):
            raise OSError("no disk")

    listener = Remembering()
    run = model().fit_async(x, y, verbose=0, listeners=[broken, broken_too, listener]).wait()
    (end,) = listener.of(TrainEnd)
    assert end.history.epoch == [0]
    assert run.status == "failed" and isinstance(run.error, LookupError) and run.reason == "LookupError"


def test_a_stop_ends_a_long_validation() -> None:
    x, y = data(20_000)
    small, listener = model(), Remembering()
    run = small.fit_async(
        x[:10], y[:10], validation_data=(x, y), validation_batch_size=1, verbose=0, listeners=[listener]
    )
    wait_until(lambda: any(listener.of(ValidationSteps)))
    run.stop()
    run.wait()
    assert run.status == "stopped" and run.history.epoch == [] and "ValidationEnd" not in listener.kinds()


def test_a_callback_may_use_the_model_while_it_trains() -> None:
    x, y = data()
    seen = []

    class Looking(Callback):
        """Predicts after each epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append((len(self.model.predict(x, verbose=0)), len(self.model.get_weights())))

    model().fit(x, y, epochs=2, verbose=0, callbacks=[Looking()])
    assert seen == [(100, 4), (100, 4)]


INTERRUPTED = """
import sys, threading, time
from tests.training.small import data, model
x, y = data()
small = model()

def say(event):
    if type(event).__name__ == "EpochEnd" and event.epoch == 3:
        print("ready", flush=True)

try:
    if sys.argv[1] == "fit":
        import kmagic
        hook = kmagic.callbacks.LambdaCallback(on_epoch_end=lambda n, logs: n == 3 and print("ready", flush=True))
        small.fit(x, y, epochs=10**7, verbose=0, callbacks=[hook])
    else:
        small.fit_async(x, y, epochs=10**7, verbose=0, listeners=[say]).wait()
        print("returned")
except KeyboardInterrupt:
    print("interrupted")
print(small.run.status, small.run.reason, len(small.history.epoch) >= 4, threading.active_count())
print(len(small.fit(x, y, epochs=2, verbose=0).epoch))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(("way", "said"), [("fit", "interrupted"), ("wait", "returned")])
def test_an_interrupt_stops_at_a_step_edge(way: str, said: str, root: Any) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert output.splitlines() == [said, "stopped interrupt True 1", "2"], errors


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_is_over_lets_go_of_variables_and_listeners(fails: bool) -> None:
    x, y = data()
    small, listener = model(), Remembering()
    heard = weakref.ref(listener)
    owners: list[Any] = []

    def look(epoch: int, logs: Any) -> None:
        owners.extend(variable.owner for variable in (*small.variables, *small.optimizer.variables))
        assert not fails

    run = small.fit_async(x, y, verbose=0, callbacks=[LambdaCallback(on_epoch_end=look)], listeners=[listener])
    run.wait()
    assert run.status == ("failed" if fails else "done")
    assert owners and all(owner is run for owner in owners)
    assert all(variable.owner is None for variable in (*small.variables, *small.optimizer.variables))
    assert run.live.epoch == 1
    if not fails:  # an error keeps the frames in which it was raised, for debuggers
        del listener
        run._thread.join()
        gc.collect()
        assert heard() is None


def test_a_model_does_not_keep_the_data_of_its_last_training() -> None:
    x, y = data(97)
    small = model()
    small.fit(x, y, validation_data=(-x[:13], y[:13]), verbose=0)
    small.run._thread.join()
    gc.collect()
    assert not [kept for kept in gc.get_objects() if isinstance(kept, ArraySource) and kept.length in (97, 13)]
    assert small.run.history is small.history and small.run.live.epoch == 1


def test_a_model_that_is_dropped_goes_with_its_state_and_run() -> None:
    x, y = data(97)
    small = model()
    small.fit(x, y, verbose=0)
    small.evaluate(x, y, verbose=0)
    small.predict(x, verbose=0)
    small.train_on_batch(x, y)
    small.run._thread.join()
    kept = [weakref.ref(thing) for thing in (small, small.run, small.optimizer, *small.variables)]
    kept += [weakref.ref(variable) for variable in small.optimizer.variables]
    del small
    gc.collect()
    assert [thing() for thing in kept] == [None] * len(kept)
    assert not [source for source in gc.get_objects() if isinstance(source, ArraySource) and source.length == 97]


def test_what_is_noticed_is_kept_and_told_to_everybody() -> None:
    x, y = data()
    small, listener = model(), Remembering()

    def notices(event: Any) -> None:
        if isinstance(event, EpochEnd):
            small.run.notice(f"finding {event.epoch}")

    run = small.fit_async(x, y, epochs=2, verbose=0, validate=False, listeners=[notices, listener]).wait()
    assert run.findings == ["finding 0", "finding 1"] == run.history.findings
    assert [event.finding for event in listener.of(Noticed)] == run.findings
    # a listener hears of it when it happens, not after the end
    assert listener.kinds().index("Noticed") < listener.kinds().index("EpochEnd") < listener.kinds().index("TrainEnd")
    again = small.fit_async(x, y, epochs=1, verbose=0, validate=False).wait()
    assert again.findings == [] and again.history.findings == [] and len(run.findings) == 2
