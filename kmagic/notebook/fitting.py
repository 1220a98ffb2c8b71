"""Train from a magic line: start a run, and show it in the way that suits who watches."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from kmagic.base.errors import BadValue
from kmagic.notebook.diagnosing import FIT, admit, as_text, names_of
from kmagic.notebook.grammar import Given
from kmagic.notebook.session import Session
from kmagic.training.sources import is_stream

OPTIONS = (
    "epochs", "batch_size", "validation_split", "validation_data", "class_weight", "sample_weight", "initial_epoch",
    "steps_per_epoch", "validation_steps",
)  # fmt: skip


def fit(session: Session, given: Given, fps: float) -> Any:
    """`%kfit`: the run, at once where a panel can show it, else when it is over."""
    waits = given.block or not session.is_watched
    if given.quiet or not session.is_watched:
        run = start(session, given)
        return finished(session, run, quiet=bool(given.quiet)) if waits else run
    return _shown(session, given, fps, waits)


def start(session: Session, given: Given, *listeners: Any) -> Any:
    """Start the run that a line describes."""
    _refuse_no_epochs(given)
    say_if_it_waits(given)
    options = given.only(*OPTIONS)
    if given.callbacks is not None:
        several = isinstance(given.callbacks, list | tuple)
        options["callbacks"] = list(given.callbacks) if several else [given.callbacks]
    if given.no_shuffle:
        options["shuffle"] = False
    gives_batches = is_stream(given.x)  # they are looked at as they come
    if given.model.compiled and not gives_batches:
        looked_at = (*FIT, "shuffle")
        admit(given, "%kfit", {title: value for title, value in options.items() if title in looked_at})
    # a terminal has the progress line of `fit`; in a notebook the panel or the figure takes its place
    options["verbose"] = 0 if given.quiet or session.kernel is not None else "auto"
    validate = "error" if gives_batches and not given.force else False
    run = given.model.fit_async(given.x, given.y, listeners=listeners, validate=validate, watches=True, **options)
    run.name = given.name
    session.started(run)
    return run


def _refuse_no_epochs(given: Given) -> None:
    first, last = given.initial_epoch or 0, 1 if given.epochs is None else given.epochs
    if first >= last:
        raise BadValue(f"nothing to train: --initial-epoch {first} is not below --epochs {last}", where="%kfit")


def say_if_it_waits(given: Given) -> None:
    """Tell why nothing happens yet, where the model is still training."""
    run = given.model.run
    if run is not None and not run.finished:
        print(f"waiting for the run of {given.name} to end…", flush=True)


def _shown(session: Session, given: Given, fps: float, waits: bool) -> Any:
    from kmagic.notebook.panels.live import LivePanel

    panel = LivePanel(given.name, fps, can_stop=not waits, names=names_of(given))
    try:
        run = start(session, given, panel)
    except BaseException:
        panel.close()
        raise
    panel.show(run)
    session.has_shown(run)
    return finished(session, run, quiet=True) if waits else run


def finished(session: Session, run: Any, quiet: bool) -> Any:
    """Wait for a run, show what stays of it unless `quiet`, and raise what ended it."""
    run.wait()
    session.has_shown(run)
    # a terminal has seen the progress line, and has no use for pictures
    if not quiet and session.kernel is not None:
        show(run)
    elif not quiet and run.findings:
        print(as_text(run.findings, {"model": run.name}))
    if run.error is not None:
        raise run.error
    return run


def show(run: Any) -> None:
    """Show a run as it is now."""
    from kmagic.notebook.panels import still

    for data, metadata in still.of_run(run):
        display(data, metadata=metadata, raw=True)
