"""Model: compile, fit, evaluate, predict, with Keras's names and semantics."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, Busy, NotCompiled, NotFinite, Unsupported, unknown_argument
from kmagic.callbacks.callback_list import CallbackList
from kmagic.callbacks.history import History
from kmagic.callbacks.progbar_logger import ProgbarLogger, automatic_verbosity
from kmagic.graph.seed import draw_seed
from kmagic.graph.variable import settle
from kmagic.layers.layer import Layer
from kmagic.models import fitting, programs, summary
from kmagic.models.plan import Plan
from kmagic.models.programs import Compiled
from kmagic.models.recipe import Recipe, config_of, make_recipe
from kmagic.models.restoring import restoring
from kmagic.training.events import Event, Listener
from kmagic.training.loop import Fit, Pass, evaluate_events, fit_events, run_steps
from kmagic.training.run import Run
from kmagic.training.sources import ArraySource, as_array

_KEPT = 8  # programs for single batches

# filled in by the notebook floor: opens the compile panel of a model
open_compile_panel: Callable[..., Any] | None = None


class Model(Layer):
    """A layer that can be trained.

    `Sequential` is the usual way to make one. A subclass makes its layers in `__init__` and overrides `call(inputs)`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.stop_training = False
        self.history: Any = None
        self.run: Run | None = None
        self._compiled: Compiled | None = None
        self._opened: dict[Any, tuple[int, Pass]] = {}

    # ---- what it is made of ----

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return list(self._layers())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer with this name, or at this place."""
        if index is not None:
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise BadValue(
            f"no layer {name!r}", where=self.name, expected=f"one of {', '.join(layer.name for layer in self.layers)}"
        )

    def summary(self, print_fn: Callable[[str], None] | None = None) -> None:
        """Print the table of layers."""
        (print_fn or print)(summary.as_text(self, self.layers))

    def _repr_html_(self) -> str:
        return summary.as_html(self, self.layers)

    # ---- compile ----

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int | str = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose optimizer, loss and metrics: names, objects or functions.

        A name gives a fresh optimizer; the same object keeps what it has learned. Weights stay. The model is always
        compiled and the engine chooses how many steps it runs in one call, so `jit_compile`, `steps_per_execution` and
        `auto_scale_loss` are accepted and change nothing.
        """
        self._refuse_while_training("compile")
        if run_eagerly or loss_weights is not None:
            what = "run_eagerly" if run_eagerly else "loss_weights"
            raise Unsupported(f"{what} is not there yet", where="compile", expected=f"compile() without {what}")
        recipe = make_recipe(optimizer, loss, metrics, weighted_metrics)
        self._compiled = Compiled.of(recipe)
        self._opened = {}

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    @property
    def recipe(self) -> Recipe | None:
        """What `compile` chose."""
        return self._compiled.recipe if self._compiled else None

    @property
    def optimizer(self) -> Any:
        """The optimizer object, None before `compile`."""
        return self._compiled.optimizer if self._compiled else None

    @property
    def loss(self) -> Any:
        """The loss as it was chosen."""
        return self._compiled.recipe.loss if self._compiled else None

    @property
    def metrics(self) -> list[Any]:
        """The metric objects, the loss tracker first."""
        if self._compiled is None:
            return []
        return [self._compiled.loss_tracker, *(self._compiled.metrics or ()), *(self._compiled.weighted or ())]

    @property
    def metrics_names(self) -> list[str]:
        """The names of logs."""
        return ["loss", *((self._compiled.names if self._compiled else None) or ())]

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` chose, as plain data."""
        recipe = self._needs_compile("get_compile_config").recipe
        return {
            "optimizer": config_of(self.optimizer),
            "loss": config_of(recipe.loss),
            "metrics": [config_of(metric) for metric in recipe.metrics],
            "weighted_metrics": [config_of(metric) for metric in recipe.weighted_metrics],
        }

    def compile_panel(self, x: Any = None, y: Any = None) -> Any:
        """Open the panel that chooses optimizer, loss and metrics (in a notebook)."""
        if open_compile_panel is None:
            raise BadValue("no notebook", where="compile_panel", expected="a notebook with %load_ext kmagic")
        return open_compile_panel(self, x, y)

    def _needs_compile(self, where: str) -> Compiled:
        if self._compiled is None:
            raise NotCompiled(
                f"You must call `compile()` before `{where}()`",
                where=self.name,
                fix="model.compile(optimizer='rmsprop', loss='mse')",
            )
        return self._compiled

    def _refuse_while_training(self, what: str) -> None:
        if self.run is not None and not self.run.finished:
            raise Busy(f"{what} while training", where=self.name, expected="a finished run", fix="model.run.stop()")

    def _settle(self) -> None:
        """Wait for runs in other threads that change this model's state, also those of models that share layers."""
        state = [*self.variables, *(self.optimizer.variables if self.optimizer else ())]
        settle(state)
        if self.run is not None and not self.run.finished and not self.run.is_own_thread:
            self.run.wait_or_interrupt()

    # ---- fit ----

    def fit(self, x: Any = None, y: Any = None, **options: Any) -> Any:
        """Train, and return the History; options as in `fit_async`.

        An interrupt ends training at a step edge and is raised again; the history so far stays in `model.history`.
        """
        _check_options(options)
        run = self.fit_async(x, y, **options)
        run.wait_or_interrupt()
        return run.history

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
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        listeners: Iterable[Listener] = (),
    ) -> Run:
        """Start training in a worker thread and return the run; data and choices are checked before.

        `validation_split` takes the last part of the rows; `epochs` is the number of the last epoch, counted from
        `initial_epoch`; `listeners` are called with every event.
        """
        compiled = self._needs_compile("fit")
        self._settle()
        _check_epochs(epochs, initial_epoch)
        rows, held_out = fitting.training_rows(x, y, sample_weight, class_weight, validation_split, validation_data)
        with restoring(self, compiled, compiled.optimizer):
            train, validation = fitting.fit_passes(self, compiled, rows, held_out, batch_size, validation_batch_size)
        history = History()
        hooks = CallbackList([callbacks, *_progress(verbose), history], model=self)
        fit = Fit(
            train=train,
            order=fitting.row_order(draw_seed(), train.source.length, shuffle),
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation=validation,
            validates=_validates(validation_freq),
            every_batch=hooks.wants_batches,
            params={"verbose": verbose, "epochs": epochs, "steps": train.count},
        )
        return self._start(fit, hooks, history, listeners)

    def _start(self, fit: Fit, hooks: CallbackList, history: History, listeners: Iterable[Listener]) -> Run:
        self.stop_training = False

        def events(run: Run) -> Iterator[Event]:
            try:
                yield from fit_events(fit, lambda: run.should_stop or ("callback" if self.stop_training else ""))
            except NotFinite as error:
                if not hooks.forgives(error):
                    raise
                run.stop(error.found)

        trained = self.trainable_variables

        def finish(status: str) -> None:
            if status != "failed":
                self.optimizer.finalize_variable_values(trained)
                hooks.end()

        self.history = history
        self.run = Run(events, history, name=self.name, listeners=[hooks, *listeners], finish=finish)
        for variable in (*self.variables, *self.optimizer.variables):
            variable.owner = self.run
        return self.run.start()

    # ---- evaluate and predict ----

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over data: a number, a list in the order of `metrics_names`, or a dictionary."""
        _level(verbose, "evaluate")
        compiled = self._needs_compile("evaluate")
        self._settle()
        rows = fitting.rows_of(x, y, sample_weight, where="evaluate")
        size = fitting.batch_size_of(batch_size, len(rows.x), "evaluate")
        with restoring(self, compiled, compiled.optimizer):
            over = fitting.evaluate_pass(self, compiled, rows, size, "evaluate")
        hooks = CallbackList(callbacks, model=self)
        hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
        for event in evaluate_events(over, every_batch=hooks.wants_batches):
            hooks(event)
        return _as_results(over.logs(), return_dict)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: str | int = "auto", callbacks: Sequence[Any] | None = None
    ) -> Any:
        """The model's output for each row, as one array."""
        _level(verbose, "predict")
        self._settle()
        features = as_array(x, "x")
        parts: list[Any] = []
        size = fitting.batch_size_of(batch_size, len(features), "predict")
        with restoring(self):
            over = fitting.predict_pass(self, features, size, lambda rows, out: parts.append(out["prediction"].copy()))
        hooks = CallbackList(callbacks, model=self)
        hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
        hooks.on_predict_begin({})
        order = np.arange(len(features))
        for batch in range(over.count):
            hooks.on_predict_batch_begin(batch, {})
            run_steps(over, order, batch, batch + 1, "predict")
            hooks.on_predict_batch_end(batch, {"outputs": parts[-1]})
        hooks.on_predict_end({})
        return np.concatenate(parts)

    def predict_on_batch(self, x: Any) -> Any:
        """The output for one batch."""
        return self.predict(x, batch_size=len(as_array(x, "x")))

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
        return self._on_batch(fitting.train_pass, "train_on_batch", (x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch."""
        return self._on_batch(fitting.evaluate_pass, "test_on_batch", (x, y, sample_weight, None), return_dict)

    def reset_metrics(self) -> None:
        """Forget what was measured."""
        if self._compiled:
            self._compiled.reset()

    def _on_batch(self, make: Callable[..., Pass], where: str, data: tuple[Any, ...], return_dict: bool) -> Any:
        compiled = self._needs_compile(where)
        self._settle()
        x, y, sample_weight, class_weight = data
        rows = fitting.weigh_classes(fitting.rows_of(x, y, sample_weight, where), class_weight, where)
        over = self._pass_for(make, where, compiled, rows)
        over.reset()
        run_steps(over, np.arange(over.source.length), 0, 1, where)
        return _as_results(over.logs(), return_dict)

    def _pass_for(self, make: Callable[..., Pass], where: str, compiled: Compiled, rows: fitting.Rows) -> Pass:
        """The pass for a single batch: an earlier one if nothing that its program depends on has changed.

        Tracing a program for each batch would cost more than running it. Attributes of layers, optimizer and losses
        that are set anew are noticed; a list or dictionary that is changed in place is not.
        """
        source = ArraySource(rows.arrays())
        key = (where, source.specs, fitting.stamp(self, compiled))
        capacity, over = self._opened.get(key, (0, None))
        if over is None or capacity < source.length:
            with restoring(self, compiled, compiled.optimizer):
                over = make(self, compiled, rows, source.length, where)
            if len(self._opened) >= _KEPT:
                self._opened.clear()
            # the first batch builds what the stamp looks at
            self._opened[(where, source.specs, fitting.stamp(self, compiled))] = source.length, over
        else:
            fitting.check(self, compiled, rows, where)
        over.source, over.batch_size = source, source.length
        return over

    # ---- looking at programs ----

    def plan(self, after: str = "place", program: str = "train", batch_size: int = 32) -> Plan:
        """What the compiler makes of this model: one stage of its train, evaluate or predict program."""
        kinds = ("train", "evaluate", "predict")
        if program not in kinds:
            raise BadValue(f"program is {program!r}", where="plan", expected=f"one of {', '.join(kinds)}")
        if not self.built or self.input_shape is None:
            raise BadValue("the model is not built", where=self.name, expected="a known input shape, or a first fit")
        if None in self.input_shape[1:]:
            raise BadValue(f"input {self.input_shape}", where="plan", expected="known sizes but for the batch")
        specs = [(tuple(self.input_shape[1:]), self.dtype)]
        if program == "predict":
            graph = programs.predict_graph(self, specs)
        else:
            # looking must not choose losses, metrics or state for this model
            compiled = Compiled.sketch(self._needs_compile("plan").recipe)
            make = programs.train_graph if program == "train" else programs.evaluate_graph
            graph = make(self, compiled, [*specs, fitting.target_spec(self, compiled.recipe)], False)
        return Plan(programs.program_of(graph)[0], program, after, batch_size)

    @property
    def input_shape(self) -> Any:
        """The shape of inputs, None before it is known."""
        return self._built_input_shape


def _signature_of_fit() -> inspect.Signature:
    """The options of `fit` are those of `fit_async`, listeners aside."""
    signature = inspect.signature(Model.fit_async)
    kept = [parameter for name, parameter in signature.parameters.items() if name != "listeners"]
    return signature.replace(parameters=kept, return_annotation=History)


Model.fit.__signature__ = _signature_of_fit()  # type: ignore[attr-defined]


def _check_options(options: Mapping[str, Any]) -> None:
    """Name an option that `fit` does not have, with the one that was probably meant."""
    known = list(_signature_of_fit().parameters)[1:]
    for name in options:
        if name not in known:
            raise unknown_argument(name, known, "fit")


def _check_epochs(epochs: Any, initial_epoch: Any) -> None:
    for name, value in (("epochs", epochs), ("initial_epoch", initial_epoch)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise BadValue(f"{name} is {value!r}", where="fit", expected="a whole number of at least 0")


def _progress(verbose: str | int) -> list[ProgbarLogger]:
    level = _level(verbose, "fit")
    return [ProgbarLogger(level)] if level else []


def _level(verbose: str | int, where: str) -> int:
    level = automatic_verbosity() if verbose == "auto" else verbose
    if level not in (0, 1, 2):
        raise BadValue(f"verbose is {verbose!r}", where=where, expected="'auto', 0, 1 or 2")
    return int(level)


def _validates(frequency: int | Sequence[int]) -> Callable[[int], bool]:
    if isinstance(frequency, int | np.integer):
        if frequency < 1:
            raise BadValue(f"validation_freq is {frequency}", where="fit", expected="a whole number of at least 1")
        return lambda epoch: (epoch + 1) % frequency == 0
    epochs = set(frequency)
    return lambda epoch: epoch + 1 in epochs


def _as_results(logs: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
