"""The table of layers: what its columns say, what it counts, and that it can be read everywhere."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.base.errors import BadValue
from kmagic.layers import Add, BatchNormalization, Conv2D, Dense, Dropout, Embedding, Flatten, Normalization
from kmagic.models import Sequential
from kmagic.models.summary import Summary


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")


def printed(model: Any, **options: Any) -> list[str]:
    """The lines of a summary."""
    found: list[str] = []
    model.summary(print_fn=found.append, **options)
    (text,) = found
    return text.splitlines()


def cells(lines: list[str]) -> list[list[str]]:
    """What stands in the columns of each line."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


def images() -> Sequential:
    front = [Input((28, 28, 1)), Conv2D(8, 3, name="conv"), BatchNormalization(name="norm"), Flatten(name="flat")]
    return Sequential([*front, Dropout(0.5, name="drop"), Dense(10, name="last")], name="images")


def branches() -> Model:
    a, b, shared = Input((3,), name="a"), Input((3,), name="b"), Dense(4, name="shared")
    both = Add(name="both")([shared(a), shared(b)]) * 2
    inner = Sequential([Input((4,)), Dense(2, name="deep")], name="inner")
    z = Input((4,), name="z")
    outer = Model(z, [inner(z), Dense(3, name="side")(z)], name="outer")
    return Model([a, b], [inner(both), *outer(both)], name="branches")


# ---- figures, as Keras 3.15.1 gives them for the same models ----


def test_a_chain_of_layers() -> None:
    lines = cells(printed(images()))
    assert lines[0] == ['Model: "images"'] and lines[2] == ["Layer (type)", "Output Shape", "Param #"]
    assert lines[4:9] == [
        ["conv (Conv2D)", "f32[? 26 26 8]", "80"],
        ["norm (BatchNormalization)", "f32[? 26 26 8]", "32"],
        ["flat (Flatten)", "f32[? 5408]", "0"],
        ["drop (Dropout)", "f32[? 5408]", "0"],
        ["last (Dense)", "f32[? 10]", "54,090"],
    ]
    assert [line[0] for line in lines[10:]] == [
        "Total params: 54,202 (211.73 KB)",
        "Trainable params: 54,186 (211.66 KB)",
        "Non-trainable params: 16 (64.00 B)",
    ]


def test_the_optimizer_counts_once_it_has_state() -> None:
    model = images()
    model.compile("adam", "mse")
    assert not any("Optimizer" in line for line in printed(model))
    model.fit(np.random.default_rng(0).normal(size=(2, 28, 28, 1)), np.zeros((2, 10)), verbose=0)
    assert [line.strip() for line in printed(model)[-4:]] == [
        "Total params: 162,576 (635.06 KB)",
        "Trainable params: 54,186 (211.66 KB)",
        "Non-trainable params: 16 (64.00 B)",
        "Optimizer params: 108,374 (423.34 KB)",
    ]


def test_frozen_layers() -> None:
    model = images()
    model.layers[0].trainable = False
    lines = printed(model, show_trainable=True)
    assert [line[-1] for line in cells(lines)[4:9]] == ["N", "Y", "-", "-", "Y"]
    assert "Trainable params: 54,106 (211.35 KB)" in lines[-2] and "Non-trainable params: 96 (384.00 B)" in lines[-1]


def test_models_with_branches_say_what_is_connected() -> None:
    lines = cells(printed(branches()))
    assert lines[2] == ["Layer (type)", "Output Shape", "Param #", "Connected to"]
    assert lines[4:11] == [
        ["a (InputLayer)", "f32[? 3]", "0", "-"],
        ["b (InputLayer)", "f32[? 3]", "0", "-"],
        ["shared (Dense)", "f32[? 4]", "16", "a[0][0], b[0][0]"],
        ["both (Add)", "f32[? 4]", "0", "shared[0][0], shared[1][0]"],
        ["multiply (Multiply)", "f32[? 4]", "0", "both[0][0]"],
        ["inner (Sequential)", "f32[? 2]", "10", "multiply[0][0]"],
        ["outer (Model)", "f32[? 2], f32[? 3]", "25", "multiply[0][0]"],
    ]
    # the inner model counts once
    assert lines[12] == ["Total params: 41 (164.00 B)"]


def test_models_inside_are_shown_where_wanted() -> None:
    titles = [line[0] for line in cells(printed(branches(), expand_nested=True))[9:15]]
    assert titles == [
        "inner (Sequential)",
        "└ deep (Dense)",
        "outer (Model)",
        "└ z (InputLayer)",
        "└ inner (Sequential)",
        "└ deep (Dense)",
    ]


def test_weights_that_are_not_trained() -> None:
    model = Sequential([Normalization(input_shape=(5,), name="scale"), Dense(4, name="hidden")], name="table")
    # 5·4 weights and 4 biases; mean and variance of 5 columns and a count are not trained
    assert [line.split(" params: ")[1] for line in printed(model)[-3:]] == [
        "35 (140.00 B)",
        "24 (96.00 B)",
        "11 (44.00 B)",
    ]


def test_what_is_not_built_says_so() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = [Dense(3, name="first"), Dense(1, name="second")]

        def call(self, inputs: Any) -> Any:
            return self.parts[1](self.parts[0](inputs))

    for model in (Sequential([Dense(3, name="first"), Dense(1, name="second")]), Own()):
        lines = printed(model)
        assert cells(lines)[4:6] == [["first (Dense)", "?", "0 (unbuilt)"], ["second (Dense)", "?", "0 (unbuilt)"]]
        assert "not built" in lines[-1] and "Total params: 0 (0.00 B)" in lines[-4]
        model(np.ones((2, 4)))
        assert cells(printed(model))[4:6] == [["first (Dense)", "f32[? 3]", "15"], ["second (Dense)", "f32[? 1]", "4"]]


# ---- what is shown, and how ----


@pytest.mark.parametrize(
    ("between", "shown"),
    [
        (("norm", "drop"), ["norm", "flat", "drop"]),
        (("drop", "norm"), ["norm", "flat", "drop"]),
        (("conv", "conv"), ["conv"]),
        (("n.*", ".*st"), ["norm", "flat", "drop", "last"]),
    ],
)
def test_a_range_of_layers(between: tuple[str, str], shown: list[str]) -> None:
    assert [row.name.split()[0] for row in Summary(images(), layer_range=between).rows] == shown


@pytest.mark.parametrize("between", [("norm",), ("norm", 3), ("frist", "last")])
def test_ranges_that_are_none(between: Any) -> None:
    with pytest.raises(BadValue, match="layer_range"):
        images().summary(layer_range=between)


def test_long_names_go_on_below_and_nothing_is_wider_than_the_line() -> None:
    name = "a_name_that_is_very_long_and_does_not_fit_into_any_column_of_a_table_this_wide_whatever_one_tries"
    model = Sequential([Input((3,)), Dense(2, name=name)])
    for options in (
        {},
        {"line_length": 50},
        {"positions": [0.3, 0.7, 1.0]},
        {"line_length": 60, "positions": [20, 40, 60]},
    ):
        lines = printed(model, **options)
        assert max(map(len, lines)) <= options.get("line_length", 88)
        assert name in "".join(line.split("  ")[0].strip() for line in lines[4:])
    with pytest.raises(BadValue, match="a line of 12 characters"):
        model.summary(line_length=12)
    with pytest.raises(BadValue, match="2 positions"):
        model.summary(positions=[0.5, 1.0])


@pytest.mark.parametrize("columns", [80, 100])
def test_words_stay_whole_where_the_line_is_long_enough(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    a, b = Input((3,), name="input_layer_of_a"), Input((3,), name="input_layer_of_b")
    model = Model([a, b], Dense(4, name="prediction")(Add(name="both")([a, b])))
    lines = printed(model, show_trainable=True)
    assert max(map(len, lines)) <= columns - 4
    words = " ".join(lines).split()
    for word in ("Trainable", "Connected", "input_layer_of_a[0][0],", "input_layer_of_b[0][0]", "both[0][0]"):
        assert word in words


def test_shapes_are_those_of_the_connection_whatever_data_pass_through() -> None:
    model = Sequential([Input((None,), dtype="int64"), Embedding(7, 3), Dense(2)])
    shown, picture = printed(model), str(model.picture(show_shapes=True))
    assert "[? ? 3]" in shown[4]
    model.predict(np.ones((2, 5), "int64"), verbose=0)
    assert printed(model) == shown and str(model.picture(show_shapes=True)) == picture
    assert [layer.output_shape for layer in model.layers] == [(None, None, 3), (None, None, 2)]


def test_tables_in_notebooks_escape_names() -> None:
    model = Sequential([Input((3,)), Dense(2, name="<script>alert(1)<")], name="<b>&")
    shown = model._repr_html_()
    assert "<script>" not in shown and "<b>" not in shown
    assert "&lt;script&gt;alert(1)&lt; (Dense)" in shown and "&lt;b&gt;&amp;" in shown
    assert "Total params: 8 (32.00 B)<br>" in shown and "color:inherit" in shown and "background" not in shown


def test_tables_in_notebooks_have_the_same_columns() -> None:
    shown = Summary(branches(), expand_nested=True, show_trainable=True).html()
    assert shown.count("<th ") == 5 and shown.count("<tr>") == 1 + 7 + 5 and "padding-left:2.0em" in shown
