"""Trainer: fit, evaluate and predict, with Keras's names and semantics."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import numpy as np

from kmagic.base.errors import NotFinite
from kmagic.base.trees import filled, leaves
from kmagic.callbacks.callback_list import CallbackList
from kmagic.callbacks.history import History
from kmagic.graph.seed import draw_seed
from kmagic.models import fitting
from kmagic.models.admission import Request, admitted, batch_pass, to_evaluate, to_predict
from kmagic.models.diagnosis import Options, tell
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.measuring import as_results
from kmagic.models.options import check_epochs, check_names, group_of, progress, validates, verbosity
from kmagic.models.own import trained_state
from kmagic.models.preparation import Preparation
from kmagic.models.preparation.step import holds_arrays
from kmagic.models.single_batches import run_batch
from kmagic.models.steps import Steps
from kmagic.models.supply import shuffled
from kmagic.training.clock import EpochClock
from kmagic.training.events import Event, Listener
from kmagic.training.loop import Fit, evaluate_events, fit_events, run_steps
from kmagic.training.run import Run


class Trainer(Steps):
    """A layer that can be trained, and that says what it makes of data."""

    # what is done to the user's data on their way to the model
    preparation = Preparation()
    left_behind: tuple[str, ...] = ("clock", "history", "stop_training")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.stop_training = False
        self.history: Any = None
        self.clock: EpochClock | None = None

    @property
    def input_names(self) -> list[str] | None:
        """A name for each input, None while they are not known."""
        return None

    @property
    def _names(self) -> tuple[list[str] | None, list[str] | None]:
        return self.input_names, self.output_names

    # ---- fit ----

    def fit(self, x: Any = None, y: Any = None, **options: Any) -> Any:
        """Train, and return the History; options as in `fit_async`. Warns of what was noticed meanwhile.

        An interrupt ends training at a step edge and is raised again; the history so far stays in `model.history`.
        """
        check_names(options, list(_signature_of_fit().parameters)[1:])
        run = self.fit_async(x, y, **options)
        run.wait_or_interrupt()
        history = run.history
        tell(history.findings)
        return history

    def fit_async(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[Any, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        validate: str | bool | None = None,
        listeners: Iterable[Listener] = (),
        watches: bool | None = None,
    ) -> Run:
        """Start training in a worker thread and return the run; data and choices are checked before.

        `x` holds arrays, or it gives batches of `(x, y)` or `(x, y, sample_weight)`: a generator, a
        `kmagic.utils.PyDataset`, or whatever can be iterated anew; then neither `y` nor `sample_weight` is given. With
        `steps_per_epoch` an epoch has so many steps, and the next one goes on behind them. `validation_data` may give
        batches too, with `validation_steps`; `validation_split` takes the last part of the rows of arrays.

        `epochs` is the number of the last epoch, counted from `initial_epoch`; `validate` is as in `compile`, whose it
        is by default; `listeners` are called with every event. A training that is watched (`watches`; by default unless
        `validate` is False) is stopped when it explodes, and what else goes wrong is found in `run.findings`.
        """
        compiled = self._needs_compile("fit")
        self._settle()
        check_epochs(epochs, initial_epoch)
        given = Options(batch_size, epochs, validation_split, validation_data, shuffle, class_weight, sample_weight)
        given = replace(given, callbacks=callbacks, steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        hooks, frequency = CallbackList.of(callbacks, self, progress(verbose)), validates(validation_freq)
        order = shuffled(draw_seed(), shuffle)
        asked = Request(order, validation_batch_size, validate, watches)
        group = group_of(hooks, compiled.recipe)
        train, validation, watch = admitted(self, compiled, x, y, given, asked)
        fit = Fit(train, epochs, initial_epoch, frequency, validation, group)
        with ExitStack() as opened:
            opened.callback(fit.close)
            fit.params = {"verbose": verbose, "epochs": epochs, "steps": train.count}
            run = self._start(fit, hooks, listeners, watch)
            opened.pop_all()  # from here on the run lets go of them
        return run

    def _start(self, fit: Fit, hooks: CallbackList, listeners: Iterable[Listener], watch: Watch | None) -> Run:
        self.stop_training = False
        self.history = history = hooks.first_or(History())

        def events(run: Run) -> Iterator[Event]:
            try:
                yield from fit_events(fit, lambda: run.should_stop or ("callback" if self.stop_training else ""))
            except NotFinite as error:
                if hooks.forgives(error):
                    run.stop(error.found)
                elif watch:
                    raise watch.explain(error, fit.train.logs().get("loss")) from None
                else:
                    raise

        trained = self.trainable_variables

        def finish(status: str) -> None:
            fit.close()
            if status == "failed":
                hooks.broke_off()
            else:
                self.optimizer.finalize_variable_values(trained)
                hooks.end()

        self.clock = EpochClock(fit.train.feed.batches.size)
        listeners = [self.clock, hooks, *listeners]
        run = Run(events, history, name=self.name, listeners=listeners, finish=finish, changed=trained_state(self))
        if watch:
            run.listen(watch.of(run))
        self.run = run
        return run.start()

    # ---- evaluate and predict ----

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over data: a number, a list in the order of `metrics_names`, or a dictionary.

        `x` may give batches, as for `fit`; with `steps` only so many are looked at.
        """
        verbosity(verbose, "evaluate")
        compiled = self._needs_compile("evaluate")
        self._settle()
        hooks = CallbackList.of(callbacks, self)
        over = to_evaluate(self, compiled, (x, y, sample_weight), batch_size, steps)
        with closing(over.feed), hooks.told_of_errors():
            hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
            for event in evaluate_events(over, group=group_of(hooks, compiled.recipe)):
                hooks(event)
        return as_results(self, compiled, over.logs(), return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
    ) -> Any:
        """The model's output for each row: one array, or arrays in the lists or dictionaries that the model gives.

        `x` may give batches, of which only the features count; with `steps` only so many are predicted.
        """
        verbosity(verbose, "predict")
        self._settle()
        parts: list[Any] = []
        hooks = CallbackList.of(callbacks, self)
        over = to_predict(self, x, batch_size, steps, lambda rows, output: parts.append(output))
        with closing(over.feed), hooks.told_of_errors():
            hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
            hooks.on_predict_begin({})
            over.feed.begin()
            while rows := over.feed.advance():
                batch = len(parts)
                hooks.on_predict_batch_begin(batch, {})
                run_steps(over, rows, batch, batch + 1, "predict")
                hooks.on_predict_batch_end(batch, {"outputs": parts[-1]})
            over.feed.end()
            hooks.on_predict_end({})
        joined = [np.concatenate(pieces) for pieces in zip(*map(leaves, parts), strict=True)]
        return self.preparation.answers(filled(parts[0], joined))

    def predict_on_batch(self, x: Any) -> Any:
        """The output for one batch."""
        given = self.preparation.features(x, self.input_names)
        return self.predict(x, batch_size=len(leaves(given)[0] if holds_arrays(given) else given))

    # ---- single batches ----

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[Any, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One update on one batch; returns its loss and metrics."""
        return run_batch(self, batch_pass, "train_on_batch", (x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch."""
        return run_batch(self, fitting.evaluate_pass, "test_on_batch", (x, y, sample_weight, None), return_dict)


def _signature_of_fit() -> inspect.Signature:
    """The options of `fit` are those of `fit_async`, but for what looks on."""
    signature = inspect.signature(Trainer.fit_async)
    kept = [parameter for name, parameter in signature.parameters.items() if name not in ("listeners", "watches")]
    return signature.replace(parameters=kept, return_annotation=History)


Trainer.fit.__signature__ = _signature_of_fit()  # type: ignore[attr-defined]
