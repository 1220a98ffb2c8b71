"""The magics: parse, call, return."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import Bool, Float

from kmagic.notebook import commands, compiling, defining, diagnosing, fitting, predicting
from kmagic.notebook.grammar import Given, Grammar
from kmagic.notebook.messages import short_errors
from kmagic.notebook.session import Session
from kmagic.notebook.words import LineError

Magic = Callable[..., Any]


def follows(grammar: Grammar) -> Callable[[Magic], Magic]:
    """Give a magic its line read by `grammar`, its help, its docstring, and short messages for mistakes."""

    def decorate(magic: Magic) -> Magic:
        @functools.wraps(magic)
        def read_and_call(self: KMagic, line: str, *cell: str | None) -> Any:
            with short_errors(full=self.traceback):
                if grammar.asks_help(line):
                    print(grammar.help())
                    return None
                given = grammar.read(line, self.shell.user_ns)
                return magic(self, given, *cell)

        read_and_call.__doc__ = grammar.help()
        # the lines hold braces of their own: {0: 1.0, 1: 5.0}
        return no_var_expand(read_and_call)

    return decorate


@magics_class
class KMagic(Magics):
    """The magics of one shell, and their settings: `%config KMagic.fps = 12`."""

    fps = Float(8.0, min=0.1, max=60.0, help="Frames a second of the live panel, at most.").tag(config=True)
    traceback = Bool(False, help="Show the whole traceback of a mistake instead of one message.").tag(config=True)

    shell: Any

    def __init__(self, shell: Any, session: Session) -> None:
        super().__init__(shell)
        self.session = session

    @follows(commands.KMODEL)
    @line_cell_magic
    def kmodel(self, given: Given, cell: str | None = None) -> None:
        if cell is None:
            name = given.values["name"]
            expected = f"%%kmodel {name} in the first line, layers below it"
            raise LineError("this is a cell magic", where=f"%kmodel {name}", expected=expected)
        defining.define(self.session, given, cell, self.traceback)

    @follows(commands.KCOMPILE)
    @line_magic
    def kcompile(self, given: Given) -> None:
        compiling.compile_model(self.session, given)

    @follows(commands.KDIAGNOSE)
    @line_magic
    def kdiagnose(self, given: Given) -> Any:
        return diagnosing.diagnose(given)

    @follows(commands.KFIT)
    @line_magic
    def kfit(self, given: Given) -> Any:
        return fitting.fit(self.session, given, self.fps)

    @follows(commands.KEVALUATE)
    @line_magic
    def kevaluate(self, given: Given) -> dict[str, float]:
        fitting.say_if_it_waits(given)
        options = given.only("batch_size", "sample_weight", "steps")
        return given.model.evaluate(given.x, given.y, return_dict=True, verbose=0, **options)

    @follows(commands.KPREDICT)
    @line_magic
    def kpredict(self, given: Given) -> Any:
        return predicting.predict(self.session, given)

    @follows(commands.KSUMMARY)
    @line_magic
    def ksummary(self, given: Given) -> None:
        display(defining.described(given.model, given.name), raw=True)

    @follows(commands.KPLAN)
    @line_magic
    def kplan(self, given: Given) -> None:
        from kmagic.notebook.panels import plan

        plan.show(given.model.plan(**given.only("after", "program", "batch_size")), bool(given.brief))
