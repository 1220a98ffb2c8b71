"""Floor 7: the Jupyter side. Magics, completion, cell reading, the session of a kernel, and panels.

`load(shell)` puts all of it into an IPython shell, `unload(shell)` takes all of it out again.
"""

from __future__ import annotations

from typing import Any

_EXTENSIONS: dict[int, Any] = {}


def load(shell: Any) -> None:
    """Put the magics into `shell`; does nothing if they are there."""
    from kmagic.notebook.extension import Extension

    if id(shell) not in _EXTENSIONS:
        extension = Extension(shell)
        extension.install()
        _EXTENSIONS[id(shell)] = extension


def unload(shell: Any) -> None:
    """Stop all runs and take the magics, the matcher and the signal handler out of `shell`."""
    extension = _EXTENSIONS.pop(id(shell), None)
    if extension is not None:
        extension.remove()
