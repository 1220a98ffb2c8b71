"""`doctor`: what a bug report should hold, ready to paste."""

import argparse
import platform
import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from kmagic.cli import machine

PROGRAMS = ("kmagic", "numpy", "ipython", "ipywidgets", "matplotlib", "llvmlite", "ipykernel", "jupyterlab", "notebook")
# `name>=1; extra == "lab"`, as packages state what they need
REQUIREMENT = re.compile(r"""^(?P<name>[\w.-]+).*;.*extra\s*==\s*["'](?P<extra>[\w-]+)["']""")


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("doctor", help="print versions, CPU, memory limits and what is missing")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the report."""
    for topic, answer in report():
        print(f"{topic:12} {answer}")
    return 0


def report() -> Iterator[tuple[str, str]]:
    """The lines of the report: topic and answer."""
    yield "python", f"{platform.python_version()} ({platform.python_implementation()}), {platform.platform()}"
    for program in PROGRAMS:
        yield program, version(program) or "not installed"
    yield "blas", blas()
    yield "cpu", machine.describe_cpu()
    yield "memory", machine.describe_memory()
    for extra, packages in sorted(extras().items()):
        missing = [package for package in packages if version(package) is None]
        yield f"[{extra}]", f"missing {', '.join(missing)}" if missing else "complete"


def version(package: str) -> str | None:
    """The installed version of a package, or None.

    >>> version("no-such-package") is None
    True
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def extras() -> dict[str, list[str]]:
    """The packages that each extra of the installed kmagic brings; empty when it runs uninstalled from a folder."""
    found: dict[str, list[str]] = {}
    stated = metadata.requires("kmagic") if version("kmagic") else None
    for match in filter(None, map(REQUIREMENT.match, stated or ())):
        if match["name"] != "kmagic":
            found.setdefault(match["extra"], []).append(match["name"])
    return found


def blas() -> str:
    """The library with which NumPy multiplies matrices."""
    import numpy

    library = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{library['name']} {library['version']}"
