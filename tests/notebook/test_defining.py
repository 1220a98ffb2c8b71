"""`%%kmodel` around the cell: what is replaced, the input that the line gives, layers left over, misspelt names."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.notebook.conftest import Run


def test_a_model_that_is_not_built_is_replaced(shell: InteractiveShell, run: Run) -> None:
    assert run("%%kmodel m\nDense(3)\nDense(1)").text == "m is defined\n"
    before = shell.user_ns["m"]
    done = run("%%kmodel m\nDense(3)\nDense(1)")
    assert done.text == "m replaces the model of that name (not built, with all it learned)\n"
    assert shell.user_ns["m"] is not before


def test_a_choice_that_does_not_suit_leaves_the_name_and_the_run_alone(
    shell: InteractiveShell, run: Run, compiled: str
) -> None:
    before = shell.user_ns["m"]
    training = before.fit_async(shell.user_ns["X"], shell.user_ns["y"], epochs=100_000, verbose=0)
    source = "%%kmodel m --loss sparse_categorical_crossentropy\nm = Sequential([Dense(1, input_dim=100)])"
    assert run(source).error is not None
    assert shell.user_ns["m"] is before
    assert not training.finished
    training.stop()
    training.wait()


INPUTS = {
    "layers": "Dense(3)",
    "layers that say the same": "Dense(3, input_dim=100)",
    "an input that says the same": "Input((100,))\nDense(3)",
    "a model": "m = Sequential([Dense(3)])",
    "a model that says the same": "m = Sequential([Dense(3, input_dim=100)])",
    "a model of another class": (
        "class Net(Model):\n    def __init__(self):\n        super().__init__()\n        self.d = Dense(3)\n"
        "    def call(self, x):\n        return self.d(x)\nm = Net()"
    ),
}


@pytest.mark.parametrize("body", INPUTS.values(), ids=list(INPUTS))
def test_the_input_of_the_line_counts(shell: InteractiveShell, run: Run, body: str) -> None:
    assert run(f"%%kmodel m --input 100\n{body}").error is None
    assert shell.user_ns["m"].count_params() == 100 * 3 + 3


CONFLICTS = {
    "input_dim": "Dense(3, input_dim=4)",
    "input": "Input((4,))\nDense(3)",
    "model": "Sequential([Input((4,)), Dense(3)])",
    "model in front": "(encoder := Sequential([Dense(3, input_dim=4)]))\nencoder",
}


@pytest.mark.parametrize("body", CONFLICTS.values(), ids=list(CONFLICTS))
def test_the_input_of_the_cell_must_agree_with_that_of_the_line(shell: InteractiveShell, run: Run, body: str) -> None:
    done = run(f"%%kmodel m --input 100\n{body}")
    assert done.text == "BadValue: %%kmodel m: --input says (100,), the cell's own input says (4,)\n"
    assert "m" not in shell.user_ns


LEFT_OVER = {
    "def f():\n    Dense(5, name='lost')\nf()\nDense(1)": "1 layer was made but is not part of m: lost; "
    "put it on a line of its own or return it",
    "block = [Dense(5, name='p'), Dense(5, name='q')]\nDense(1)": "2 layers were made but are not part of m: p, q; "
    "put them on a line of their own or return them",
    "for n in (2, 3): d = Dense(n, name=f'd{n}')\nDense(1)": "1 layer was made but is not part of m: d2; "
    "put it on a line of its own or return it",
    "m = Sequential([Dense(5)])\ndef f():\n    Dense(5, name='lost')\nf()": "1 layer was made but is not part of m: "
    "lost; put it on a line of its own or return it",
}


GIVEN_TO_OTHERS = (
    "Bidirectional(LSTM(4))",
    "Bidirectional(LSTM(4), backward_layer=GRU(4, go_backwards=True))",
    "Bidirectional(RNN([LSTMCell(4), GRUCell(2)]))",
    "TimeDistributed(Dense(3))",
    "TimeDistributed(Bidirectional(LSTM(4)), input_shape=(2, 5, 3))",
    "SpectralNormalization(Dense(3))",
    "RNN(StackedRNNCells([LSTMCell(4), LSTMCell(2)]))",
    "Sequential([Bidirectional(LSTM(4)), Dense(1)])",
)


@pytest.mark.parametrize("line", GIVEN_TO_OTHERS)
@pytest.mark.parametrize("above", ["", "Input((5, 3))\n"])
def test_layers_given_to_others_are_not_left_over(shell: InteractiveShell, run: Run, line: str, above: str) -> None:
    above = above * ("input_shape" not in line and "Sequential" not in line)
    assert run(f"%%kmodel m\n{above}{line}").text == "m is defined\n"


def test_a_layer_left_over_stands_for_those_inside(shell: InteractiveShell, run: Run) -> None:
    body = "def f():\n    Bidirectional(LSTM(4), name='lost')\nf()\nDense(1)"
    assert "1 layer was made but is not part of m: lost;" in run(f"%%kmodel m\n{body}").text


@pytest.mark.parametrize(("body", "message"), LEFT_OVER.items())
def test_layers_left_over_are_named(shell: InteractiveShell, run: Run, body: str, message: str) -> None:
    assert run(f"%%kmodel m\n{body}").text == f"m is defined\n{message}\n"


NOTHING_LEFT = [
    "d = Dense(7)\nDense(1)",
    "block = [Dense(7), Dense(6)]\nblock\nDense(1)",
    "Input((4,))\nDense(1)",
    "m = Sequential([Sequential([Dense(4)]), Dense(5)])",
    "class Block(Layer):\n    def __init__(self):\n        super().__init__()\n"
    "        self.parts = [Dense(3)]\nb = Block()\nDense(1)",
]


@pytest.mark.parametrize("body", NOTHING_LEFT)
def test_layers_with_a_place_or_a_name_are_not_left_over(shell: InteractiveShell, run: Run, body: str) -> None:
    done = run(f"%%kmodel m\n{body}")
    assert done.error is None
    assert "not part of" not in done.text


def test_layers_made_outside_the_cell_are_nobodys_business(shell: InteractiveShell, run: Run) -> None:
    run("from kmagic.layers import Dense\nspare = [Dense(3)]")
    assert run("%%kmodel m\nDense(1)").text == "m is defined\n"


NAMES = {
    "Desne(3)": "NameError: %%kmodel z, line 2: name 'Desne' is not defined; did you mean 'Dense'?",
    "dense(64)": "NameError: %%kmodel z, line 2: name 'dense' is not defined; did you mean 'Dense'?",
    "\nDense(64, relu)": "NameError: %%kmodel z, line 3: name 'relu' is not defined; did you mean 'relu' in quotes?",
    "width = 3\nDense(widht)": "NameError: %%kmodel z, line 3: name 'widht' is not defined; did you mean 'width'?",
}


@pytest.mark.parametrize(("body", "message"), NAMES.items())
def test_misspelt_names(shell: InteractiveShell, run: Run, body: str, message: str) -> None:
    done = run(f"%%kmodel z\n{body}")
    assert type(done.error) is NameError
    assert done.text == message + "\n"


def test_misspelt_names_with_their_traceback_on_request(shell: InteractiveShell, run: Run) -> None:
    run("%config KMagic.traceback = True")
    assert "----> 2 Desne(3)" in run("%%kmodel z\nDesne(3)").text


def test_a_model_without_a_name_is_shown_under_that_of_the_magic(shell: InteractiveShell, run: Run) -> None:
    run("from kmagic.models import Sequential\nother = Sequential()")
    for line in ("%%kmodel a\na = Sequential([Dense(1)])", "%ksummary a"):
        (bundle,) = run(line).bundles
        assert bundle["text/plain"].splitlines()[0] == 'Model: "a"'
        assert ">Model: a</caption>" in bundle["text/html"]
    (bundle,) = run("%%kmodel a\na = Sequential([Dense(1)], name='mine')").bundles
    assert bundle["text/plain"].splitlines()[0] == 'Model: "mine"'


def test_the_cell_magic_alone_in_its_cell(shell: InteractiveShell, run: Run) -> None:
    for line in ("%%kmodel -h", "%kmodel -h", "%%kmodel --help\n", "\n%%kmodel -h\n\n"):
        done = run(line)
        assert done.error is None
        assert done.text.startswith("%%kmodel name [options]\n")
    assert run("%%kmodel d").text.startswith("BadValue: %%kmodel d: the cell gives no layer\nexpected: lines such as")
    assert run("%kmodel d").text == (
        "LineError: %kmodel d: this is a cell magic\nexpected: %%kmodel d in the first line, layers below it\n"
    )
    assert run("%%kmodel print\nDense(3)").text.startswith(
        "LineError: %%kmodel name: 'print' is a built-in name of Python\nexpected: another name"
    )
