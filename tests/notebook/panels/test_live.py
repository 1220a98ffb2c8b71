"""The live panel without a browser: what its widgets hold, and what it leaves."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from ipywidgets.widgets.widget import _instances

from kmagic.models.diagnosis import Finding, Fix
from kmagic.notebook.panels import live
from kmagic.notebook.panels.live import LivePanel, Pace
from kmagic.training import events
from tests.notebook.doubles import Clock, RunDouble, two_epochs


class Display:
    """Keeps what is displayed and updated."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def display(self, thing: Any, **options: Any) -> "Display.Handle":
        self.shown.append(thing)
        return Display.Handle(self.shown, len(self.shown) - 1)

    class Handle:
        def __init__(self, shown: list[Any], place: int) -> None:
            self.shown, self.place = shown, place

        def update(self, thing: Any, raw: bool, metadata: Any = None) -> None:
            assert raw
            self.shown[self.place] = thing


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, bare_shell: InteractiveShell) -> Iterator[Display]:
    screen = Display()
    monkeypatch.setattr(live, "display", screen.display)
    yield screen


def eager(name: str = "m") -> LivePanel:
    """A panel that draws at every event."""
    panel = LivePanel(name)
    panel.pace = SimpleNamespace(frame=lambda draw: draw())  # type: ignore[assignment]
    return panel


def test_while_it_trains_the_widgets_follow(screen: Display) -> None:
    panel = eager()
    panel.show(RunDouble())
    assert screen.shown == [panel.box, {"text/plain": "m: training in the background"}]
    two_epochs(panel, end=False)
    assert bytes(panel.image.value).startswith(b"\x89PNG")
    assert panel.bar.value == 1
    assert "m: training, epoch" in panel.status.value
    assert panel.failure is None


def test_at_the_end_a_figure_and_a_line_take_its_place(screen: Display) -> None:
    panel = LivePanel("m")
    panel.show(RunDouble())
    two_epochs(panel)
    figure, line = screen.shown
    assert set(figure) == {"image/png", "text/plain"}
    assert isinstance(figure["image/png"], str)
    assert line["text/plain"].startswith("✔ m: done, 2 of 2 epochs in ")
    assert line["text/plain"].endswith("; loss 0.5, val_loss 0.7, accuracy 0.8, val_accuracy 0.7")


def test_a_run_that_is_over_before_it_is_shown(screen: Display) -> None:
    panel = LivePanel("m")
    two_epochs(panel)
    panel.show(RunDouble(status="done", finished=True))
    assert [set(thing) for thing in screen.shown] == [{"image/png", "text/plain"}, {"text/plain"}]


def test_a_run_that_fails_before_the_first_step(screen: Display) -> None:
    panel = LivePanel("m")
    panel.show(RunDouble())
    panel(events.TrainEnd("failed", "labels <outside> the output", {}))
    assert screen.shown[0] == {"text/plain": "✖ m: failed (labels <outside> the output)"}


NOTICED = Finding(
    "K220", "warning", "dead units: layer 'a' gives 0 in <all> 16 units", (Fix("leaky", "model.x()", id, None),)
)


def test_what_is_noticed_stands_under_the_curves_and_stays(screen: Display) -> None:
    panel = LivePanel("m")
    panel.show(RunDouble())
    assert panel.box.children[-1] is panel.notes and panel.notes.value == ""
    panel(events.Noticed(NOTICED))
    assert "K220 warning" in panel.notes.value and "&lt;all&gt;" in panel.notes.value
    assert "<code>m.x()</code>" in panel.notes.value  # in the user's own words
    two_epochs(panel)
    line, found, fix = screen.shown[1]["text/plain"].splitlines()
    assert line.startswith("✔ m: done") and found == f"⚠ K220 warning: {NOTICED.message}"
    assert fix == "    leaky: m.x()"


def test_stop_sets_a_flag_and_writes_nothing(screen: Display) -> None:
    panel, training = LivePanel("m"), RunDouble()
    panel.show(training)
    before = panel.status.value
    panel.stop.click()
    assert training.stops == ["Stop was pressed"]
    assert panel.status.value == before


def test_a_cell_that_waits_has_no_button_that_cannot_work(screen: Display) -> None:
    panel = LivePanel("m", can_stop=False)
    assert panel.stop not in panel.box.children[0].children
    assert "interrupt the kernel" in panel.box.children[0].children[1].value


def test_names_are_escaped(screen: Display) -> None:
    panel = eager("<b>m</b>")
    panel.show(RunDouble("<b>m</b>"))
    two_epochs(panel, end=False)
    assert "<b>" not in panel.status.value
    assert "&lt;b&gt;m" in panel.status.value


def test_widgets_are_given_back(screen: Display, bare_shell: InteractiveShell) -> None:
    before = set(_instances)
    panel = LivePanel("m")
    panel.show(RunDouble())
    two_epochs(panel)
    assert set(_instances) == before


def test_a_picture_that_cannot_be_drawn_does_not_end_the_training(screen: Display) -> None:
    panel = eager()
    panel.show(RunDouble())
    panel.figure = object()  # type: ignore[assignment]
    two_epochs(panel)
    assert "; the picture failed: AttributeError" in screen.shown[1]["text/plain"]


def test_drawing_keeps_within_a_tenth_of_the_time() -> None:
    clock = Clock()
    pace = Pace(fps=1000, clock=clock)
    start = clock.now

    def draw() -> None:
        clock.now += 0.05

    while clock.now < start + 60:
        pace.frame(draw)
        clock.now += 0.001
    assert 0.06 < pace.spent / (clock.now - start) < 0.08


def test_a_slow_frame_does_not_stop_the_picture() -> None:
    clock, times = Clock(), []
    pace = Pace(fps=8, clock=clock)

    def draw() -> None:
        times.append(clock.now)
        clock.now += 0.1 if len(times) == 10 else 0.008

    while len(times) < 40:
        pace.frame(draw)
        clock.now += 0.001
    assert max(later - sooner for sooner, later in zip(times, times[1:], strict=False)) < 0.15


def test_frames_keep_to_the_rate() -> None:
    clock = Clock()
    pace, frames = Pace(fps=8, clock=clock), []
    for _ in range(10_000):
        pace.frame(lambda: frames.append(clock.now))
        clock.now += 0.001
    assert 75 <= len(frames) <= 81


def test_showing_and_ending_at_the_same_time_leave_the_verdict(screen: Display) -> None:
    for _ in range(20):
        screen.shown.clear()
        panel = LivePanel("m")
        worker = threading.Thread(target=two_epochs, args=(panel,))
        worker.start()
        panel.show(RunDouble())
        worker.join()
        assert screen.shown[-1]["text/plain"].startswith("✔ m: done")
