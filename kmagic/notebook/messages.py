"""Show mistakes of users as one short message, and errors in their own code with their own frames only.

IPython asks an exception how to show itself (`_render_traceback_`). The exception keeps its type and is raised, so a
notebook that is run from top to bottom stops there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kmagic.base.errors import KmagicError


@contextmanager
def short_errors(full: bool = False) -> Iterator[None]:
    """Errors of kmagic that leave this block are shown without a traceback, unless `full`."""
    try:
        yield
    except KmagicError as error:
        if not full and not hasattr(error, "_render_traceback_"):
            show_as(error, f"{type(error).__name__}: {error}")
        raise


def show_as(error: BaseException, text: str) -> None:
    """Have IPython show `error` as `text`."""
    error._render_traceback_ = lambda: text.splitlines()  # type: ignore[attr-defined]


def show_own_frames(error: BaseException, filename: str, shell: Any) -> None:
    """Have IPython show `error` with its traceback from the code of `filename` on, without the frames of kmagic."""
    trace = trace_in(error, filename)
    if trace is not None:
        error._render_traceback_ = lambda: shell.InteractiveTB.structured_traceback(  # type: ignore[attr-defined]
            type(error), error, trace, tb_offset=0
        )


def trace_in(error: BaseException, filename: str) -> Any:
    """The part of the traceback that begins in the code of `filename`, None if it never was there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    return trace


def line_in(error: BaseException, filename: str) -> int | None:
    """The line of `filename` that the error came from last."""
    line, trace = None, trace_in(error, filename)
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
