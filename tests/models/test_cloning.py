"""clone_model: the same layers with fresh weights, shared where they were, and what is refused."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model
from kmagic.base.errors import BadType, BadValue
from kmagic.layers import Add, Dense, Dropout, Layer
from kmagic.models import Sequential, clone_model

X = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def twins() -> Model:
    """Two inputs through one layer, an operation between layers, and a model inside."""
    first, second = Input((3,), name="first"), Input((3,), name="second")
    shared = Dense(4, "tanh", name="shared")
    inner = Sequential([Input((4,)), Dense(2, name="deep")], name="inner")
    return Model([first, second], inner(Add(name="sum")([shared(first), shared(second)]) * 2 + 1), name="twins")


class Own(Model):
    """A model whose structure only its class knows."""

    def __init__(self, units: int = 2, name: str | None = None, trainable: bool = True, dtype: Any = None) -> None:
        super().__init__(name=name, trainable=trainable, dtype=dtype)
        self.units = units
        self.dense = Dense(units)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def test_a_copy_has_weights_of_its_own() -> None:
    model = twins()
    copy = clone_model(model)
    assert copy.name == "twins" and copy.count_params() == model.count_params() == 26
    assert [layer.name for layer in copy.layers] == ["first", "second", "shared", "sum", "inner"]
    assert not {id(variable) for variable in copy.weights} & {id(variable) for variable in model.weights}
    assert not np.array_equal(copy.get_weights()[0], model.get_weights()[0])
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(copy.predict([X, -X], verbose=0), model.predict([X, -X], verbose=0))


@pytest.mark.parametrize("recursive", [False, True])
def test_models_inside_are_copied(recursive: bool) -> None:
    model = twins()
    copy = clone_model(model, recursive=recursive)
    inner = copy.get_layer("inner")
    assert isinstance(inner, Sequential) and inner is not model.get_layer("inner")
    assert inner.get_layer("deep") is not model.get_layer("inner").get_layer("deep")
    assert [variable.path for variable in copy.weights] == [variable.path for variable in model.weights]


def test_what_is_shared_across_models_is_shared_again_where_recursive() -> None:
    x, shared = Input((3,)), Dense(3, name="shared")
    inner = Sequential([Input((3,)), shared], name="inner")
    model = Model(x, inner(shared(x)))
    for recursive in (True, False):
        copy = clone_model(model, recursive=recursive)
        assert (copy.get_layer("inner").layers[0] is copy.get_layer("shared")) == recursive


def test_functions_of_the_users_make_and_call_copies() -> None:
    model = twins()
    assert clone_model(model, clone_function=lambda layer: layer).get_layer("shared") is model.get_layer("shared")

    def wider(layer: Layer) -> Layer:
        config = layer.get_config()
        return (
            Dense.from_config({**config, "units": 7}) if config.get("units") == 4 else type(layer).from_config(config)
        )

    wide = clone_model(Sequential([Input((3,)), Dense(4), Dense(1)]), clone_function=wider)
    assert [weight.shape for weight in wide.weights] == [(3, 7), (7,), (7, 1), (1,)]

    def with_dropout(layer: Layer, *args: Any, **options: Any) -> Any:
        outputs = layer(*args, **options)
        return Dropout(0.5)(outputs) if isinstance(layer, Dense) else outputs

    grown = clone_model(model, call_function=with_dropout)
    assert sum(isinstance(layer, Dropout) for layer in grown.layers) == 2


def test_symbols_to_begin_with() -> None:
    model = Sequential([Input((3,), name="before"), Dense(2)])
    copy = clone_model(model, input_tensors=Input((3,), name="after"))
    assert copy.built and copy.input_shape == (None, 3)
    other = clone_model(twins(), input_tensors=[Input((3,), name="left"), Input((3,), name="right")])
    assert other.input_names == ["left", "right"]


def test_a_copy_is_compiled_as_the_model_is() -> None:
    model = twins()
    model.compile("adam", "mse", metrics=["mae"])
    copy = clone_model(model)
    assert copy.compiled and copy.loss == "mse" and type(copy.optimizer) is type(model.optimizer)
    assert copy.optimizer is not model.optimizer
    copy.fit([X, -X], np.zeros((5, 2)), verbose=0)
    assert int(copy.optimizer.iterations.numpy()) == 1 and int(model.optimizer.iterations.numpy()) == 0


def test_models_without_weights_yet() -> None:
    copy = clone_model(Sequential([Dense(2, name="only")], name="open"))
    assert not copy.built and [layer.name for layer in copy.layers] == ["only"]


def test_models_of_their_own_structure_are_copied_by_their_config() -> None:
    copy = clone_model(Own(5))
    assert isinstance(copy, Own) and copy.units == 5


@pytest.mark.parametrize(
    "options",
    [{"clone_function": lambda layer: layer}, {"call_function": lambda layer, x: layer(x)}, {"input_tensors": [0]}],
)
def test_what_is_refused_for_them(options: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="only supported"):
        clone_model(Own(), **options)


def test_refusals() -> None:
    with pytest.raises(BadValue, match="`call_function` argument is not supported with Sequential"):
        clone_model(Sequential([Dense(1)]), call_function=lambda layer, x: layer(x))
    with pytest.raises(BadValue, match="the same structure"):
        clone_model(twins(), input_tensors=[Input((3,))])
    with pytest.raises(BadValue, match="expected: symbols"):
        clone_model(twins(), input_tensors=[1, 2])
    with pytest.raises(BadType, match="is no model"):
        clone_model(Dense(1))  # type: ignore[arg-type]


def test_a_class_that_does_not_take_what_its_base_does_is_told_how() -> None:
    class Scaled(Layer):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

    class Whole(Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Dense(1)

    with pytest.raises(BadType, match="Scaled: unknown argument 'name'") as caught:
        Scaled.from_config(Scaled(2.0).get_config())
    assert caught.value.fix == "def __init__(self, factor, **kwargs): super().__init__(**kwargs)"
    assert caught.value.expected == "one of factor; those of the base class need **kwargs"
    with pytest.raises(BadType, match="Whole: unknown argument 'name'") as caught:
        clone_model(Whole())
    assert caught.value.fix == "def __init__(self, **kwargs): super().__init__(**kwargs)"
    assert caught.value.expected == "no arguments; those of the base class need **kwargs"
