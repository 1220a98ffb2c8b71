"""Object code on disk, so that a kernel is compiled once on a machine and not once in each process.

A folder that nobody else can write to, a file for each kernel, named by a digest of its text and of what compiled it.
Files are written beside and moved into place, begin with a digest of what follows, and are at most so many: those that
were not used for longest go first. Where no folder can be had, nothing is kept and nothing fails.
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

VARIABLE = "KMAGIC_CACHE"  # a folder of one's own, or empty for none
LIMIT = 64 * 2**20  # bytes
_DIGEST = 32


@functools.cache
def folder() -> Path | None:
    """Where object code is kept; None where it cannot be."""
    wanted = os.environ.get(VARIABLE)
    if wanted == "":
        return None
    place = Path(wanted) if wanted else _home() / "kmagic" / "kernels"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place if _is_own(place) and os.access(place, os.W_OK | os.X_OK) else None
    except OSError:
        return None


def _home() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home())
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _is_own(place: Path) -> bool:
    """Whether nobody else can put code here."""
    if not hasattr(os, "getuid"):
        return True
    found = place.stat()
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def take(key: str) -> bytes | None:
    """The object code under a key; None where there is none that is whole."""
    place = folder()
    if place is None:
        return None
    try:
        path = place / f"{key}.o"
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    code = data[_DIGEST:]
    return code if hashlib.sha256(code).digest() == data[:_DIGEST] else None


def put(key: str, code: bytes) -> None:
    """Keep object code under a key, if that can be."""
    place = folder()
    if place is None:
        return
    try:
        number, name = tempfile.mkstemp(dir=place, prefix="new", suffix=".part")
        with os.fdopen(number, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(name, place / f"{key}.o")
    except OSError:
        return


def prune(limit: int = LIMIT) -> None:
    """Drop what was not used for longest, until the rest is small enough."""
    place = folder()
    if place is None:
        return
    try:
        files = [(path.stat().st_mtime, path.stat().st_size, path) for path in place.iterdir()]
    except OSError:
        return
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files, key=lambda entry: entry[0]):
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= size
