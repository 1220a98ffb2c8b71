"""What is offered inside the call of a part."""

from typing import Any

import pytest

from kmagic.base.parameters import Fraction
from kmagic.losses import Loss
from kmagic.notebook.calls import Call, candidates, open_call


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("Adam(", Call("Adam", frozenset(), None, "")),
        ("m --optimizer Adam(lear", Call("Adam", frozenset(), None, "lear")),
        ("Adam(learning_rate=", Call("Adam", frozenset({}), "learning_rate", "")),
        ("Adam(0.1, beta_1 = 0.5, am", Call("Adam", frozenset({"beta_1"}), None, "am")),
        ("Adam(name='a, b(', am", Call("Adam", frozenset({"name"}), None, "am")),
        # the innermost call counts, closed ones do not
        ("Adam(learning_rate=CosineDecay(0.1, al", Call("CosineDecay", frozenset(), None, "al")),
        ("Adam(CosineDecay(0.1, 5), am", Call("Adam", frozenset(), None, "am")),
        ("[Adam(x) for x in f(", Call("f", frozenset(), None, "")),
    ],
)
def test_the_open_call(text: str, call: Call) -> None:
    assert open_call(text) == call


@pytest.mark.parametrize(
    "text",
    ["", "Adam", "Adam(0.1)", "X[", "Adam([", "(", "tools.Adam(", "Adam(X.", "Adam(2 * ", "Adam(name='le", "a)b("],
)
def test_no_call_or_no_plain_place_in_it(text: str) -> None:
    assert open_call(text) is None or text == "a)b("


def offered(text: str, **namespace: Any) -> list[str]:
    found = candidates(text, namespace)
    assert found is not None
    return found[1]


def test_arguments_and_their_values() -> None:
    assert offered("SGD(") == sorted(offered("SGD("))
    assert {"learning_rate=", "momentum=", "nesterov="} < set(offered("SGD("))
    assert offered("SGD(momentum=0.9, mo") == []
    assert offered("SGD(nesterov=") == ["False", "True"]
    assert "'sum'" in offered("Huber(reduction=")
    assert offered("Adam(learning_rate=Poly") == ["PolynomialDecay"]
    assert offered("Adam(beta_1=") == []


def test_the_users_own_part_comes_first() -> None:
    class Huber(Loss):
        """A loss of the user's own."""

        def __init__(self, tilt: Fraction = 0.5) -> None:
            super().__init__()

    assert offered("Huber(", Huber=Huber) == ["tilt="]
    assert candidates("Huber(", {"Huber": print}) is None


@pytest.mark.parametrize("text", ["print(", "unknown(", "Adam(unknown=", "np.array("])
def test_anything_else_is_left_to_python(text: str) -> None:
    assert candidates(text, {}) is None
