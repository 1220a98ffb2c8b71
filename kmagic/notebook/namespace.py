"""The user's namespace as magics see it: the user's names first, kmagic's public names behind them.

Names of parts are put where Python looks last, beside the built-in functions. So `Dense` works in a cell without an
import, the user's own `Dense` wins, nothing shows up in `globals()`, and functions defined in the cell keep what they
need. Chosen instead of putting the names into the namespace for a while, because then such functions would break later.
"""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kmagic.base.errors import KmagicError, closest
from kmagic.base.parts import Part
from kmagic.models.diagnosis.rules.choices import OLD_NAMES
from kmagic.notebook.words import LineError

# Where the names come from, in the order in which they count.
PARTS_OF_MODELS = ("kmagic.layers", "kmagic.models", "kmagic.initializers")
PARTS_OF_TRAINING = (
    "kmagic.optimizers",
    "kmagic.optimizers.schedules",
    "kmagic.losses",
    "kmagic.metrics",
    "kmagic.callbacks",
)


def public_names(tree: ast.AST, packages: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The public objects of `packages` that `tree` mentions and the user has not named; others are not loaded."""
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(namespace)
    found: dict[str, Any] = {}
    for name in sorted(name for name in mentioned if name[:1].isupper() and not hasattr(builtins, name)):
        for package in packages:
            value = getattr(importlib.import_module(package), name, None)
            if value is not None:
                found.setdefault(name, value)
    return found


@contextmanager
def names_behind(namespace: dict[str, Any], names: Mapping[str, Any]) -> Iterator[None]:
    """While this lasts, code run in `namespace` finds `names` behind its own."""
    before = namespace.get("__builtins__", builtins)
    known = before if isinstance(before, dict) else vars(before)
    namespace["__builtins__"] = {**known, **names}
    try:
        yield
    finally:
        namespace["__builtins__"] = before


@contextmanager
def bound_again_on_error(namespace: dict[str, Any], name: str) -> Iterator[None]:
    """An error that leaves this block finds `name` bound to what it was before."""
    bound, previous = name in namespace, namespace.get(name)
    try:
        yield
    except BaseException:
        namespace.pop(name, None)
        if bound:
            namespace[name] = previous
        raise


def part_called(name: str, namespace: Mapping[str, Any]) -> Any:
    """The part that a name means on a magic line: the user's own, else one of kmagic's; None for anything else."""
    tree = ast.parse(name, mode="eval")
    known = public_names(tree, (*PARTS_OF_TRAINING, *PARTS_OF_MODELS), namespace)
    found = namespace.get(name, known.get(name))
    return found if isinstance(found, type) and issubclass(found, Part) else None


def evaluate(text: str, namespace: dict[str, Any], where: str, first: Iterable[str] = ()) -> Any:
    """The value of a Python expression in the user's namespace; names of parts of `first` win over other packages.

    `{name}` means the value of `name`, as elsewhere in IPython. A mistake in the expression itself gives a LineError;
    what fails deeper, in functions of the user, is raised as it is.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise LineError(f"{text!r} is no Python expression ({error.msg})", where=where, fix=_quoting(text)) from None
    if isinstance(tree.body, ast.Set) and len(tree.body.elts) == 1:
        tree.body = tree.body.elts[0]
    packages = (*first, *PARTS_OF_TRAINING, *PARTS_OF_MODELS)
    with names_behind(namespace, public_names(tree, packages, namespace)):
        return _run(tree, text, namespace, where, first)


def _run(tree: ast.Expression, text: str, namespace: dict[str, Any], where: str, first: Iterable[str]) -> Any:
    try:
        return eval(compile(tree, f"<{where}>", "eval"), namespace)
    except KmagicError as error:
        error.where = f"{where}, {error.where}" if error.where else where
        raise
    except Exception as error:
        if _passed_own_functions(error, namespace):
            raise
        raise LineError(
            _message(text, error), where=where, fix=_respelt(tree, error, first) or _meant(error, namespace)
        ) from error


def _passed_own_functions(error: BaseException, namespace: dict[str, Any]) -> bool:
    """Whether `error` comes out of functions that the user wrote: then the way it took matters."""
    frames = 0
    trace = error.__traceback__
    while trace:
        frames += trace.tb_frame.f_globals is namespace
        trace = trace.tb_next
    return frames > 1


def _message(text: str, error: Exception) -> str:
    if isinstance(error, NameError):
        return f"name {error.name!r} is not defined"
    lines = str(error).splitlines() or [""]
    return f"{text} gives {type(error).__name__}: {lines[0]}"


def _respelt(tree: ast.Expression, error: Exception, packages: Iterable[str]) -> str | None:
    """The expression with the class of a part that was written in other capitals: `adam(lr=0.1)`."""
    call = tree.body
    if not isinstance(error, NameError) or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    called = call.func.id.replace("_", "").lower()
    known = [name for package in packages for name in dir(importlib.import_module(package)) if name.lower() == called]
    classes = [name for name in known if name[0].isupper()]
    if call.func.id != error.name or not classes:
        return None
    words = [ast.keyword(OLD_NAMES.get(word.arg or "", word.arg), word.value) for word in call.keywords]
    return f"did you mean {ast.unparse(ast.Call(ast.Name(classes[0]), call.args, words))}?"


def _meant(error: Exception, namespace: dict[str, Any]) -> str | None:
    if not isinstance(error, NameError):
        return None
    close = closest(error.name or "", [name for name in namespace if not name.startswith("_")])
    return f"did you mean {', '.join(map(repr, close))}?" if close else None


def _quoting(text: str) -> str | None:
    return None if " " in text else "put an expression with spaces into quotes"


def models_in(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The user's models by the names they are bound to."""
    from kmagic.models import Model

    return {name: value for name, value in _own(namespace) if isinstance(value, Model)}


def data_in(namespace: Mapping[str, Any]) -> list[str]:
    """The names that hold arrays, tables, lists or tuples."""
    return [name for name, value in _own(namespace) if hasattr(value, "__array__") or isinstance(value, list | tuple)]


def _own(namespace: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the user named; IPython's own history (`_`, `_12`, `In`, `Out`) is left out."""
    return [item for item in list(namespace.items()) if not item[0].startswith("_") and item[0] not in ("In", "Out")]
