"""The extension in one shell: what is put in when it is loaded, and taken out when it is unloaded."""

from __future__ import annotations

from typing import Any

from kmagic.models import compilable
from kmagic.notebook import commands, compiling, fitting
from kmagic.notebook.completion import Completion
from kmagic.notebook.magics import KMagic
from kmagic.notebook.messages import short_errors
from kmagic.notebook.namespace import models_in
from kmagic.notebook.session import Session
from kmagic.training.run import Run


def with_a_body(lines: list[str]) -> list[str]:
    """A `%%kmodel` line alone in its cell gets an empty line below it.

    IPython hands no cell without a body to a cell magic, which then could not even show its help.
    """
    written = [line for line in lines if line.strip()]
    if len(written) == 1 and written[0].split()[0] == commands.KMODEL.magic:
        return [written[0].rstrip("\n") + "\n", "\n"]
    return lines


# keeps IPython's terminal waiting for the lines below
with_a_body.has_side_effects = True  # type: ignore[attr-defined]


class Extension:
    """Magics, completion, the display of runs, and the hook for panels."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.session = Session(shell)
        self.completion = Completion(shell)
        self.magics = KMagic(shell, self.session)

    def install(self) -> None:
        """Put all of it in."""
        self.shell.register_magics(self.magics)
        self._transformers.insert(0, with_a_body)
        self.completion.install()
        self.shell.events.register("post_run_cell", self.session.after_cell)
        if self.session.kernel is not None:
            self._formatter.for_type(Run, self._show_run)
        compilable.open_compile_panel = self.open_panel

    def remove(self) -> None:
        """Stop runs and take all of it out."""
        self.session.close()
        self.shell.events.unregister("post_run_cell", self.session.after_cell)
        self._formatter.pop(Run, None)
        # with two shells in one process, that of the other stays
        if compilable.open_compile_panel == self.open_panel:
            compilable.open_compile_panel = None
        self.completion.remove()
        self.shell.configurables.remove(self.magics)
        for magic in commands.COMMANDS:
            for kind in ("cell", "line"):
                self.shell.magics_manager.magics[kind].pop(magic.lstrip("%"), None)
        self._transformers[:] = [transform for transform in self._transformers if transform is not with_a_body]
        self.shell.magics_manager.registry.pop(type(self.magics).__name__, None)

    @property
    def _transformers(self) -> list[Any]:
        return self.shell.input_transformers_cleanup

    @property
    def _formatter(self) -> Any:
        return self.shell.display_formatter.ipython_display_formatter

    def _show_run(self, run: Any) -> None:
        """How a cell shows a run that it gives: not at all where its panel has just been shown."""
        if not self.session.shows_already(run):
            fitting.show(run)

    def open_panel(self, chosen: Any, x: Any = None, y: Any = None) -> None:
        """The compile panel of a model, under the name that the user gave it; with data, they are reviewed too."""
        names = [name for name, value in models_in(self.session.namespace).items() if value is chosen]
        with short_errors(full=self.magics.traceback):
            compiling.open_panel(self.session, chosen, names[0] if names else chosen.name, (x, y))
