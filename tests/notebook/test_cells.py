"""Reading `%%kmodel` cells: every form that the user may write."""

import builtins
import sys
import types
from typing import Any

import pytest

from kmagic.base.errors import BadType, BadValue, KmagicError
from kmagic.layers import Dense, Dropout
from kmagic.models import Model, Sequential
from kmagic.notebook.cells import Cell, read_model


@pytest.fixture
def namespace() -> dict[str, Any]:
    """A user's variables."""
    return {"__name__": "__main__", "__builtins__": builtins}


def read(body: str, namespace: dict[str, Any], **options: Any) -> Any:
    """The model of a cell called m; as in a notebook, the body starts on line 2."""
    return read_model(Cell("m", "\n" + body), namespace, **options)


def units(model: Any) -> list[int]:
    return [layer.units for layer in model.layers if isinstance(layer, Dense)]


FORMS = {
    "lines": ("Dense(4)\nDense(2)", [4, 2]),
    "semicolons": ("Dense(4); Dense(2)", [4, 2]),
    "list": ("[Dense(4), Dense(3)]\nDense(2)", [4, 3, 2]),
    "comprehension": ("[Dense(n) for n in (4, 3, 2)]", [4, 3, 2]),
    "nested lists": ("(Dense(4), [Dense(3), Dense(2)])", [4, 3, 2]),
    "for": ("for n in (64, 32): Dense(n, 'relu')\nDense(1)", [64, 32, 1]),
    "while": ("n = 8\nwhile n > 1:\n    Dense(n)\n    n //= 2", [8, 4, 2]),
    "if": ("deep = False\nif deep:\n    Dense(9)\nelse:\n    Dense(3)\nDense(1)", [3, 1]),
    "with": ("from contextlib import nullcontext\nwith nullcontext(5) as n:\n    Dense(n)", [5]),
    "try": ("try:\n    Dense(3)\nfinally:\n    Dense(2)", [3, 2]),
    "match": ("match 3:\n    case n:\n        Dense(n)", [3]),
    "assigned": ("d = Dense(7)\nDense(1)", [1]),
    "assigned, then named": ("d = Dense(7)\nd\nDense(1)", [7, 1]),
    "assigned list": ("block = [Dense(7), Dense(6)]\nblock\nDense(1)", [7, 6, 1]),
    "walrus in parentheses": ("(d := Dense(7))", [7]),
    "function's result": (
        "def block(n):\n    Dense(99)\n    return [Dense(n), Dense(n)]\nblock(3)\nDense(1)",
        [3, 3, 1],
    ),
    "class body": ("class Sizes:\n    Dense(99)\n    n = 2\nDense(Sizes.n)", [2]),
    "other expressions": ("'a remark'\nprint\n3\nNone\nDense(1)", [1]),
    "own model": ("m = Sequential()\nm.add(Dense(5))\nm.add(Dense(1))", [5, 1]),
    "own model from a list": ("m = Sequential([Dense(5), Dense(1)])", [5, 1]),
    "own model, other name": ("net = Sequential()\nnet.add(Dense(5))", [5]),
    "own model as an expression": ("Sequential([Dense(5), Dense(1)])", [5, 1]),
    "two own models, one of the name": ("m = Sequential([Dense(5)])\nother = Sequential([Dense(6)])", [5]),
    "two own models, none of the name": ("a = Sequential([Dense(5)])\nb = Sequential([Dense(6)])", [6]),
    "own model, annotated": ("m: Sequential = Sequential([Dense(5)])", [5]),
}


@pytest.mark.parametrize(("body", "expected"), FORMS.values(), ids=list(FORMS))
def test_forms(body: str, expected: list[int], namespace: dict[str, Any]) -> None:
    model = read(body, namespace)
    assert isinstance(model, Model)
    assert units(model) == expected


def test_the_users_variables_and_functions_are_at_hand(namespace: dict[str, Any]) -> None:
    exec("size = 12\ndef double(n):\n    return 2 * n", namespace)
    assert units(read("Dense(double(size))", namespace)) == [24]


def test_names_of_the_cell_land_in_the_namespace(namespace: dict[str, Any]) -> None:
    read("size = 3\nimport math\ndef f(n):\n    return Dense(n)\nDense(size)", namespace)
    assert namespace["size"] == 3
    assert namespace["math"].pi > 3
    assert "Dense" not in namespace


def test_functions_of_the_cell_work_later(namespace: dict[str, Any]) -> None:
    read("def head():\n    return Dense(9)\nDense(1)", namespace)
    assert namespace["head"]().units == 9
    assert namespace["__builtins__"] is builtins


def test_the_users_own_names_win(namespace: dict[str, Any]) -> None:
    namespace["Dense"] = lambda n: Dropout(0.25)
    assert [type(layer) for layer in read("Dense(3)", namespace).layers] == [Dropout]


def test_input_shape_goes_first(namespace: dict[str, Any]) -> None:
    model = read("Dense(3)", namespace, input_shape=(100,))
    assert model.input_shape == (None, 100)


def test_input_dim_of_the_first_layer(namespace: dict[str, Any]) -> None:
    assert read("Dense(3, input_dim=7)\nDense(1)", namespace).input_shape == (None, 7)


def test_an_input_that_stands_alone(namespace: dict[str, Any]) -> None:
    assert read("Input(shape=(7,))\nDense(1)", namespace).input_shape == (None, 7)


def test_a_model_of_before_is_a_layer_like_others(namespace: dict[str, Any]) -> None:
    namespace["encoder"] = encoder = Sequential([Dense(2, input_dim=7)])
    model = read("encoder\nDense(1)", namespace)
    assert model.layers[0] is encoder
    assert model.input_shape == (None, 7)
    assert namespace["encoder"] is encoder


def test_the_model_has_the_name(namespace: dict[str, Any]) -> None:
    assert read("Dense(1)", namespace).name == "m"


MISTAKES = {
    "nothing": ("x = 3", BadValue, "%%kmodel m: the cell gives no layer"),
    "a class": ("Dense(3)\nDropout", BadType, "%%kmodel m, line 3: Dropout is a class"),
    "a layer beside an own model": (
        "m = Sequential()\nm.add(Dense(3))\nDense(4)",
        BadValue,
        "%%kmodel m, line 4: this layer is added to nothing, because the cell builds a model itself\nfix: m.add(...)",
    ),
}


@pytest.mark.parametrize(("body", "kind", "message"), MISTAKES.values(), ids=list(MISTAKES))
def test_mistakes(body: str, kind: type[Exception], message: str, namespace: dict[str, Any]) -> None:
    with pytest.raises(kind) as caught:
        read(body, namespace)
    assert str(caught.value).startswith(message)
    assert "m" not in namespace


def test_layers_that_do_not_fit_name_their_line(namespace: dict[str, Any]) -> None:
    with pytest.raises(KmagicError) as caught:
        read("d = Dense(3, input_dim=4)\nd\n\nd", namespace)
    assert str(caught.value).startswith("%%kmodel m, line 5")


@pytest.fixture
def keras() -> Any:
    """A module that looks like Keras from outside."""
    module = types.ModuleType("keras.src.layers")
    exec("class Layer: pass\nclass Dense(Layer):\n    def __init__(self, n): pass", module.__dict__)
    return module


@pytest.mark.parametrize("body", ["Dense(3)", "Dense", "d = Dense(3)", "[Dense(3)]"])
def test_layers_of_keras_are_refused(body: str, namespace: dict[str, Any], keras: Any) -> None:
    namespace["Dense"] = keras.Dense
    with pytest.raises(BadType) as caught:
        read(f"\n{body}", namespace)
    assert str(caught.value) == (
        "%%kmodel m, line 3: Dense comes from keras\nexpected: a layer of kmagic\nfix: from kmagic.layers import Dense"
    )


@pytest.mark.parametrize("body", ["Dense(3)\n1 / 0", "m = Sequential()\nm.add(Dense(3))\n1 / 0", "Dense("])
def test_after_an_error_the_name_is_what_it_was(body: str, namespace: dict[str, Any]) -> None:
    with pytest.raises((ZeroDivisionError, SyntaxError)):
        read(body, namespace)
    assert "m" not in namespace
    namespace["m"] = before = Sequential([Dense(2)])
    with pytest.raises((ZeroDivisionError, SyntaxError)):
        read(body, namespace)
    assert namespace["m"] is before
    assert units(before) == [2]
    assert namespace["__builtins__"] is builtins


def test_a_model_of_before_is_not_taken_for_the_cells_own(namespace: dict[str, Any]) -> None:
    namespace["old"] = Sequential([Dense(2)])
    assert units(read("again = old\nDense(3)", namespace)) == [3]


def test_tracebacks_point_to_the_cells_lines(namespace: dict[str, Any]) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        read("Dense(3)\n\nx = [\n    1 / 0,\n]", namespace)
    trace: Any = caught.value.__traceback__
    lines = []
    while trace:
        lines += [trace.tb_lineno] if trace.tb_frame.f_code.co_filename == "<%%kmodel>" else []
        trace = trace.tb_next
    assert lines == [5]


def test_parts_that_nobody_names_are_not_loaded() -> None:
    assert "tensorflow" not in sys.modules and "keras" not in sys.modules
