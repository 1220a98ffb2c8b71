"""Parts: arguments are checked and remembered, and a config makes an equal part."""

from typing import Annotated, Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue
from kmagic.base.parameters import Bound, Count, Positive, Rate
from kmagic.base.parts import Part, snake


class Base(Part):
    def __init__(self, name: str | None = None, rate: Rate = 0.5) -> None:
        self.name = name or snake(type(self).__name__)
        self.rate = float(rate)


class Widget(Base):
    """A part with a bound, a choice of its own, and the options of its base."""

    def __init__(self, units: Count, scale: Positive = 1.0, sizes: Any = (1, 2), **options: Any) -> None:
        super().__init__(**options)
        self.units, self.scale, self.sizes = units, scale, sizes


class Plain(Widget):
    """A part without a constructor of its own."""


def test_arguments_are_remembered_with_their_defaults() -> None:
    part = Widget(3, name="w")
    assert part.arguments["units"] == 3 and part.arguments["scale"] == 1.0 and part.arguments["name"] == "w"


@pytest.mark.parametrize("part", [Widget(3, 2.0), Widget(units=np.int64(3), name="w", rate=0), Plain(1, sizes=[3])])
def test_a_config_makes_an_equal_part(part: Widget) -> None:
    config = part.get_config()
    again = type(part).from_config(config)
    assert type(again) is type(part)
    assert again.get_config() == config
    assert (again.units, again.scale, again.name, again.rate) == (part.units, part.scale, part.name, part.rate)


def test_a_config_is_plain_data() -> None:
    def loss() -> None: ...

    config = Widget(np.int64(3), np.float32(0.5), sizes=(np.int32(1), {"a": np.arange(2)}, loss)).get_config()
    assert (config["units"], config["scale"]) == (3, 0.5) and type(config["units"]) is int
    assert config["sizes"] == [1, {"a": [0, 1]}, "loss"]


def test_a_part_inside_a_part_is_described() -> None:
    inner = Widget(2).get_config()
    outer = Widget(1, sizes=Widget(2)).get_config()["sizes"]
    assert (outer["class_name"], outer["config"], outer["registered_name"]) == ("Widget", inner, "Widget")


def test_the_text_of_a_part_shows_what_was_changed() -> None:
    assert repr(Widget(3)) == "Widget(units=3)"
    assert repr(Widget(3, scale=2.0)) == "Widget(units=3, scale=2.0)"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Widget(0), "Widget: units is 0\nexpected: a whole number >= 1"),
        (lambda: Plain(1, scale=-1), "Plain: scale is -1\nexpected: a number > 0"),
        (lambda: Widget(1, rate=1.0), "Widget: rate is 1.0\nexpected: a number >= 0 and < 1"),
    ],
)
def test_bounds_are_checked_in_the_name_of_the_class(call: Any, text: str) -> None:
    with pytest.raises(BadValue) as caught:
        call()
    assert str(caught.value) == text


def test_an_unknown_argument_is_named_with_the_closest() -> None:
    with pytest.raises(BadType, match="unknown argument 'scal'") as caught:
        Widget(1, scal=2)
    assert caught.value.where == "Widget" and caught.value.fix == "did you mean scale=?"
    assert str(caught.value.expected).startswith("one of units, scale, sizes")


def test_an_unknown_argument_of_the_base_is_named_in_the_name_of_the_part() -> None:
    with pytest.raises(BadType, match="unknown argument 'rat'") as caught:
        Widget(1, rat=0.1)
    assert caught.value.where == "Widget" and caught.value.fix == "did you mean rate=?"


def test_a_missing_argument_is_named() -> None:
    with pytest.raises(BadType, match="Widget: missing a required argument: 'units'"):
        Widget()  # type: ignore[call-arg]


def test_a_user_s_subclass_is_a_part_without_more() -> None:
    class Mine(Part):
        def __init__(self, power: Annotated[float, Bound(at_most=3)] = 2) -> None:
            self.power = power

    assert Mine.from_config(Mine(3).get_config()).power == 3
    with pytest.raises(BadValue, match="Mine: power is 4"):
        Mine(4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Dense", "dense"), ("MeanSquaredError", "mean_squared_error"), ("RMSprop", "rm_sprop"), ("Conv2D", "conv2d")],
)
def test_snake_case_is_that_of_keras(name: str, expected: str) -> None:
    assert snake(name) == expected


def test_a_subclass_may_call_itself_something_else() -> None:
    class Base(Part):
        def __init__(self, size: int, name: str = "base") -> None:
            self.size, self.name = size, name

    class Own(Base):
        def __init__(s, name: str = "own", **options: object) -> None:
            super().__init__(name=name, **options)

    assert (Own(size=3).size, Own(size=3).name) == (3, "own")
    assert Own("mine", size=2).get_config() == {"name": "mine", "size": 2}


# made with Keras 3.15's to_snake_case, from which layers, losses and metrics have their names: digits and capitals
NAMES_OF_KERAS = {
    "AUC": "auc",
    "Conv2DTranspose": "conv2d_transpose",
    "ConvLSTM1D": "conv_lstm1d",
    "ConvLSTM2D": "conv_lstm2d",
    "ConvLSTM3D": "conv_lstm3d",
    "DepthwiseConv2D": "depthwise_conv2d",
    "ELU": "elu",
    "F1Score": "f1_score",
    "FBetaScore": "f_beta_score",
    "GRUCell": "gru_cell",
    "GlobalAveragePooling1D": "global_average_pooling1d",
    "KLDivergence": "kl_divergence",
    "L1L2": "l1l2",
    "LSTM": "lstm",
    "LSTMCell": "lstm_cell",
    "LeakyReLU": "leaky_re_lu",
    "PReLU": "p_re_lu",
    "R2Score": "r2_score",
    "RMSNormalization": "rms_normalization",
    "RMSprop": "rm_sprop",
    "RNN": "rnn",
    "ReLU": "re_lu",
    "STFTSpectrogram": "stft_spectrogram",
    "SeparableConv2D": "separable_conv2d",
    "SimpleRNNCell": "simple_rnn_cell",
    "SparseTopKCategoricalAccuracy": "sparse_top_k_categorical_accuracy",
    "StackedRNNCells": "stacked_rnn_cells",
    "UpSampling2D": "up_sampling2d",
    "ZeroPadding3D": "zero_padding3d",
}


@pytest.mark.parametrize("name", NAMES_OF_KERAS)
def test_default_names_are_those_of_keras(name: str) -> None:
    assert snake(name) == NAMES_OF_KERAS[name]
