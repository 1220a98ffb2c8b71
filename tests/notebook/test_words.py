"""Cutting magic lines into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmagic.notebook.words import LineError, Unfinished, listed, words


def texts(line: str) -> list[str]:
    return [word.text for word in words(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("m X y", ["m", "X", "y"]),
        ("  m\tX  ", ["m", "X"]),
        ("", []),
        ("m X[:800, 0] y[ :800 ]", ["m", "X[:800, 0]", "y[ :800 ]"]),
        ("Adam(learning_rate=1e-3, beta_1 = 0.8)", ["Adam(learning_rate=1e-3, beta_1 = 0.8)"]),
        ("{0: 1.0, 1: (2, 3)}", ["{0: 1.0, 1: (2, 3)}"]),
        ("'a + b' \"c - d\"", ["a + b", "c - d"]),
        (r'"say \"yes\""', ['say "yes"']),
        ('d["two words"]', ['d["two words"]']),
        ("d['a]b']", ["d['a]b']"]),
        ("'a b'.upper()", ["'a b'.upper()"]),
        ("f('''it's''')", ["f('''it's''')"]),
        ("--epochs=10 --loss='my loss'", ["--epochs", "10", "--loss", "my loss"]),
        ("m # X y", ["m"]),
        ("m X#1", ["m", "X#1"]),
        ("--a= b", ["--a", "b"]),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    assert texts(line) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("m X[:3", "'[' at column 4 is not closed\nexpected: ]"),
        ("f(a[1)", "')' at column 6 does not close '[' at column 4\nexpected: ])"),
        ("m X]", "']' at column 4 closes nothing"),
        ("m 'X", "the quote ' at column 3 is not closed\nexpected: '"),
    ],
)
def test_what_cannot_be_cut(line: str, message: str) -> None:
    with pytest.raises(LineError) as caught:
        words(line)
    assert str(caught.value) == message


def test_unfinished_lines_are_told_from_wrong_ones() -> None:
    with pytest.raises(Unfinished):
        words("f(a")
    with pytest.raises(LineError) as caught:
        words("f)")
    assert not isinstance(caught.value, Unfinished)


def test_places_of_words() -> None:
    for word in words('m  X[1, 2] "a b" --e=3'):
        assert 'm  X[1, 2] "a b" --e=3'[word.start : word.end].strip('"').startswith(word.text)


def test_options_are_told_from_words() -> None:
    assert [word.is_option for word in words("--epochs -3 '--epochs' -epochs —epochs --3")] == [
        True, False, False, True, True, False,
    ]  # fmt: skip


plain = st.text(
    st.characters(codec="ascii", exclude_characters="\"'()[]{}#\\ \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"), min_size=1
)
plain = plain.filter(lambda text: "=" not in text and not text.startswith("-"))


@given(st.lists(plain))
def test_plain_words_come_back(given_words: list[str]) -> None:
    assert texts(" ".join(given_words)) == given_words


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters='"\\')), min_size=1))
def test_quoted_words_come_back_whatever_they_hold(given_words: list[str]) -> None:
    assert texts(" ".join(f'"{word}"' for word in given_words)) == given_words


@given(st.recursive(plain, lambda inner: st.lists(inner).map(lambda items: "(" + ", ".join(items) + ")")))
def test_balanced_brackets_are_one_word(text: str) -> None:
    assert texts(f"m {text} y") == ["m", text, "y"]


@given(st.text())
def test_any_line_is_cut_or_refused(line: str) -> None:
    try:
        found = words(line)
    except LineError:
        return
    assert all(0 <= word.start <= word.end <= len(line) for word in found)


@given(st.lists(plain.filter(lambda text: "," not in text and text.strip() == text)))
def test_lists(items: list[str]) -> None:
    assert listed(", ".join(items)) == items
