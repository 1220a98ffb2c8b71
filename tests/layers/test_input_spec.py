"""InputSpec: what layers of the users' own expect of their inputs, in Keras's words."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Input, layers
from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.layers import Dense, InputSpec, Layer
from kmagic.models import Sequential


class Checked(Layer):
    """A layer that expects what it is told, and gives its first input."""

    def __init__(self, spec: Any, **options: Any) -> None:
        super().__init__(**options)
        self.input_spec = spec

    def build(self, input_shape: Any) -> None:
        raise AssertionError("inputs are checked before the layer is built")

    def call(self, inputs: Any) -> Any:
        return inputs


# the words are those of Keras 3.15.1
REFUSED = {
    "ndim": (InputSpec(ndim=2), (2, 3, 3), "expected ndim=2, found ndim=3"),
    "max_ndim": (InputSpec(max_ndim=2), (2, 3, 3), "expected max_ndim=2, found ndim=3"),
    "min_ndim": (InputSpec(min_ndim=2), (2,), "expected min_ndim=2, found ndim=1"),
    "axis": (InputSpec(axes={-1: 3}), (2, 5), "expected axis -1 of input shape to have value 3"),
    "no such axis": (InputSpec(axes={2: 3}), (2, 5), "expected axis 2 of input shape to have value 3"),
    "shape": (InputSpec(shape=(None, 2)), (2, 3), r"expected shape=\(None, 2\)"),
    "axes of a shape": (InputSpec(shape=(None, 2)), (2, 2, 1), "expected ndim=2, found ndim=3"),
    "dtype": (InputSpec(dtype="int32"), (2, 3), "expected dtype=int32, found dtype=float32"),
    "squeezed": (InputSpec(shape=(None, 4, 1), allow_last_axis_squeeze=True), (2, 5), "expected shape="),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_before_the_layer_is_built(name: str) -> None:
    spec, shape, words = REFUSED[name]
    with pytest.raises(ShapeMismatch, match=f"mine: input 0 is incompatible with the layer: {words}"):
        Checked(spec, name="mine")(np.ones(shape, "float32"))
    with pytest.raises(ShapeMismatch, match="incompatible"):
        Checked(spec)(Input(batch_shape=shape))


class Free(Checked):
    """As `Checked`, and built."""

    def build(self, input_shape: Any) -> None:
        self.built = True


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (InputSpec(ndim=2), (2, 3)),
        (InputSpec(min_ndim=2, max_ndim=4), (2, 3, 4)),
        (InputSpec(axes={-1: 3, 1: None}), (2, 3)),
        (InputSpec(shape=(None, 3), dtype="float32"), (7, 3)),
        (InputSpec(shape=(None, 4, 1), allow_last_axis_squeeze=True), (2, 4)),
        (InputSpec(shape=(None, 4), allow_last_axis_squeeze=True), (2, 4, 1)),
        (None, (2,)),
    ],
)
def test_what_fits_is_taken(spec: Any, shape: tuple[int, ...]) -> None:
    assert Free(spec)(np.ones(shape, "float32")).shape == shape


def test_unknown_axes_fit() -> None:
    assert Free(InputSpec(axes={1: 3}))(Input((None, 2))).shape[2] == 2


def test_several_inputs() -> None:
    a, b = np.ones((2, 3), "float32"), np.ones((2, 4), "float32")
    listed = Free([InputSpec(axes={-1: 3}), InputSpec(axes={-1: 4})])
    assert [value.shape for value in listed([a, b])] == [(2, 3), (2, 4)]
    with pytest.raises(ShapeMismatch, match="input 0 .*value 3"):
        listed([b, a])
    with pytest.raises(ShapeMismatch, match="1 inputs\nexpected: 2"):
        listed(a)
    named = Free([InputSpec(axes={-1: 4}, name="z"), InputSpec(axes={-1: 3}, name="a")])
    assert set(named({"a": a, "z": b})) == {"a", "z"}
    with pytest.raises(ShapeMismatch, match="no input 'z'"):
        named({"a": a, "y": b})


def test_a_layer_may_set_what_it_expects_when_it_is_built() -> None:
    class Own(Layer):
        def build(self, input_shape: Any) -> None:
            self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

        def call(self, inputs: Any) -> Any:
            return inputs

    model = Sequential([Input((3,)), Own(name="own"), Dense(1)])
    with pytest.raises(ShapeMismatch, match="own: input 0 .*expected axis -1 of input shape to have value 3"):
        model.layers[0](np.ones((2, 4)))


def test_specs_themselves() -> None:
    assert kmagic.InputSpec is layers.InputSpec is InputSpec
    # as Keras writes them
    assert repr(InputSpec(shape=(None, 3), dtype="float32")) == "InputSpec(dtype=float32, shape=(None, 3), ndim=2)"
    spec = InputSpec(ndim=3, axes={1: 2})
    assert repr(InputSpec.from_config(spec.get_config())) == repr(spec) == "InputSpec(ndim=3, axes={1: 2})"
    with pytest.raises(BadValue, match="axis 3"):
        InputSpec(ndim=3, axes={3: 2})
    with pytest.raises(BadType, match="axes is"):
        InputSpec(axes={"last": 2})  # type: ignore[dict-item]
