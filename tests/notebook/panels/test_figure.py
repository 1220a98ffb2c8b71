"""The drawing of curves, looked at pixel by pixel."""

import io

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest

from kmagic.notebook.panels.curves import Curves
from kmagic.notebook.panels.figure import BLUE, GREY, STYLES, VERMILLION, CurveFigure, described
from tests.notebook.doubles import HISTORY


def pixels(png: bytes) -> np.ndarray:
    """A PNG as rows of RGBA from 0 to 1."""
    return matplotlib.image.imread(io.BytesIO(png), format="png")


def count(png: bytes, colour: str) -> int:
    """How many opaque pixels have a colour."""
    wanted = np.array(matplotlib.colors.to_rgba(colour))
    return int((np.abs(pixels(png) - wanted).max(axis=2) < 0.02).sum())


def test_losses_and_metrics_have_an_axis_each() -> None:
    curves = Curves.of_history(HISTORY)
    figure = CurveFigure(curves.names)
    loss, accuracy = figure.figure.axes
    assert [ax.get_title() for ax in (loss, accuracy)] == ["loss", "accuracy"]
    assert {line.axes for name, line in figure.lines.items() if "loss" in name} == {loss}
    assert len(CurveFigure(["loss"]).figure.axes) == 1


def test_the_background_is_transparent_and_the_lines_are_drawn() -> None:
    curves = Curves.of_history(HISTORY)
    figure = CurveFigure(curves.names)
    for png in (figure.frame(curves), figure.final(curves)):
        assert (pixels(png)[:, :, 3] == 0).mean() > 0.5
        assert count(png, BLUE) > 100 and count(png, VERMILLION) > 50


def test_a_point_more_moves_the_curve() -> None:
    curves = Curves.of_history(HISTORY)
    figure = CurveFigure(curves.names, epochs=10)
    before = figure.frame(curves)
    curves.add_epoch(2, {name: values[-1] for name, values in HISTORY.items()})
    after = figure.frame(curves)
    assert not np.array_equal(pixels(before), pixels(after))
    assert figure.frame(curves) == after


def test_axes_are_drawn_anew_only_when_a_point_leaves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    curves = Curves.of_history({"loss": [1.0]})
    figure = CurveFigure(curves.names, epochs=1000)
    full: list[int] = []
    draw = figure.canvas.draw
    monkeypatch.setattr(figure.canvas, "draw", lambda: (full.append(1), draw()))
    for epoch in range(1, 200):
        curves.add_epoch(epoch, {"loss": 1 / (1 + epoch / 20)})
        figure.frame(curves)
    assert 1 <= len(full) <= 20


def test_validation_differs_from_training_in_more_than_colour() -> None:
    figure = CurveFigure(Curves.of_history(HISTORY).names)
    assert figure.lines["loss"].get_linestyle() == "-"
    assert figure.lines["val_loss"].get_linestyle() == "--"
    assert len({mark for _, _, mark in STYLES}) == len(STYLES)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        channels = np.array(matplotlib.colors.to_rgb(colour))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_readable_on_light_and_dark_pages(page: str) -> None:
    """3 : 1 is what WCAG 2.2 asks of graphics, and 4 : 1 comes near what it asks of small text on both at once."""
    assert contrast(GREY, page) > 4
    assert min(contrast(colour, page) for colour in (BLUE, VERMILLION)) > 3


def test_names_of_the_user_are_no_markup() -> None:
    curves = Curves.of_history({"loss": [1.0, 2.0], "$x^$": [1.0, 2.0], "_hidden": [1.0, 2.0]})
    figure = CurveFigure(curves.names)
    assert figure.final(curves)
    legend = figure.figure.axes[1].get_legend()
    assert [text.get_text().strip() for text in legend.get_texts()] == ["$x^$", "_hidden"]


@pytest.mark.parametrize("values", [[float("nan")] * 3, [1.0, float("inf"), 2.0], [5.0], [0.0, 0.0], [1e30, -1e30]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    curves = Curves.of_history({"loss": values})
    figure = CurveFigure(curves.names)
    assert figure.frame(curves) and figure.final(curves)


def test_in_words() -> None:
    assert described(Curves.of_history(HISTORY)) == (
        "loss from 0.9 to 0.5; val_loss from 1 to 0.7; accuracy from 0.6 to 0.8; val_accuracy from 0.5 to 0.7"
    )
    assert described(Curves.of_history({"loss": [3.0, 1.0, 2.0]})) == "loss from 3 to 2 (lowest 1)"
    assert described(Curves.of_history({"loss": [float("nan")]})) == "loss is not a number"
