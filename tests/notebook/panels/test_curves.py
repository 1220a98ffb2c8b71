"""The points of curves, gathered from events."""

import math

from kmagic.notebook.panels.curves import RUNNING_POINTS, Curves
from tests.notebook.doubles import HISTORY, two_epochs


def test_an_epoch_stands_where_it_ends() -> None:
    curves = Curves.of_history(HISTORY)
    assert curves.line("loss").x == [1, 2]
    assert curves.line("loss").y == [0.9, 0.5]
    assert Curves.of_history(HISTORY, first_epoch=4).line("loss").x == [5, 6]


def test_running_means_go_on_after_finished_epochs_and_give_way_to_the_next() -> None:
    curves = Curves.of_history({"loss": [0.9]})
    curves.add_steps(1, 5, 10, {"loss": 0.7})
    assert curves.line("loss").x == [1, 1.5]
    curves.add_epoch(1, {"loss": 0.6, "val_loss": 0.8})
    assert curves.line("loss").x == [1, 2]
    assert curves.line("val_loss").y == [0.8]


def test_running_means_of_an_epoch_of_unknown_length_stay_within_it() -> None:
    curves = Curves()
    for step in (1, 50, 5000):
        curves.add_steps(2, step, None, {"loss": 1.0})
    places = curves.line("loss").x
    assert places == sorted(places) and places[0] > 2 and places[-1] < 3


def test_losses_come_first_and_training_before_validation() -> None:
    logs = dict.fromkeys(("accuracy", "val_accuracy", "val_loss", "loss", "learning_rate", "a_loss"), 1.0)
    curves = Curves()
    curves.add_epoch(0, logs)
    assert curves.names == ["loss", "val_loss", "a_loss", "accuracy", "val_accuracy"]


def test_points_of_long_epochs_are_thinned() -> None:
    curves = Curves()
    for step in range(10_000):
        curves.add_steps(0, step, 10_000, {"loss": 1.0})
    line = curves.line("loss")
    assert len(line.x) <= RUNNING_POINTS
    assert line.x[0] == 0 and line.x == sorted(line.x)


def test_long_runs_are_thinned_for_drawing() -> None:
    curves = Curves.of_history({"loss": [float(epoch) for epoch in range(10_001)]})
    curves.add_steps(10_001, 1, 2, {"loss": 7.0})
    line = curves.line("loss", at_most=100)
    assert len(line.x) <= 102
    assert line.x[-2:] == [10_001, 10_001.5]
    assert line.y[-2:] == [10_000, 7]
    assert {pair[1] - pair[0] for pair in zip(line.x, line.x[1:-1], strict=False)} == {101}
    assert len(curves.line("loss").x) == 10_002


def test_the_newest_value() -> None:
    assert math.isnan(Curves().last("loss"))
    assert Curves.of_history(HISTORY).last("val_loss") == 0.7
    assert Curves().is_empty


def test_several_values_are_no_point_of_a_curve() -> None:
    curves = Curves.of_history({"loss": [0.5], "columns": [[1.0, 2.0]], "note": ["warm"]})
    curves.add_steps(1, 1, 2, {"loss": 0.25, "columns": [1.0, 2.0]})
    curves.add_epoch(1, {"loss": 0.25, "columns": [1.0, 2.0]})
    assert curves.names == ["loss"] and curves.line("loss").y == [0.5, 0.25]


def test_events_of_a_run_give_its_history() -> None:
    curves = Curves()
    two_epochs(
        lambda event: (
            curves.add_epoch(event.epoch, event.logs) if hasattr(event, "logs") and len(event.logs) > 2 else None
        )
    )
    assert {name: curves.line(name).y for name in curves.names} == HISTORY
