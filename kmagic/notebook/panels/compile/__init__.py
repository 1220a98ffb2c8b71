"""The compile panel: choose optimizer, loss and metrics, and see at once whether they suit model and data.

`panel` puts the pieces together, each of which is plain widgets around something that can be tested without a browser:
lists of parts with forms, the learning rate with its picture, metrics found by typing, findings with buttons, code to
copy, the outlook on a training, and the record that a saved notebook keeps. Without a front end `as_text` says it.
"""

from kmagic.notebook.panels.compile.panel import CompilePanel, as_text

__all__ = ["CompilePanel", "as_text"]
