"""Define a model from a `%%kmodel` cell: read it, compile it if the line says so, bind it, and say what it replaces."""

from __future__ import annotations

import re
from typing import Any

from IPython.display import display

from kmagic.base.errors import BadValue, KmagicError
from kmagic.base.parts import snake
from kmagic.models.summary import Summary
from kmagic.notebook import compiling, leftovers
from kmagic.notebook.grammar import Given
from kmagic.notebook.messages import line_in, show_as, show_own_frames
from kmagic.notebook.namespace import bound_again_on_error
from kmagic.notebook.session import Session


def define(session: Session, given: Given, text: str, full_traceback: bool = False) -> None:
    """`%%kmodel`: nothing is bound, and no model touched, unless all of it succeeds."""
    name = given.values["name"]
    before = _replaceable(session.namespace, name)
    with bound_again_on_error(session.namespace, name):
        with leftovers.layers_made() as made:
            model = _read(session, name, text, given.input, full_traceback)
        said = ""
        if given.only(*compiling.RECIPE, "learning_rate"):
            said = compiling.compile_with(model, name, given)
        lost = leftovers.told(leftovers.left_over(made, model, session.namespace), name)
        table = described(model, name)
        notice = _replaced(before, name) if before is not None and before is not model else ""
    session.namespace[name] = model
    print("\n".join(filter(None, [notice or ("" if said else f"{name} is defined"), said, lost])))
    display(table, raw=True)


def _replaceable(namespace: dict[str, Any], name: str) -> Any:
    """The model that the name stands for so far, None for a free name; other things of the user are not replaced."""
    from kmagic.models import Model

    value = namespace.get(name)
    if value is not None and not isinstance(value, Model):
        raise BadValue(
            f"{name} already holds a value of type {type(value).__name__}",
            where=f"%%kmodel {name}",
            expected="a name that is free, or that of a model",
            fix=f"del {name}",
        )
    return value


def _read(session: Session, name: str, text: str, input_shape: Any, full_traceback: bool) -> Any:
    from kmagic.notebook import cells, names

    cell = cells.Cell(name, *_placed(session.shell, name, text))
    try:
        return cells.read_model(cell, session.namespace, _shape(input_shape), session.shell.compile)
    except SyntaxError as error:
        if error.filename != cell.filename:
            raise
        raise _unreadable(cell, error) from None
    except KmagicError as error:
        line = line_in(error, cell.filename)
        if line is not None:
            error.where = f"{cell.magic}, line {line}" + (f", {error.where}" if error.where else "")
        raise
    except BaseException as error:
        meant = None if full_traceback else names.meant(error, session.namespace, cell.filename)
        if meant is not None:
            show_as(error, f"NameError: {cell.magic}, line {line_in(error, cell.filename)}: {meant}")
            raise
        show_own_frames(error, cell.filename, session.shell)
        raise


def _placed(shell: Any, name: str, text: str) -> tuple[str, str]:
    """The cell as plain Python under a file name that tracebacks know; its lines keep their numbers."""
    body = text.lstrip("\n")
    skipped = len(text) - len(body)
    source = f"# %%kmodel {name}\n" + "\n" * skipped + shell.transform_cell(body)
    return source, shell.compile.cache(source, shell.execution_count, raw_code=f"%%kmodel {name}\n{text}")


def _unreadable(cell: Any, error: SyntaxError) -> KmagicError:
    found = BadValue(error.msg, where=f"{cell.magic}, line {error.lineno}")
    lines = cell.source.splitlines()
    line = lines[(error.lineno or 1) - 1] if (error.lineno or 0) <= len(lines) else ""
    pointer = " " * ((error.offset or 1) - 1) + "^"
    show_as(found, f"SyntaxError: {found}\n    {line}\n    {pointer}")
    return found


def _shape(given: Any) -> tuple[int | None, ...] | None:
    """The shape that `--input` says: 100 means (100,)."""
    if given is None:
        return None
    shape = tuple(given) if isinstance(given, list | tuple) else (given,)
    if all(axis is None or (isinstance(axis, int) and axis > 0) for axis in shape):
        return shape
    raise BadValue(
        f"--input is {given!r}", where="%%kmodel", expected="a size such as 100, or a shape such as (28, 28, 1)"
    )


def _replaced(model: Any, name: str) -> str:
    """Stop the old model's run if there is one; one line that says what is gone."""
    run = model.run
    stopped = ""
    if run is not None and not run.finished:
        run.stop("the model's cell was run again")
        run.wait()
        stopped = f"; its run was stopped in epoch {run.live.epoch + 1}"
    size = f"{model.count_params()} parameters" if model.built else "not built"
    return f"{name} replaces the model of that name ({size}, with all it learned){stopped}"


def described(model: Any, name: str) -> dict[str, str]:
    """A model as a bundle: its table as text and as HTML; a name that nobody chose gives way to `name`."""
    shown = name if re.fullmatch(rf"({snake(type(model).__name__)}|functional)(_\d+)?", model.name) else model.name
    table = Summary(model, title=shown)
    return {"text/plain": table.text(), "text/html": table.html()}
