"""`python -m kmagic`: the command line."""

import sys

from kmagic.cli import main

if __name__ == "__main__":
    sys.exit(main())
