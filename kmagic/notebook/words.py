"""Cut a magic line into words.

    %kfit m X[:800, 0] "a + b" --class-weight {0: 1.0, 1: 5.0} --metrics accuracy,mae   # a remark

- Space ends a word, but not inside brackets or inside a Python string: `X[:800, 0]` and `d["two words"]` are one word.
- Quotes around a whole word group it and are dropped: `"a + b"` says `a + b`; `\\"` stands for the quote itself.
- `--name=value` is the option `--name` and the word `value`.
- A word that starts with `#` begins a remark, which ends the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kmagic.base.errors import KmagicError

BRACKETS = {"(": ")", "[": "]", "{": "}"}
CLOSING = set(BRACKETS.values())
QUOTES = "\"'"
# Dashes that word processors put where two hyphens were typed count, so that the mistake can be named.
OPTION = re.compile(r"(?:--?|[\u2012-\u2015\u2212])[A-Za-z][\w-]*")


class LineError(KmagicError, ValueError):
    """A magic line that cannot be read."""


class Unfinished(LineError):
    """A line that ends inside a bracket or a quotation."""


@dataclass(frozen=True)
class Word:
    """One word: what it says, where it starts and ends in the line, and whether it stood in quotes.

    `attached` marks the `--name` of `--name=value`.
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    attached: bool = False

    @property
    def is_option(self) -> bool:
        """Whether the word names an option."""
        return not self.quoted and OPTION.fullmatch(self.text) is not None


def words(line: str) -> list[Word]:
    """The words of a magic line; LineError where a bracket or quote is not closed.

    >>> [word.text for word in words("m X[:800, 0] 'a + b' --epochs=10  # remark")]
    ['m', 'X[:800, 0]', 'a + b', '--epochs', '10']
    """
    return list(_words(line))


def _words(line: str) -> Iterator[Word]:
    position = 0
    while True:
        position += len(line[position:]) - len(line[position:].lstrip())
        if position == len(line) or line[position] == "#":
            return
        attached = re.match(r"--[A-Za-z][\w-]*(?==)", line[position:])
        if attached:
            end = position + attached.end()
            yield Word(attached.group(), position, end, attached=True)
            position = end + 1
        if position < len(line) and not line[position].isspace():
            word = _word(line, position)
            yield word
            position = word.end


def _word(line: str, start: int) -> Word:
    quote = line[start]
    if quote in QUOTES:
        end = end_of_string(line, start)
        # `"a b".upper()` goes on after the quote: the quotes belong to the expression
        if end == len(line) or line[end].isspace():
            return Word(line[start + 1 : end - 1].replace("\\" + quote, quote), start, end, quoted=True)
    end = next((place for place, char in outside(line, start) if char.isspace()), len(line))
    return Word(line[start:end], start, end)


def outside(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """The characters that stand outside brackets and Python strings, each with its place."""
    opened: list[int] = []
    place = start
    while place < len(text):
        char = text[place]
        if char in QUOTES:
            place = end_of_string(text, place)
            continue
        if char in BRACKETS:
            opened.append(place)
        elif char in CLOSING:
            _close(text, place, opened)
        elif not opened:
            yield place, char
        place += 1
    if opened:
        last = opened[-1]
        raise Unfinished(f"{text[last]!r} at column {last + 1} is not closed", expected=_closing(text, opened))


def _close(text: str, place: int, opened: list[int]) -> None:
    if not opened:
        raise LineError(f"{text[place]!r} at column {place + 1} closes nothing")
    if BRACKETS[text[opened[-1]]] != text[place]:
        raise LineError(
            f"{text[place]!r} at column {place + 1} does not close {text[opened[-1]]!r} at column {opened[-1] + 1}",
            expected=_closing(text, opened),
        )
    opened.pop()


def _closing(text: str, opened: list[int]) -> str:
    return "".join(BRACKETS[text[place]] for place in reversed(opened))


def end_of_string(text: str, start: int) -> int:
    """The place after the Python string, or the quotation, that starts at `start`."""
    quote = text[start : start + 3] if text[start : start + 3] in ('"""', "'''") else text[start]
    place = start + len(quote)
    while place < len(text):
        if text.startswith(quote, place):
            return place + len(quote)
        place += 2 if text[place] == "\\" else 1
    raise Unfinished(f"the quote {quote} at column {start + 1} is not closed", expected=quote)


def listed(text: str) -> list[str]:
    """The items of a list written with commas; commas in brackets and strings do not count.

    >>> listed("accuracy, Precision(0.5, name='p'),")
    ['accuracy', "Precision(0.5, name='p')"]
    """
    commas = [place for place, char in outside(text) if char == ","]
    cuts = zip([-1, *commas], [*commas, len(text)], strict=True)
    return [item for item in (text[start + 1 : end].strip() for start, end in cuts) if item]
