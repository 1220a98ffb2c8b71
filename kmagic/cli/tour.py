"""`tour`: open the tutorial in JupyterLab, or execute it without a browser."""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from kmagic.base.errors import BadData, KmagicError, MissingExtra

NOTEBOOK = "00_tour.ipynb"
PAGE = "kmagic-tour.html"
COPY = "kmagic-tour"
# What the cell with this tag prints is the outcome of a notebook.
OUTCOME = "final-metrics"
SECONDS_PER_CELL = 600


def declare(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("tour", help="open the tutorial notebook in JupyterLab")
    parser.add_argument("--run", dest="headless", action="store_true", help=f"run it without a browser, write {PAGE}")
    parser.add_argument("options", nargs="*", help="options for JupyterLab, after --")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Do what the command line asks for."""
    return run_headless(find_notebook()) if chosen.headless else open_in_lab(own_copy(find_notebook()), chosen.options)


def find_notebook() -> Path:
    """The tutorial: of the working directory, else of the installed package, else of the checkout it runs from."""
    package = Path(__file__).resolve().parent.parent
    places = (Path.cwd() / "notebooks", package / "notebooks", package.parent / "notebooks")
    for place in places:
        if (place / NOTEBOOK).is_file():
            return place / NOTEBOOK
    raise BadData(f"{NOTEBOOK} not found in {' or '.join(map(str, places))}", where="tour", fix="reinstall kmagic")


def own_copy(notebook: Path) -> Path:
    """The notebook itself if the working directory brought it, else a copy there; an earlier copy is kept as it is."""
    if notebook.parent == Path.cwd() / "notebooks":
        return notebook
    copy = Path.cwd() / COPY / NOTEBOOK
    if copy.exists():
        print(f"Opening your copy {copy} (delete it to start from a fresh one).")
        return copy
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(notebook, copy)
    print(f"Copied the tutorial to {copy}.")
    return copy


def open_in_lab(notebook: Path, options: list[str]) -> int:
    """Open JupyterLab on a notebook and wait until it is closed."""
    require("jupyterlab", "ipykernel")
    # Who runs this as root, as people do in containers, has decided so; JupyterLab would only ask for the option.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook), *as_root, *options]).returncode


def run_headless(notebook: Path) -> int:
    """Execute a notebook, print its outcome and write it as a page into the working directory."""
    require("nbclient", "nbconvert", "ipykernel")
    print(f"Running {notebook} in a kernel …", flush=True)
    done = execute(notebook, Path.cwd())
    print(outcome(done))
    page = Path.cwd() / PAGE
    page.write_text(as_page(done), encoding="utf-8")
    print(f"Wrote {page}")
    return 0


def execute(notebook: Path, folder: Path) -> Any:
    """The executed notebook: run in a fresh kernel of this Python, with `folder` as working directory."""
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    content = nbformat.read(notebook, as_version=4)
    # Without folders of kernels only this interpreter's own is left: a user's `python3` kernel may be another Python.
    kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    place = {"metadata": {"path": str(folder)}}
    try:
        NotebookClient(content, km=kernel, timeout=SECONDS_PER_CELL, resources=place).execute(cleanup_kc=True)
    except CellExecutionError as error:
        raise KmagicError(f"{error.ename}: {error.evalue}", where=f"{notebook.name} stopped") from error
    return content


def outcome(notebook: Any) -> str:
    """What the cell tagged `final-metrics` printed."""
    for cell in notebook.cells:
        if OUTCOME in cell.metadata.get("tags", ()):
            return "".join(output.text for output in cell.outputs if output.output_type == "stream").rstrip()
    raise BadData(f"no cell is tagged {OUTCOME!r}", where="tour", fix="reinstall kmagic")


def as_page(notebook: Any) -> str:
    """The notebook with its outputs as an HTML page."""
    from nbconvert import HTMLExporter

    return HTMLExporter().from_notebook_node(notebook)[0]


def require(*packages: str) -> None:
    """Raise an error that names the extra to install unless all packages are there."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(f"{package} is not installed", where="tour", fix='pip install "kmagic[lab]"')
