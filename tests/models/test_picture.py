"""Pictures of models: which cards and lines there are, what they say, and that any name may stand there."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.base.errors import BadValue
from kmagic.layers import Add, BatchNormalization, Concatenate, Conv2D, Dense, Flatten
from kmagic.models import Sequential

SVG = "{http://www.w3.org/2000/svg}"


def drawn(model: Model, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(str(model.picture(**options)))


def cards(picture: ElementTree.Element) -> list[list[str]]:
    """The lines of each card."""
    return [[text.text or "" for text in group.iter(f"{SVG}text")] for group in picture.iter(f"{SVG}g")]


def boxes(picture: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each card."""
    found = []
    for box in picture.iter(f"{SVG}rect"):
        x, y, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def lines(picture: ElementTree.Element) -> list[tuple[str, str]]:
    """The titles of the cards that each line joins."""
    titles = [card[0] for card in cards(picture)]
    places = boxes(picture)

    def at(x: float, y: float) -> str:
        near = [
            title
            for title, (left, top, right, bottom) in zip(titles, places, strict=True)
            if left - 0.2 <= x <= right + 0.2 and top - 0.2 <= y <= bottom + 0.2
        ]
        return near[0]

    found = []
    for path in picture.iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.attrib["d"])]
        found.append((at(*numbers[:2]), at(*numbers[-2:])))
    return found


def twins() -> Model:
    a, b, shared = Input((3,), name="a"), Input((3,), name="b"), Dense(4, name="shared")
    both = Add(name="both")([shared(a), shared(b)]) * 2
    inner = Sequential([Input((4,)), Dense(2, "relu", name="deep"), Dense(3, name="deeper")], name="inner")
    z = Input((4,), name="z")
    outer = Model(z, [inner(z), Dense(3, name="side")(z)], name="outer")
    return Model([a, b], [*outer(both), Concatenate(name="skip")([a, both])], name="twins")


def test_every_layer_has_a_card_and_every_connection_a_line() -> None:
    picture = drawn(twins(), show_layer_names=True)
    assert [card[0] for card in cards(picture)] == [
        "a (InputLayer)",
        "b (InputLayer)",
        "shared (Dense)",
        "both (Add)",
        "Multiply",
        "outer (Model)",
        "skip (Concatenate)",
    ]
    assert sorted(lines(picture)) == [
        ("Multiply", "outer (Model)"),
        ("Multiply", "skip (Concatenate)"),
        ("a (InputLayer)", "shared (Dense)"),
        ("a (InputLayer)", "skip (Concatenate)"),
        ("b (InputLayer)", "shared (Dense)"),
        ("both (Add)", "Multiply"),
        ("shared (Dense)", "both (Add)"),
    ]


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_inputs_stand_where_they_are_wanted(rankdir: str) -> None:
    picture = drawn(Sequential([Input((3,)), Dense(2, name="first"), Dense(1, name="last")]), rankdir=rankdir)
    (left, top, right, bottom), (left2, top2, right2, bottom2) = boxes(picture)
    assert {"TB": bottom < top2, "BT": bottom2 < top, "LR": right < left2, "RL": right2 < left}[rankdir]
    (line,) = picture.iter(f"{SVG}path")
    x, y, *_, x2, y2 = [float(number) for number in re.findall(r"-?[\d.]+", line.attrib["d"])]
    assert (x2 - x, y2 - y) == pytest.approx(
        {"TB": (0, 34), "BT": (0, -34), "LR": (34, 0), "RL": (-34, 0)}[rankdir], abs=0.2
    )


@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_cards_are_apart_unless_one_is_within_the_other(rankdir: str) -> None:
    found = boxes(drawn(twins(), expand_nested=True, rankdir=rankdir, show_shapes=True))
    for number, (left, top, right, bottom) in enumerate(found):
        for left2, top2, right2, bottom2 in found[:number]:
            apart = right < left2 or right2 < left or bottom < top2 or bottom2 < top
            within = left2 < left and right < right2 and top2 < top and bottom < bottom2
            assert apart or within


def test_what_cards_say() -> None:
    model = Sequential(
        [Input((8, 8, 1)), Conv2D(2, 3, activation="relu", name="conv"), BatchNormalization(), Flatten()]
    )
    model.layers[1].trainable = False
    everything = {"show_shapes": True, "show_dtype": True, "show_layer_activations": True, "show_trainable": True}
    assert cards(drawn(model)) == [["Conv2D"], ["BatchNormalization"], ["Flatten"]]
    assert cards(drawn(model, show_layer_names=True))[0] == ["conv (Conv2D)"]
    assert cards(drawn(model, **everything)) == [
        ["Conv2D", "activation: relu", "input: [? 8 8 1]", "output: f32[? 6 6 2]", "trainable: yes"],
        ["BatchNormalization", "input: [? 6 6 2]", "output: f32[? 6 6 2]", "trainable: no"],
        ["Flatten", "input: [? 6 6 2]", "output: f32[? 72]"],
    ]
    assert cards(drawn(model, show_dtype=True))[0] == ["Conv2D", "dtype: float32"]


def test_models_inside_are_shown_where_wanted() -> None:
    picture = drawn(twins(), expand_nested=True, show_layer_names=True)
    titles = [card[0] for card in cards(picture)]
    assert titles[5:12] == [
        "outer (Model)",
        "z (InputLayer)",
        "inner (Sequential)",
        "deep (Dense)",
        "deeper (Dense)",
        "side (Dense)",
        "skip (Concatenate)",
    ]
    places = dict(zip(titles, boxes(picture), strict=True))
    left, top, right, bottom = places["inner (Sequential)"]
    assert left < places["deep (Dense)"][0] and places["deeper (Dense)"][3] < bottom
    assert len(lines(picture)) == 7 + 2 + 1


def test_a_layer_that_takes_what_it_gave_has_a_card_for_each_call() -> None:
    x, again = Input((3,)), Dense(3)
    picture = drawn(Model(x, again(again(x))))
    assert [card[0] for card in cards(picture)] == ["InputLayer", "Dense, call 1", "Dense, call 2"]
    assert lines(picture) == [("InputLayer", "Dense, call 1"), ("Dense, call 1", "Dense, call 2")]


def test_own_models_show_their_layers_without_lines() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = [Dense(3), Dense(3)]

        def call(self, inputs: Any) -> Any:
            return self.parts[0](inputs) + self.parts[1](inputs)

    model = Own()
    model(np.ones((2, 3)))
    assert cards(drawn(model)) == [["Dense"], ["Dense"]] and lines(drawn(model)) == []


def test_any_name_may_stand_there() -> None:
    name = '<script>alert("1")</script>&' + "x" * 60
    model = Sequential([Input((3,)), Dense(1, name=name.replace("/", "|"))], name="<b>&")
    text = str(model.picture(show_layer_names=True))
    assert "<script>" not in text and "<b>" not in text
    (card,) = cards(ElementTree.fromstring(text))
    assert "…" in card[0] and len(card[0]) < 50
    # the whole name is in the tooltip
    assert "x" * 60 in (ElementTree.fromstring(text).find(f"{SVG}g/{SVG}title").text or "")  # type: ignore[union-attr]


def test_notebooks_and_files(tmp_path: Path) -> None:
    picture = twins().picture()
    assert picture._repr_svg_() == str(picture) and str(picture) in picture._repr_html_()
    assert repr(picture) == "<Picture of twins>"
    picture.save(tmp_path / "twins.svg")
    assert (tmp_path / "twins.svg").read_text("utf-8") == str(picture)
    with pytest.raises(BadValue, match="ends with .svg") as caught:
        picture.save(tmp_path / "twins.png")
    assert caught.value.fix is not None and "twins.svg" in caught.value.fix


def test_both_themes_are_there() -> None:
    text = str(twins().picture())
    assert "prefers-color-scheme:dark" in text and "[data-jp-theme-light=false]" in text
    # nothing takes its colour from the page
    assert "currentColor" not in text


def test_refusals() -> None:
    with pytest.raises(BadValue, match="not yet been built"):
        Sequential([Dense(1)]).picture()
    with pytest.raises(BadValue, match="rankdir is 'UP'"):
        twins().picture(rankdir="UP")
