"""Complete magic lines: models, the user's data, options, and the names of parts; layers inside `%%kmodel` cells.

A matcher of IPython's API v2, which silences the general ones where the grammar knows what may stand. IPython older
than 8.6 has no such matchers and goes without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kmagic.notebook import calls
from kmagic.notebook.commands import COMMANDS
from kmagic.notebook.grammar import Grammar, Option
from kmagic.notebook.kinds import Flag, Namespace
from kmagic.notebook.words import LineError, Unfinished, Word, words

# A magic at the start of a line, also as the right side of an assignment: `run = %kfit m`
_MAGIC = re.compile(r"^\s*(?:[\w.,\s\[\]'\"]+=\s*)?(%%?k\w+)(\s+)(.*)$", re.DOTALL)
_LAST = re.compile(r"[\w-]*$")


def candidates(line: str, namespace: Namespace) -> tuple[str, list[str]] | None:
    """What may stand at the end of `line`: the fragment to replace, and the words for it.

    None where the line is not ours, or where only Python knows (inside brackets, after a dot).
    """
    found = _MAGIC.match(line)
    if found is None or found.group(1) not in COMMANDS:
        return None
    text = found.group(3)
    fragment = _LAST.search(text).group()  # type: ignore[union-attr]
    before = text[: len(text) - len(fragment)]
    if before and not (before[-1].isspace() or before[-1] in ",="):
        return None
    grammar = COMMANDS[found.group(1)]
    try:
        expected = _expected(grammar, before, fragment, namespace)
    except Unfinished:
        return None
    return fragment, sorted({word for word in expected if word.startswith(fragment)})


def inside_call(line: str, namespace: Namespace) -> tuple[str, list[str]] | None:
    """What may stand at the end of a magic's line inside the call of a part: `Adam(learning_rate=`."""
    found = _MAGIC.match(line)
    if found is None or found.group(1) not in COMMANDS:
        return None
    return calls.candidates(found.group(3), namespace)


def _expected(grammar: Grammar, before: str, fragment: str, namespace: Namespace) -> Iterable[str]:
    line = words(before)
    used = {word.text for word in line if word.is_option}
    options = ["--help", *(word for word in grammar.by_word if word not in used)]
    if fragment.startswith("-"):
        return options
    place, option = _place(grammar, line)
    if option is None and place >= len(grammar.arguments):
        return options
    kind = option.kind if option is not None else grammar.arguments[place].kind
    return [*kind.candidates(namespace), *(kind.classes() if fragment[:1].isupper() else ())]


def _place(grammar: Grammar, line: list[Word]) -> tuple[int, Option | None]:
    """How many arguments stand in the line, and the option whose value may come next."""
    arguments, option = 0, None
    for word in line:
        if word.is_option:
            known = grammar.by_word.get(word.text)
            option = None if known is None or isinstance(known.kind, Flag) else known
        elif option is None:
            arguments += 1
        elif not option.several:
            option = None
    return arguments, option


def layer_names(cell: str, token: str) -> list[str]:
    """The names of layers that start with `token`, for the body of a `%%kmodel` cell."""
    from kmagic.layers import registry

    if not cell.lstrip().startswith("%%kmodel") or not token[:1].isupper():
        return []
    return [name for name in registry.exports() if name.startswith(token)]


class Completion:
    """The matcher of one shell, and how it is put in and taken out."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.matcher: Any = None

    def install(self) -> None:
        """Add the matcher to the shell's completer."""
        try:
            from IPython.core.completer import context_matcher
        except ImportError:
            return

        # IPython writes attributes on a matcher, which a method cannot carry
        def matcher(context: Any) -> dict[str, Any]:
            return self.match(context)

        self.matcher = context_matcher(identifier="kmagic")(matcher)
        self._matchers.append(self.matcher)

    def remove(self) -> None:
        """Take the matcher out again."""
        if self.matcher in self._matchers:
            self._matchers.remove(self.matcher)
        self.matcher = None

    @property
    def _matchers(self) -> list[Any]:
        return self.shell.Completer.custom_matchers

    def match(self, context: Any) -> dict[str, Any]:
        """What fits at the cursor, in IPython's form; general matchers are silenced where we know better."""
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        line, namespace = lines[-1][: context.cursor_position], self.shell.user_ns
        try:
            found, inside = candidates(line, namespace), inside_call(line, namespace)
        except LineError:
            found = inside = None
        if found is not None:
            return _result(found[1], suppress=True, matched_fragment=found[0])
        if inside is not None:  # the user's own names may stand there too
            return _result(inside[1], suppress=False, matched_fragment=inside[0])
        return _result(layer_names(context.full_text, context.token) if len(lines) > 1 else [], suppress=False)


def _result(texts: list[str], **options: Any) -> dict[str, Any]:
    from IPython.core.completer import SimpleCompletion

    return {"completions": [SimpleCompletion(text=text, type="magic") for text in texts], **options}
