"""The grammar of magic lines: arguments and options declared as data.

From one declaration come parsing, help (`-h`), the docstring (`%kfit?`), completion and "did you mean".

    %kfit m X[:800] y[:800] --epochs 10 --batch-size=32 --metrics accuracy mae

A line is words (`words.py`): arguments in their order, and options, which start with `--`. A value is a Python
expression in the user's namespace, a name, a number or a word, as its kind says (`kinds.py`). What is not given is not
in the result, so defaults stay where they belong: in the function that the magic calls.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kmagic.base.errors import UnknownName
from kmagic.notebook.kinds import Flag, Kind, Named, Namespace
from kmagic.notebook.words import LineError, Word, listed, words

HELP = ("-h", "--help")


@dataclass(frozen=True)
class Argument:
    """A value known by its place in the line."""

    name: str
    kind: Kind
    help: str
    required: bool = True

    @property
    def usage(self) -> str:
        """How the usage line shows it."""
        return self.name if self.required else f"[{self.name}]"


@dataclass(frozen=True)
class Option:
    """A value, several values or a flag known by `--name`; `default` is what the help says, nothing more."""

    name: str
    kind: Kind
    help: str
    default: object = None
    several: bool = False

    @property
    def word(self) -> str:
        """What is written: `--batch-size`."""
        return "--" + self.name.replace("_", "-")

    @property
    def form(self) -> str:
        """The option with what it takes: `--batch-size number`."""
        value = "" if isinstance(self.kind, Flag) else f" {self.kind.label}"
        return self.word + value + (" …" if self.several else "")


Item = Argument | Option


class Given:
    """What a line said: `given.x` is a value (None where it was left out), `given.only(...)` what was given.

    `written` holds the texts that the values were read from.
    """

    def __init__(self, values: dict[str, Any], declared: Iterable[str], written: dict[str, list[str]]) -> None:
        self.values = values
        self.written = written
        self.declared = frozenset(declared)

    def __getattr__(self, name: str) -> Any:
        if name not in self.declared:
            raise AttributeError(name)
        return self.values.get(name)

    @property
    def model(self) -> Any:
        """The model that the line names."""
        named: Named = self.values["model"]
        return named.model

    @property
    def name(self) -> str:
        """The name that the line called the model by."""
        named: Named = self.values["model"]
        return named.name

    def only(self, *names: str) -> dict[str, Any]:
        """Those of `names` that the line gave, as keyword arguments."""
        return {name: self.values[name] for name in names if name in self.values}


@dataclass(frozen=True)
class Grammar:
    """The grammar of one magic."""

    magic: str
    summary: str
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...] = ()
    examples: tuple[str, ...] = ()
    notes: str = ""

    @cached_property
    def by_word(self) -> dict[str, Option]:
        """The options by what is written."""
        return {option.word: option for option in self.options}

    @property
    def items(self) -> tuple[Item, ...]:
        """Arguments and options."""
        return (*self.arguments, *self.options)

    def read(self, line: str, namespace: Namespace) -> Given:
        """Read a line; a LineError, or the error of a value's kind, names what is wrong with it."""
        declared = [item.name for item in self.items]
        texts = self.sort(self._words(line))
        return Given(self._values(texts, namespace), declared, texts)

    def asks_help(self, line: str) -> bool:
        """Whether `-h` or `--help` stands in the line."""
        return any(word.text in HELP and not word.quoted for word in self._words(line))

    def _words(self, line: str) -> list[Word]:
        try:
            return words(line)
        except LineError as error:
            error.where = self.magic
            raise

    def sort(self, line: list[Word]) -> dict[str, list[str]]:
        """The texts given for each argument and option."""
        found: dict[str, list[str]] = {}
        plain: list[Word] = []
        rest = iter(line)
        word = next(rest, None)
        while word is not None:
            if not word.is_option:
                plain.append(word)
                word = next(rest, None)
                continue
            option = self._option(word, found)
            texts, word = self._texts(option, word, rest)
            found[option.name] = texts
        return self._placed(plain, found) | found

    def _option(self, word: Word, found: dict[str, list[str]]) -> Option:
        option = self.by_word.get(word.text)
        if option is None:
            known = [*self.by_word, "--help"]
            # "-epochs" and "—epochs" (as word processors write it) are near enough to be recognised
            name = "--" + word.text.lstrip("-\u2012\u2013\u2014\u2015\u2212") if word.text[:2] != "--" else word.text
            error = UnknownName(name, known, kind="option", where=self.magic)
            error.found = f"unknown option {word.text!r}"
            raise error
        if option.name in found:
            raise LineError(f"{option.word} is given twice", where=self.magic)
        return option

    def _texts(self, option: Option, word: Word, rest: Iterator[Word]) -> tuple[list[str], Word | None]:
        """What an option takes from the words after it, and the first word that it leaves."""
        following = next(rest, None)
        if isinstance(option.kind, Flag):
            if word.attached:
                raise LineError(f"{option.word} takes no value", where=self.magic, fix=option.word)
            return [], following
        texts: list[str] = []
        while following is not None and not following.is_option and (option.several or not texts):
            texts += listed(following.text) if option.several else [following.text]
            following = next(rest, None)
        if not texts:
            raise LineError(f"{option.word} has no value", where=self.magic, expected=option.form)
        return texts, following

    def _placed(self, plain: list[Word], found: dict[str, list[str]]) -> dict[str, list[str]]:
        if len(plain) > len(self.arguments):
            extra = plain[len(self.arguments)]
            # whether two words were meant as one cannot be known, so the usage is what helps
            raise LineError(f"{extra.text!r} is one argument too many", where=self.magic, expected=self.usage)
        missing = [argument.name for argument in self.arguments[len(plain) :] if argument.required]
        if missing:
            raise LineError(f"{' and '.join(missing)} missing", where=self.magic, expected=self.usage)
        return {argument.name: [word.text] for argument, word in zip(self.arguments, plain, strict=False)}

    def _values(self, texts: dict[str, list[str]], namespace: Namespace) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for item in self.items:
            if item.name not in texts:
                continue
            if isinstance(item.kind, Flag):
                values[item.name] = True
                continue
            label = item.word if isinstance(item, Option) else item.name
            read = [item.kind.read(text, namespace, f"{self.magic} {label}") for text in texts[item.name]]
            values[item.name] = read if isinstance(item, Option) and item.several else read[0]
        return values

    @property
    def usage(self) -> str:
        """One line: the magic, its arguments, and that there are options."""
        parts = [self.magic, *(argument.usage for argument in self.arguments)]
        return " ".join(parts + (["[options]"] if self.options else []))

    def help(self) -> str:
        """What `-h` prints, and the magic's docstring."""
        arguments = [(argument.name, argument.help) for argument in self.arguments]
        options = [(option.form, option.help + _default(option)) for option in self.options]
        parts = [self.usage, self.summary, _table("arguments", arguments), _table("options", [*options, _HELP_ROW])]
        parts += [textwrap.dedent(self.notes).strip()] if self.notes else []
        if self.examples:
            apart = "\n\n" if any("\n" in example for example in self.examples) else "\n"
            parts.append("examples\n" + apart.join(textwrap.indent(example, "  ") for example in self.examples))
        return "\n\n".join(parts)


_HELP_ROW = ("-h, --help", "show this text")


def _default(option: Option) -> str:
    return f" (default {option.default})" if option.default is not None else ""


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    """Rows in two columns, wrapped at 100 characters; a long left cell stands on a line of its own."""
    lines = [title]
    for left, right in rows:
        wrapped = textwrap.wrap(right, 70)
        if len(left) > 24:
            lines.append(f"  {left}")
            left = ""
        lines += [f"  {left if i == 0 else '':<26}{text}" for i, text in enumerate(wrapped)]
    return "\n".join(lines)
