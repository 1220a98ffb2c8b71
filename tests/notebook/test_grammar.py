"""The grammar of magic lines: one declaration, many uses."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.base.errors import KmagicError, UnknownName
from kmagic.models import Sequential
from kmagic.notebook.commands import COMMANDS, KCOMPILE, KFIT, KPLAN, KPREDICT
from kmagic.notebook.grammar import Grammar


@pytest.fixture
def namespace() -> dict[str, Any]:
    """A user's variables."""
    return {
        "__name__": "__main__",
        "m": Sequential(name="m"),
        "X": np.arange(10.0).reshape(5, 2),
        "y": np.arange(5.0),
        "n": 3,
        "name": "m",
        "settings": SimpleNamespace(epochs=7),
    }


def test_arguments_are_expressions(namespace: dict[str, Any]) -> None:
    read = KFIT.read("m X[:3, 0] 'y * 2'", namespace)
    assert read.model is namespace["m"]
    assert read.name == "m"
    assert read.x.tolist() == [0, 2, 4]
    assert read.y.tolist() == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    "line",
    ["m X y --epochs 7", "m X y --epochs=7", "--epochs 7 m X y", "m --epochs=7 X y", "m X y --epochs 'n + 4'",
     "m X y --epochs settings.epochs", "m X y --epochs {settings.epochs}", "m X y --epochs 7 # as always"],
)  # fmt: skip
def test_options_stand_anywhere_in_either_form(line: str, namespace: dict[str, Any]) -> None:
    assert KFIT.read(line, namespace).only("epochs", "batch_size") == {"epochs": 7}


@given(
    epochs=st.integers(1, 10**6),
    batch_size=st.integers(1, 10**6),
    split=st.floats(0, 1, exclude_max=True),
    with_sign=st.booleans(),
    block=st.booleans(),
)
def test_what_is_written_is_what_is_read(
    epochs: int, batch_size: int, split: float, with_sign: bool, block: bool
) -> None:
    values = {"epochs": epochs, "batch_size": batch_size, "validation_split": split}
    sign = "=" if with_sign else " "
    line = " ".join(f"--{name.replace('_', '-')}{sign}{value!r}" for name, value in values.items())
    space = {"m": Sequential(name="m"), "X": 1, "y": 2}
    read = KFIT.read(f"m X y {line}" + " --block" * block, space)
    assert read.only(*values) == values
    assert bool(read.block) is block


@pytest.mark.parametrize("line", ["m --metrics accuracy mae", "m --metrics accuracy,mae", "m --metrics=accuracy, mae"])
def test_several_values(line: str, namespace: dict[str, Any]) -> None:
    assert KCOMPILE.read(line, namespace).metrics == ["accuracy", "mae"]


def test_several_values_end_at_the_next_option(namespace: dict[str, Any]) -> None:
    read = KCOMPILE.read("m --metrics accuracy mae --loss mse", namespace)
    assert (read.metrics, read.loss) == (["accuracy", "mae"], "mse")


def test_parts_are_names_or_expressions(namespace: dict[str, Any]) -> None:
    read = KCOMPILE.read("m --optimizer Adam(learning_rate=0.01) --loss 'lambda y, p: y - p'", namespace)
    assert type(read.optimizer).__name__ == "Adam"
    assert read.loss(5, 3) == 2


def test_a_variable_that_is_a_part_wins_over_a_registered_name(namespace: dict[str, Any]) -> None:
    namespace["mse"] = 0.3
    assert KCOMPILE.read("m --loss mse", namespace).loss == "mse"
    namespace["mse"] = own = lambda y, p: y - p
    assert KCOMPILE.read("m --loss mse", namespace).loss is own


def test_names_in_braces_stand_for_their_value(namespace: dict[str, Any]) -> None:
    assert KFIT.read("{m} X y", namespace).model is namespace["m"]
    assert KPREDICT.read("m X --into {name}", namespace).into == "m"
    assert KFIT.read("m X y --class-weight {0: 1.0, 1: 5.0}", namespace).class_weight == {0: 1.0, 1: 5.0}


def test_what_is_not_declared_cannot_be_asked_for(namespace: dict[str, Any]) -> None:
    with pytest.raises(AttributeError):
        _ = KFIT.read("m X y", namespace).epoch


MISTAKES = [
    (KFIT, "m X y --epohcs 3", "%kfit: unknown option '--epohcs'\nfix: did you mean '--epochs'?"),
    (KFIT, "m X y -block", "%kfit: unknown option '-block'\nfix: did you mean '--block'?"),
    (KFIT, "m X y —block", "%kfit: unknown option '—block'\nfix: did you mean '--block'?"),
    (KFIT, "m X y --epochs", "%kfit: --epochs has no value\nexpected: --epochs number"),
    (KFIT, "m X y --epochs --block", "%kfit: --epochs has no value\nexpected: --epochs number"),
    (KFIT, "m X y --epochs 1 --epochs 2", "%kfit: --epochs is given twice"),
    (KFIT, "m X y --block=1", "%kfit: --block takes no value\nfix: --block"),
    (KFIT, "m X y z", "%kfit: 'z' is one argument too many\nexpected: %kfit model x [y] [options]"),
    (KFIT, "m", "%kfit: x missing\nexpected: %kfit model x [y] [options]"),
    (KFIT, "", "%kfit: model and x missing\nexpected: %kfit model x [y] [options]"),
    (KFIT, "m X[ y", "%kfit: '[' at column 4 is not closed\nexpected: ]"),
    (KFIT, "m XX y", "%kfit x: name 'XX' is not defined\nfix: did you mean 'X'?"),
    (
        KFIT,
        "m X[:,9] y",
        "%kfit x: X[:,9] gives IndexError: index 9 is out of bounds for axis 1 with size 2",
    ),
    (
        KFIT,
        "m X+ y",
        "%kfit x: 'X+' is no Python expression (invalid syntax)\nfix: put an expression with spaces into quotes",
    ),
    (KFIT, "mm X y", "%kfit model: no model is called 'mm'\nfix: did you mean 'm'?"),
    (KFIT, "zoo X y", "%kfit model: no model is called 'zoo'\nexpected: a model: m"),
    (KFIT, "X X y", "%kfit model: X has type ndarray\nexpected: a model: m"),
    (KFIT, "m X y --epochs 0", "%kfit: --epochs is 0\nexpected: a whole number >= 1"),
    (KFIT, "m X y --validation-split 1", "%kfit: --validation-split is 1\nexpected: a number >= 0 and < 1"),
    (KFIT, "m X y --epochs two", "%kfit --epochs: name 'two' is not defined"),
    (KCOMPILE, "m --optimizer adamm", "%kcompile --optimizer: unknown optimizer 'adamm'\nfix: did you mean 'adam'"),
    (
        KCOMPILE,
        "m --optimizer adam(lr=0.01)",
        "%kcompile --optimizer: name 'adam' is not defined\nfix: did you mean Adam(learning_rate=0.01)?",
    ),
    (
        KCOMPILE,
        "m --loss binary_crossentropy(from_logits=True)",
        "%kcompile --loss: name 'binary_crossentropy' is not defined\n"
        "fix: did you mean BinaryCrossentropy(from_logits=True)?",
    ),
    (KCOMPILE, "m --optimizer Adam(learning_rate=-1)", "%kcompile --optimizer, Adam: learning_rate is -1"),
    (KPLAN, "m --after fus", "%kplan --after: unknown stage 'fus'\nfix: did you mean 'fuse'"),
    (KPREDICT, "m X --into 2p", "%kpredict --into: '2p' cannot be a name"),
]


@pytest.mark.parametrize(("grammar", "line", "message"), MISTAKES, ids=[line for _, line, _ in MISTAKES])
def test_mistakes_are_named(grammar: Grammar, line: str, message: str, namespace: dict[str, Any]) -> None:
    with pytest.raises(KmagicError) as caught:
        grammar.read(line, namespace)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) <= 4


def test_syntax_comes_before_values(namespace: dict[str, Any]) -> None:
    """An expression with effects is not evaluated for a line that cannot be read."""
    seen: list[int] = []
    namespace["see"] = lambda: seen.append(1)
    with pytest.raises(UnknownName):
        KFIT.read("m see() y --epohcs 3", namespace)
    assert seen == []


def test_errors_from_the_users_functions_keep_their_way(namespace: dict[str, Any]) -> None:
    exec("def load():\n    return 1 / 0", namespace)
    with pytest.raises(ZeroDivisionError):
        KFIT.read("m load() y", namespace)


@pytest.mark.parametrize("grammar", COMMANDS.values(), ids=list(COMMANDS))
def test_help_tells_all(grammar: Grammar) -> None:
    text = grammar.help()
    assert text.startswith(f"{grammar.magic} ")
    for argument in grammar.arguments:
        assert f"  {argument.name} " in text
    for option in grammar.options:
        assert f"  {option.form}" in text
    assert "-h, --help" in text
    assert max(map(len, text.splitlines())) <= 120
    assert grammar.asks_help("a --help") and grammar.asks_help("-h") and not grammar.asks_help("'-h'")


EXAMPLES: dict[str, list[dict[str, str]]] = {
    "%kdiagnose": [
        {"model": "avengers_model", "x": "X", "y": "y"},
        {"model": "m", "x": "X", "y": "y", "validation_split": "0.2", "fix": "K144"},
    ],
    "%%kmodel": [{"name": "avengers_model"}, {"name": "m", "input": "100", "optimizer": "adam", "loss": "mse"}],
    "%kcompile": [
        {"model": "avengers_model", "x": "X", "y": "y"},
        {
            "model": "avengers_model",
            "optimizer": "rmsprop",
            "loss": "binary_crossentropy",
            "metrics": "accuracy",
        },
        {"model": "m", "optimizer": "Adam(learning_rate=0.01)", "loss": "mse", "metrics": "mae mape"},
        {"model": "m", "loss": "{'price':'mse'}", "metrics": "{'kind':'accuracy'}"},
    ],
    "%kfit": [
        {
            "model": "avengers_model",
            "x": "X",
            "y": "y",
            "epochs": "10",
            "batch_size": "32",
            "validation_split": "0.2",
        },
        {"model": "m", "x": "X[:800]", "y": "y[:800]", "epochs": "50", "callbacks": "EarlyStopping(patience=3)"},
        {"model": "m", "x": "batches", "epochs": "5", "steps_per_epoch": "100"},
    ],
    "%kevaluate": [{"model": name, "x": "X_test", "y": "y_test"} for name in ("avengers_model", "m")],
    "%kpredict": [{"model": "avengers_model", "x": "X_test", "into": "p"}, {"model": "m", "x": "X_test[:5]"}],
    "%ksummary": [{"model": "avengers_model"}],
    "%kplan": [{"model": "avengers_model"}, {"model": "avengers_model", "after": "fuse"}],
}


@pytest.mark.parametrize("grammar", COMMANDS.values(), ids=list(COMMANDS))
def test_examples_follow_their_own_grammar(grammar: Grammar) -> None:
    lines = [example.splitlines()[0].partition(grammar.magic)[2] for example in grammar.examples]
    expected = [{name: texts.split() for name, texts in example.items()} for example in EXAMPLES[grammar.magic]]
    assert [grammar.sort(grammar._words(line)) for line in lines] == expected
