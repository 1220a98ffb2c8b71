"""Object code on disk."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmagic.compiler.emit.llvm import shelf

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners and modes of files")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the test's own."""
    folder = tmp_path / "kernels"
    monkeypatch.setenv(shelf.VARIABLE, str(folder))
    shelf.folder.cache_clear()
    yield folder
    shelf.folder.cache_clear()


def test_what_was_put_is_there(place: Path) -> None:
    assert shelf.take("a") is None
    shelf.put("a", b"code")
    assert shelf.take("a") == b"code"
    assert [path.name for path in place.iterdir()] == ["a.o"]


def test_what_is_not_whole_is_not_there(place: Path) -> None:
    shelf.put("a", b"code")
    path = place / "a.o"
    path.write_bytes(path.read_bytes()[:-1])
    assert shelf.take("a") is None
    path.write_bytes(b"")
    assert shelf.take("a") is None


@posix
def test_a_folder_is_nobody_elses(place: Path) -> None:
    shelf.put("a", b"code")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    place.chmod(0o777)
    shelf.folder.cache_clear()
    assert shelf.folder() is None and shelf.take("a") is None
    shelf.put("b", b"code")
    assert not (place / "b.o").exists()


def test_no_folder_is_no_trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for value in ("", str(tmp_path / "file" / "inside")):
        monkeypatch.setenv(shelf.VARIABLE, value)
        shelf.folder.cache_clear()
        shelf.put("a", b"code")
        shelf.prune()
        assert shelf.take("a") is None


def test_what_was_not_used_for_longest_goes_first(place: Path) -> None:
    for number, name in enumerate("abc"):
        shelf.put(name, bytes(100))
        os.utime(place / f"{name}.o", (number, number))
    assert shelf.take("a") is not None
    shelf.prune(300)
    assert [shelf.take(name) is not None for name in "abc"] == [True, False, True]
