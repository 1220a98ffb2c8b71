"""What stays of a run."""

import base64
from types import SimpleNamespace

from kmagic.models.diagnosis import Finding, Fix
from kmagic.notebook.panels import still
from kmagic.notebook.panels.curves import Curves
from tests.notebook.doubles import HISTORY, RunDouble


def test_a_picture_is_text_that_any_page_can_show() -> None:
    data, metadata = still.picture("m", Curves.of_history(HISTORY))
    assert base64.b64decode(data["image/png"], validate=True).startswith(b"\x89PNG")
    assert data["text/plain"].startswith("Curves of m over the epochs: loss from 0.9 to 0.5;")
    assert metadata["image/png"]["alt"] == data["text/plain"]


def test_a_run_as_it_is_now() -> None:
    live = SimpleNamespace(epoch=2, step=10, steps=10, epochs=4, logs={}, history=HISTORY)
    (picture, _), (line, _) = still.of_run(RunDouble(live=live, status="stopped", reason="interrupt"))
    assert "loss from 0.9 to 0.5" in picture["text/plain"]
    assert line == {"text/plain": "m: stopped (interrupt), 2 of 4 epochs"}


def test_a_run_in_its_first_epoch_shows_running_means() -> None:
    live = SimpleNamespace(epoch=0, step=5, steps=10, epochs=4, logs={"loss": 0.5}, history={})
    (picture, _), (line, _) = still.of_run(RunDouble(live=live))
    assert "loss 0.5" in picture["text/plain"]
    assert line == {"text/plain": "m: running, in epoch 1 of 4"}


def test_a_run_without_anything_to_see() -> None:
    assert [data for data, _ in still.of_run(RunDouble())] == [{"text/plain": "m: running, 0 of 2 epochs"}]


def test_what_was_noticed_stands_below_the_line() -> None:
    found = Finding("K221", "warning", "vanishing gradients", (Fix("tanh", "model.x()", id, None),))
    (data, _), *_ = still.of_run(RunDouble(findings=[found]))
    assert data["text/plain"].splitlines()[1:] == ["⚠ K221 warning: vanishing gradients", "    tanh: m.x()"]
