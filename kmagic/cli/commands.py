"""The parser of the command line, and what happens with errors."""

import argparse
import os
import sys
from collections.abc import Sequence

from kmagic.base.errors import KmagicError
from kmagic.cli import doctor, parts, rules, tour

COMMANDS = (tour, parts, rules, doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 when it did its work, 1 after an error, 2 for a wrong command line.

    >>> main(["tour", "--nowhere"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    parser = argparse.ArgumentParser(prog="python -m kmagic", description="Keras-style models in Jupyter.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.declare(commands)
    chosen = parser.parse_args(arguments)
    try:
        return chosen.run(chosen)
    except KmagicError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # whoever reads has seen enough (`| head`); what is left must not be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
