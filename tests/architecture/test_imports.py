"""Imports go down the floors only, outer packages stay in the rooms that own them, and importing is light."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

# Outer package -> the places that may import it at all, and whether the import may run together with its file.
# What is not in this table may not be imported by kmagic.
OWNERS: dict[str, tuple[str, ...]] = {
    "numpy": ("kmagic",),
    "IPython": ("kmagic.notebook",),
    "ipywidgets": ("kmagic.notebook",),
    "matplotlib": ("kmagic.notebook", "kmagic.cli"),
    "traitlets": ("kmagic.notebook",),
    "llvmlite": ("kmagic.compiler.emit.llvm",),
    "jupyter_client": ("kmagic.cli",),
    "nbclient": ("kmagic.cli",),
    "nbconvert": ("kmagic.cli",),
    "nbformat": ("kmagic.cli",),
}
POSIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
HEAVY = ("IPython", "ipywidgets", "matplotlib", "llvmlite", "pandas", "jupyterlab", "nbclient", "nbconvert")

package_imports = [found for path in tree.python_files("kmagic") for found in tree.imports(path)]
outer_imports = [
    found for found in package_imports if found.package not in sys.stdlib_module_names and found.package != "kmagic"
]


def is_in(path: Path, places: tuple[str, ...]) -> bool:
    """Whether a file is one of the places or below one."""
    name = tree.module_name(path)
    return any(name == place or name.startswith(place + ".") for place in places)


def python(code: str, *options: str) -> str:
    """What a fresh interpreter, which sees the checkout, prints when it runs the code."""
    environment = {**os.environ, "PYTHONPATH": str(tree.ROOT)}
    done = subprocess.run(
        [sys.executable, *options, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_contract_holds() -> None:
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", lint], cwd=tree.ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_stands_on_a_floor() -> None:
    """The contract looks at packages only: a folder without `__init__.py` would escape it."""
    folders = {path.parent for path in tree.python_files("kmagic")}
    assert [str(folder) for folder in sorted(folders) if not (tree.ROOT / folder / "__init__.py").exists()] == []


def test_outer_packages_stay_in_their_rooms() -> None:
    strangers = [str(found) for found in outer_imports if not is_in(found.path, OWNERS.get(found.package, ()))]
    assert not strangers, tree.listed(strangers)


def test_command_line_loads_screens_lazily() -> None:
    early = [
        str(found)
        for found in outer_imports
        if found.at_import and found.package != "numpy" and is_in(found.path, ("kmagic.cli",))
    ]
    assert not early, tree.listed(early)


def test_posix_modules_are_never_needed() -> None:
    """Such an import may stand inside a `try` only; a plain one breaks Windows."""
    plain = [str(found) for found in package_imports if found.package in POSIX and found.at_import]
    assert not plain, tree.listed(plain)


def test_import_is_light() -> None:
    code = (
        "import json, sys, numpy; before = set(sys.modules); import kmagic; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = json.loads(python(code))
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert len([name for name in loaded if name.startswith("kmagic")]) < 30, loaded
    assert len(loaded) < 80, loaded


@pytest.fixture(scope="module")
def foreign_platform() -> str:
    """Code that makes an interpreter look like one without POSIX: its modules and functions are not to be had."""
    return f"""
import importlib.abc, os, sys
import numpy, subprocess, tempfile, shutil, threading, multiprocessing
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {sorted(POSIX)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}} on this platform", name=name)
for name in {sorted(POSIX)!r}:
    sys.modules.pop(name, None)
for name in ("fork", "getuid", "geteuid", "getpgid", "killpg", "sched_getaffinity", "sysconf"):
    vars(os).pop(name, None)
sys.meta_path.insert(0, Hidden())
"""


def test_trains_where_posix_modules_are_missing(foreign_platform: str) -> None:
    code = (
        foreign_platform
        + """
import numpy as np
from kmagic.models import Sequential
from kmagic.layers import Dense
x = np.linspace(-1, 1, 64, dtype="float32").reshape(64, 1)
model = Sequential([Dense(1, input_dim=1)])
model.compile(optimizer="sgd", loss="mean_squared_error")
history = model.fit(x, 3 * x, epochs=40, batch_size=8, verbose=0)
print(history.history["loss"][0], history.history["loss"][-1])
"""
    )
    first, last = map(float, python(code).split())
    assert last < first / 10
