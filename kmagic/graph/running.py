"""Which trace is running: the one thing that symbols must know of traces, which are made of symbols."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.graph.trace import Trace

running: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("trace", default=None)
