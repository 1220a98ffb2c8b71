"""How far a run is, in words."""

from kmagic.notebook.panels.curves import Curves
from kmagic.notebook.panels.progress import Progress, lasting, place
from tests.notebook.doubles import Clock


def test_a_run_in_progress() -> None:
    clock = Clock()
    progress = Progress("m", clock)
    clock.now += 60
    progress.begin(epochs=4, steps=10)
    progress.begin_epoch(0)
    clock.now += 6
    progress.advance(0, 5, 10)
    curves = Curves()
    curves.add_steps(0, 5, 10, {"loss": 0.51234})
    # an eighth of the run took 6 s, so the other seven take 42 s
    line = "▶ m: training, epoch 1 of 4, step 5 of 10, 6.0 s so far, about 42 s left; loss 0.5123"
    assert progress.line("running", curves) == line
    assert progress.fraction == 1 / 8


def test_a_run_that_goes_on_at_a_later_epoch() -> None:
    progress = Progress("m", Clock())
    progress.begin(epochs=10, steps=4)
    progress.begin_epoch(8)
    progress.advance(8, 4, 4)
    progress.end_epoch(8)
    assert progress.fraction == 0.5
    progress.begin_epoch(9)
    assert progress.fraction == 0.5


def test_a_run_whose_epochs_are_of_unknown_length() -> None:
    clock = Clock()
    progress = Progress("m", clock)
    progress.begin(epochs=2, steps=None)
    progress.begin_epoch(0)
    clock.now += 3
    progress.advance(0, 7, None)
    assert progress.line("running", Curves()) == "▶ m: training, epoch 1 of 2, step 7, 3.0 s so far"
    before = progress.fraction
    progress.advance(0, 700, None)
    assert 0 < before < progress.fraction < 0.5
    progress.end_epoch(0)
    assert progress.fraction == 0.5
    progress.begin_epoch(1)
    progress.advance(1, 350, 700)
    assert progress.fraction == 0.75 and "about" in progress.line("running", Curves())


def test_verdicts() -> None:
    clock = Clock()
    progress = Progress("m", clock)
    progress.begin(epochs=2, steps=10)
    progress.begin_epoch(0)
    progress.end_epoch(0)
    clock.now += 1.23
    assert progress.verdict("stopped", "Stop was pressed", Curves()) == (
        "■ m: stopped (Stop was pressed), 1 of 2 epochs in 1.2 s"
    )
    progress.begin_epoch(1)
    progress.advance(1, 5, 10)
    assert progress.verdict("stopped", "interrupt", Curves()) == "■ m: stopped (interrupt), in epoch 2 of 2 after 1.2 s"
    assert progress.verdict("done", "all epochs", Curves()).startswith("✔ m: done, ")
    assert Progress("m").verdict("failed", "no data", Curves()) == "✖ m: failed (no data)"


def test_places_are_whole_numbers() -> None:
    assert place(19_999.0, 20_000) == "19999 of 20000 epochs"
    assert place(19_999.5, 20_000) == "in epoch 20000 of 20000"
    assert place(0, 3) == "0 of 3 epochs"
    assert place(0.25, 3) == "in epoch 1 of 3"


def test_times() -> None:
    assert [lasting(seconds) for seconds in (0, 9.94, 59.4, 60, 3599, 3600)] == [
        "0.0 s", "9.9 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min",
    ]  # fmt: skip
