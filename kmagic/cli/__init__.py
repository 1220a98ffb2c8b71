"""The command line: `python -m kmagic tour | parts | doctor`, one file per command.

A command file has `declare`, which adds it to the parser, and `run`, which does it and gives the exit status. What
needs an extra is imported when the command runs.
"""

from kmagic.cli.commands import main

__all__ = ["main"]
