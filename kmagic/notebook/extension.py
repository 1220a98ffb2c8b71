"""The extension in one shell: what is put in when it is loaded, and taken out when it is unloaded."""

from __future__ import annotations

from typing import Any

from kmagic.notebook import commands, compiling, fitting
from kmagic.notebook.completion import Completion
from kmagic.notebook.magics import KMagic
from kmagic.notebook.namespace import models_in
from kmagic.notebook.session import Session


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
        self.completion.install()
        self._formatter.for_type_by_name("kmagic.training.run", "Run", self._show_run)

    def remove(self) -> None:
        """Stop runs and take all of it out."""
        self.session.close()
        self._formatter.pop("kmagic.training.run.Run", None)
        self.completion.remove()
        self.shell.configurables.remove(self.magics)
        for magic in commands.COMMANDS:
            kind = "cell" if magic.startswith("%%") else "line"
            self.shell.magics_manager.magics[kind].pop(magic.lstrip("%"), None)
        self.shell.magics_manager.registry.pop(type(self.magics).__name__, None)

    @property
    def _formatter(self) -> Any:
        return self.shell.display_formatter.ipython_display_formatter

    def _show_run(self, run: Any) -> None:
        """How a cell shows a run that it gives: not at all where its panel has just been shown."""
        if not self.session.shows_already(run):
            fitting.show(run)

    def open_panel(self, model: Any) -> None:
        """The compile panel of a model, under the name that the user gave it."""
        names = [name for name, value in models_in(self.session.namespace).items() if value is model]
        compiling.open_panel(self.session, model, names[0] if names else model.name)
