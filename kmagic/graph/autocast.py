"""What float variables are cast to where they are used: the dtype that the layer around computes in."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

_wanted: contextvars.ContextVar[str | None] = contextvars.ContextVar("autocast", default=None)
autocast_dtype = _wanted.get  # None where variables are used as they are kept


@contextlib.contextmanager
def autocasting(dtype: str | None) -> Iterator[None]:
    """Inside, variables of floats come in `dtype`, with None in the one that they are kept in."""
    token = _wanted.set(dtype)
    try:
        yield
    finally:
        _wanted.reset(token)
