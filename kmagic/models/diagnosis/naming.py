"""The code of fixes in the user's own names."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Mapping


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Python text with other names in place of some; attributes and names of arguments stay.

    >>> renamed("y = y - 1; model.fit(x, y, y=2)", {"model": "m", "y": "labels"})
    'labels = labels - 1; m.fit(x, labels, y=2)'
    """
    lines = code.split("\n")
    for token in reversed(list(_free_names(code))):
        if token.string in names:
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = lines[row - 1][:start] + names[token.string] + lines[row - 1][end:]
    return "\n".join(lines)


def _free_names(code: str) -> Iterator[tokenize.TokenInfo]:
    """The names that are neither attributes nor names of arguments in a call."""
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    depth = 0
    for number, token in enumerate(tokens):
        depth += (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}"))
        before = tokens[number - 1].string if number else ""
        after = tokens[number + 1].string if number + 1 < len(tokens) else ""
        if token.type == tokenize.NAME and before != "." and not (depth and after == "="):
            yield token
