"""What kmagic keeps for one kernel: the runs it started, who watches, and what an interrupt does."""

from __future__ import annotations

import os
import weakref
from typing import Any

from kmagic.notebook.namespace import models_in


class Session:
    """One kernel (or terminal) with the extension loaded."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.interrupt = Interrupt(self)
        self._started: weakref.WeakSet[Any] = weakref.WeakSet()
        self._shown: tuple[Any, int] | None = None
        self.panels: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def namespace(self) -> dict[str, Any]:
        """The user's variables."""
        return self.shell.user_ns

    @property
    def kernel(self) -> Any:
        """The Jupyter kernel, None in a terminal."""
        return getattr(self.shell, "kernel", None)

    @property
    def is_watched(self) -> bool:
        """Whether somebody sees and clicks widgets: a notebook that is open, not one that a program executes.

        JupyterLab and Notebook name the session; VS Code and Colab leave their own marks. A program such as nbclient
        says that nobody can type an answer.
        """
        if self.kernel is None:
            return False
        marked = "JPY_SESSION_NAME" in os.environ or "COLAB_RELEASE_TAG" in os.environ
        named = marked or "__vsc_ipynb_file__" in self.namespace
        return named and bool(getattr(self.kernel, "_allow_stdin", True))

    def started(self, run: Any) -> None:
        """Remember a run, so that an interrupt and unloading stop it."""
        self._started.add(run)
        self.interrupt.install()

    def has_shown(self, run: Any) -> None:
        """Note that the cell that runs now shows `run` already."""
        self._shown = weakref.ref(run), self.shell.execution_count

    def shows_already(self, run: Any) -> bool:
        """Whether the cell that runs now has shown `run`, so that giving it need not show it again."""
        if self._shown is None:
            return False
        shown, cell = self._shown
        return shown() is run and cell == self.shell.execution_count

    def after_cell(self, result: Any) -> None:
        """Have panels look again: the cell may have changed what they are about."""
        for panel in list(self.panels):
            panel.notice()

    def running(self) -> list[Any]:
        """The runs in progress: those that magics started, and those of the user's models."""
        of_models = {model.run for model in models_in(self.namespace).values() if model.run is not None}
        return [run for run in {*self._started, *of_models} if not run.finished]

    def stop_runs(self, reason: str) -> None:
        """Ask every run in progress to stop after its step; does not wait."""
        for run in self.running():
            run.stop(reason)

    def close(self) -> None:
        """Stop all runs, wait for their last steps, and give the interrupt back."""
        runs = self.running()
        self.stop_runs("the extension was unloaded")
        for run in runs:
            run.wait()
        self.interrupt.remove()


class Interrupt:
    """Kernel > Interrupt stops training also while no cell runs.

    Between cells ipykernel ignores SIGINT. Before each cell it saves the handler in force and puts it back afterwards;
    so ours is handed to it as the one to put back. Chosen instead of a timer on the kernel's loop, which may fire while
    a cell awaits, when ipykernel's own handler must stay.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._previous: Any = None
        self._installed = False

    def install(self) -> None:
        """Have the handler in force from the end of the running cell on; without a kernel nothing is needed."""
        kernel = self.session.kernel
        if not self._installed and hasattr(kernel, "saved_sigint_handler"):
            self._installed = True
            self._previous = kernel.saved_sigint_handler
            kernel.saved_sigint_handler = self.handle

    def remove(self) -> None:
        """Have the handler in force again that was there before, unless somebody else put in another."""
        if self._installed:
            self._installed = False
            if self.session.kernel.saved_sigint_handler == self.handle:
                self.session.kernel.saved_sigint_handler = self._previous

    def handle(self, number: int, frame: Any) -> None:
        """Stop the runs in progress; with none, do what was done before."""
        runs = self.session.running()
        for run in runs:
            run.stop("interrupt")
        if not runs and callable(self._previous):
            self._previous(number, frame)
