"""Loading and unloading: everything that is put in is taken out."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from kmagic import notebook
from kmagic.models import compilable
from kmagic.notebook.commands import COMMANDS
from tests.notebook.conftest import Run

OURS = {magic.lstrip("%") for magic in COMMANDS}


def magics(shell: InteractiveShell) -> set[str]:
    return {name for kind in shell.magics_manager.magics.values() for name in kind}


def state(shell: InteractiveShell) -> dict[str, Any]:
    """All that the extension changes in a shell."""
    return {
        "magics": magics(shell),
        "registry": set(shell.magics_manager.registry),
        "transformers": list(shell.input_transformers_cleanup),
        "matchers": list(shell.Completer.custom_matchers),
        "configurables": list(shell.configurables),
        "displays": dict(shell.display_formatter.ipython_display_formatter.type_printers),
        "panel": compilable.open_compile_panel,
        "events": list(shell.events.callbacks["post_run_cell"]),
        "builtins": shell.user_ns["__builtins__"],
    }


def test_unloading_restores_everything(bare_shell: InteractiveShell) -> None:
    before = state(bare_shell)
    notebook.load(bare_shell)
    assert magics(bare_shell) - before["magics"] == OURS
    notebook.unload(bare_shell)
    assert state(bare_shell) == before


def test_unloading_stops_runs(shell: InteractiveShell, run: Run, compiled: str) -> None:
    training = shell.user_ns["m"].fit_async(shell.user_ns["X"], shell.user_ns["y"], epochs=100_000, verbose=0)
    notebook.unload(shell)
    assert training.finished and training.status == "stopped"


def test_load_unload_reload_through_magics(bare_shell: InteractiveShell) -> None:
    # the first use of an extension makes IPython load magics of its own
    bare_shell.run_line_magic("load_ext", "kmagic")
    bare_shell.run_line_magic("unload_ext", "kmagic")
    before = state(bare_shell)
    for command in ("%load_ext kmagic", "%load_ext kmagic", "%reload_ext kmagic"):
        assert bare_shell.run_cell(command).error_in_exec is None
        assert magics(bare_shell) - before["magics"] == OURS
        assert len(bare_shell.Completer.custom_matchers) == len(before["matchers"]) + 1
    bare_shell.run_cell("%unload_ext kmagic")
    assert state(bare_shell) == before


def test_autoload_through_configuration(tmp_path: Path) -> None:
    settings = tmp_path / "profile_default"
    settings.mkdir()
    (settings / "ipython_config.json").write_text(json.dumps({"InteractiveShellApp": {"extensions": ["kmagic"]}}))
    command = [sys.executable, "-m", "IPython", f"--ipython-dir={tmp_path}", "--no-banner", "-c", "%kfit -h"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "%kfit model x [y] [options]" in done.stdout, done.stderr


def test_loading_is_light() -> None:
    """Widgets and matplotlib are loaded with the first panel, parts when somebody names them."""
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell; from traitlets.config import Config; "
        "settings = Config(); settings.HistoryManager.enabled = False; "
        "InteractiveShell.instance(config=settings).run_line_magic('load_ext', 'kmagic'); "
        "print({'ipywidgets', 'matplotlib', 'kmagic.optimizers.adam'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()", done.stderr


def test_models_open_their_panel(run: Run, compiled: str) -> None:
    """In a shell that nobody watches it is text; data make the review look at them."""
    assert "%kcompile m --optimizer rmsprop" in run("import kmagic\nm.compile_panel()").text
    assert "✖ error K112: targets are 5 … 6" in run("kmagic.compile_panel(m, X, y + 5)").text
    assert "✖ error K112: targets are 5 … 6" in run("%kcompile m X y+5").text
