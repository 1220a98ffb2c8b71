"""Formulas of docstrings, which are readable in a terminal, as LaTeX.

The plain notation is the one of the parts: `w ← w − α·m / (√v + ε)`, with Greek letters, raised and lowered characters
and words in between. A quotient takes the product before it and the factor behind it; without blanks (`s/2`) only the
factor before it. `mean`, `max` and `ln` without brackets reach over what follows, so they stand before a quotient.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "φ": "varphi",
}  # fmt: skip
SIGNS = {
    "·": r"\cdot", "−": "-", "←": r"\leftarrow", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "∈": r"\in", "…": r"\ldots",
    "±": r"\pm", "×": r"\times", "∞": r"\infty", "Σ": r"\sum", "Π": r"\prod", "#": r"\#", "%": r"\%", "&": r"\&",
}  # fmt: skip
FUNCTIONS = {"ln": r"\ln", "cos": r"\cos", "max": r"\max", "min": r"\min", "cosh": r"\cosh", "exp": r"\exp"}
NAMED = {"mean", "argmax", "clip", "sign", "rms", "softmax", "sigmoid", "tanh", "erf"}
QUANTITIES = {"lr", "bce"}
SEPARATING = set("+−=←,;:≤≥<>≠∈±")
BRACKETS = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+(?:\.\d+)?(?:e[-−]?\d+)?)|(?P<word>[A-Za-z]{2,}(?:_\w+)*)"
    r"|(?P<letter>\w\u0304?)|(?P<sign>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A word, letter, number or sign, and whether a blank stands before it."""

    kind: str
    text: str
    apart: bool


@dataclass
class Piece:
    """A factor in LaTeX; `inner` is what its brackets hold, if it is nothing but brackets."""

    latex: str
    inner: str | None = None


def latex_lines(formula: str) -> list[str]:
    r"""A formula as lines of LaTeX: one for each assignment, and one for what stands behind a semicolon.

    >>> latex_lines("m ← m + (1 − β₁)·g, w ← w − lr·m / (√v + ε)")[1]
    'w \\leftarrow w - \\frac{\\mathrm{lr} \\cdot m}{\\sqrt{v} + \\varepsilon}'
    """
    return [latex(line) for line in _split(" ".join(formula.split()))]


def latex(formula: str) -> str:
    r"""A formula as LaTeX.

    >>> latex("lr₀·r^(t / D)")
    '\\mathrm{lr}_{0} \\cdot r^{\\frac{t}{D}}'
    """
    return _Reader(list(_tokens(formula))).sequence()


def _split(formula: str) -> Iterator[str]:
    """The statements of a formula: parted by semicolons, and by commas before an assignment."""
    start = depth = 0
    for place, char in enumerate(formula):
        depth += (char in "([{") - (char in ")]}")
        rest = formula[place + 1 :]
        if not depth and (char == ";" or (char == "," and re.match(r" [^,;()]{1,4} [←=] ", rest))):
            yield formula[start:place].strip()
            start = place + 1
    yield formula[start:].strip()


def _tokens(formula: str) -> Iterator[Token]:
    apart = False
    for found in _TOKEN.finditer(unicodedata.normalize("NFD", formula)):
        if found.lastgroup != "space":
            yield Token(found.lastgroup or "", found.group(), apart)
        apart = found.lastgroup == "space"


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def next(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self) -> Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def sequence(self, end: str | None = None) -> str:
        """Everything up to a closing bracket, which is taken too."""
        done: list[str] = []
        product: list[Piece] = []
        while (token := self.next) is not None:
            if token.text == end:
                self.take()
                break
            if token.text == "/":
                self._quotient(product)
            elif token.text in SEPARATING or self._reaches_over(token):
                done += [piece.latex for piece in product]
                product = []
                done.append(self._word() if token.kind == "word" else self._sign())
            else:
                product.append(self.factor())
        return _joined([*done, *(piece.latex for piece in product)])

    def _reaches_over(self, token: Token) -> bool:
        """Whether a word is text, or a function without brackets."""
        return token.kind == "word" and not self._is_call() and not _is_quantity(token.text)

    def _is_call(self) -> bool:
        after = self.tokens[self.place + 1] if self.place + 1 < len(self.tokens) else None
        return after is not None and after.text == "(" and not after.apart

    def _quotient(self, product: list[Piece]) -> None:
        slash = self.take()
        below = self._below()
        above = product[-1:] if not slash.apart else list(product)
        del product[len(product) - len(above) :]
        only = above[0] if len(above) == 1 else None
        top = only.inner if only and only.inner is not None else _joined([piece.latex for piece in above])
        product.append(Piece(rf"\frac{{{top}}}{{{below.latex if below.inner is None else below.inner}}}"))

    def _below(self) -> Piece:
        """The factor under a quotient; a sum and a mean take the whole product."""
        first = self.next
        if first is None:
            return Piece("")
        sums = first.text in "ΣΠ" or self._reaches_over(first)
        pieces = [Piece(self._word())] if self._reaches_over(first) else [self.factor()]
        ends = SEPARATING | {"/", *BRACKETS.values()}
        while sums and (token := self.next) is not None and token.text not in ends and not self._reaches_over(token):
            if token.text == "(" and token.apart:
                break
            pieces.append(self.factor())
        return pieces[0] if len(pieces) == 1 else Piece(_joined([piece.latex for piece in pieces]))

    def factor(self) -> Piece:
        """One letter, number, bracket, root or call, with what is raised and lowered."""
        piece = self._bare()
        scripts = "".join(self._scripts())
        return Piece(piece.latex + scripts) if scripts else piece

    def _bare(self) -> Piece:
        token = self.next
        assert token is not None
        if token.text == "√":
            self.take()
            under = self.factor()
            return Piece(rf"\sqrt{{{under.latex if under.inner is None else under.inner}}}")
        if token.text in BRACKETS:
            self.take()
            inner = self.sequence(BRACKETS[token.text])
            return Piece(_bracketed(token.text, inner), inner if token.text == "(" else None)
        if token.kind == "word":
            name = self._word()
            return Piece(name + self.factor().latex) if self.next and self.next.text == "(" else Piece(name)
        if token.kind == "number":
            return Piece(self.take().text.replace("−", "-"))
        return Piece(self._letter() if token.kind == "letter" else self._sign())

    def _letter(self) -> str:
        text = self.take().text
        plain = text[0]
        known = rf"\{GREEK[plain]}" if plain in GREEK else SIGNS.get(plain, plain)
        return rf"\bar{{{known}}}" if len(text) > 1 else known

    def _sign(self) -> str:
        text = self.take().text
        return SIGNS.get(text, text)

    def _word(self) -> str:
        text = self.take().text
        if text in FUNCTIONS:
            return FUNCTIONS[text]
        if text in NAMED or (self.next is not None and self.next.text == "(" and not self.next.apart):
            return rf"\operatorname{{{text}}}"
        if _is_quantity(text):
            return rf"\mathrm{{{text}}}".replace("_", r"\_")
        words = [text]
        while (token := self.next) is not None and self._reaches_over(token) and token.text not in NAMED:
            if token.text in FUNCTIONS:
                break
            words.append(self.take().text)
        ends = self.next is None or self.next.text in ",:;)"
        return rf"\text{{ {' '.join(words)}{'' if ends else ' '}}}"

    def _scripts(self) -> Iterator[str]:
        while (token := self.next) is not None and not token.apart:
            raised, lowered = _run(token.text)
            if raised or lowered:
                yield from self._characters("^" if raised else "_")
            elif token.text in ("^", "_") and self.place + 1 < len(self.tokens):
                self.take()
                under = self._bare()
                yield f"{token.text}{{{under.latex if under.inner is None else under.inner}}}"
            else:
                return

    def _characters(self, mark: str) -> Iterator[str]:
        """A run of raised, or of lowered, characters."""
        texts = []
        while (token := self.next) is not None and (mark == "^", mark == "_") == _run(token.text):
            texts.append(_plain(self.take().text))
        yield f"{mark}{{{''.join(texts)}}}"


def _run(text: str) -> tuple[bool, bool]:
    """Whether a character is a raised, or a lowered one."""
    kind = unicodedata.decomposition(text[0])
    return kind.startswith("<super>"), kind.startswith("<sub>")


def _plain(text: str) -> str:
    """A raised or lowered character at the height of others."""
    plain = unicodedata.normalize("NFKD", text)
    return rf"\{GREEK[plain]}" if plain in GREEK else plain.replace("−", "-")


def _is_quantity(text: str) -> bool:
    """Whether a word stands for a number: TP, lr, or a parameter such as num_thresholds."""
    return text in QUANTITIES or "_" in text or (text.isupper() and len(text) <= 3)


def _bracketed(opening: str, inner: str) -> str:
    signs = {"{": (r"\{", r"\}"), "‖": (r"\|", r"\|")}
    left, right = signs.get(opening, (opening, BRACKETS[opening]))
    if r"\frac" in inner or r"\sum" in inner:
        return rf"\left{left} {inner} \right{right}"
    return f"{left}{inner}{right}"


def _joined(pieces: list[str]) -> str:
    return re.sub(r" (?=[,:;])", "", " ".join(pieces))
