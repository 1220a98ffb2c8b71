"""What the architecture tests look at: the project's own files, their syntax trees and sizes."""

import ast
import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".toml", ".md", ".ipynb", ".json", ".txt", ".cfg", ".yml", ".yaml", ""}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its top; what `.gitignore` names is left out."""
    ignored = [".git", *(ROOT / ".gitignore").read_text().split()]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path.relative_to(ROOT)

    return tuple(walk(ROOT))


def python_files(*tops: str) -> list[Path]:
    """The Python files below the named top folders (all of the project's without names)."""
    return [path for path in files() if path.suffix == ".py" and (not tops or path.parts[0] in tops)]


def text_files() -> list[Path]:
    """The files that hold text."""
    return [path for path in files() if path.suffix in TEXT]


def read(path: Path) -> str:
    """The text of a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a file of the project."""
    return ast.parse(read(path), filename=str(path))


def listed(findings: Iterable[object]) -> str:
    """Findings for a message, one on a line."""
    return "\n" + "\n".join(map(str, findings))


def is_named_after_its_part(path: Path) -> bool:
    """Whether a file bears the name of a documented class or function in it: `max_norm.py` of `MaxNorm`."""
    definitions = [node for node in syntax(path).body if isinstance(node, ast.ClassDef | Function)]
    documented = {node.name.replace("_", "").lower() for node in definitions if docstring_lines(node)}
    return path.stem.replace("_", "") in documented


def module_name(path: Path) -> str:
    """The dotted name under which a file of the package is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def docstring_lines(node: ast.AST) -> set[int]:
    """The numbers of the lines that the docstring of a module, class or function covers."""
    body = getattr(node, "body", [])
    if not body or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Constant):
        return set()
    constant = body[0].value
    return set(range(constant.lineno, constant.end_lineno + 1)) if isinstance(constant.value, str) else set()


@dataclass(frozen=True)
class Size:
    """How long a function is: lines from `def` to its end, without its docstring."""

    path: Path
    name: str
    line: int
    lines: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.name}: {self.lines} lines"


def functions(path: Path) -> Iterator[Size]:
    """The size of each function and method of a file."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, Function):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1 - len(docstring_lines(node))
            yield Size(path, node.name, node.lineno, lines)


def code_lines(path: Path) -> int:
    """Lines of a file that are neither blank, comment nor docstring."""
    documented = set().union(
        *(
            docstring_lines(node)
            for node in ast.walk(syntax(path))
            if isinstance(node, ast.Module | ast.ClassDef | Function)
        )
    )
    return sum(
        1
        for number, line in enumerate(read(path).splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#") and number not in documented
    )


@dataclass(frozen=True)
class Import:
    """One import statement: which outer package it names, where, and whether it runs on import of its file."""

    path: Path
    line: int
    package: str
    at_import: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.package}"


def imports(path: Path) -> Iterator[Import]:
    """The absolute imports of a file, those inside functions included and `TYPE_CHECKING` blocks left out."""

    def visit(node: ast.AST, at_import: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(path, child.lineno, alias.name.split(".")[0], at_import)
            elif isinstance(child, ast.ImportFrom) and child.level == 0 and child.module:
                yield Import(path, child.lineno, child.module.split(".")[0], at_import)
            else:
                yield from visit(child, at_import and not isinstance(child, Function | ast.Lambda))

    return visit(syntax(path), True)
