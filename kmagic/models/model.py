"""Model: compile, fit, evaluate, predict, with Keras's names and semantics."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, Busy, NotCompiled, NotFinite
from kmagic.base.trees import filled, leaves, mapped
from kmagic.callbacks.callback_list import CallbackList
from kmagic.callbacks.history import History
from kmagic.graph.seed import draw_seed
from kmagic.graph.variable import settle
from kmagic.layers.layer import Layer, known
from kmagic.models import fitting, summary
from kmagic.models.admission import admitted, batch_pass
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import Case, Options, admit, check_validate, tell
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.network import Network
from kmagic.models.options import (
    Choice,
    check_epochs,
    check_names,
    group_of,
    progress,
    refuse_own_steps,
    validates,
    verbosity,
)
from kmagic.models.plan import Plan, plan_of
from kmagic.models.preparation import Preparation
from kmagic.models.recipe import Recipe, arguments_of, check_outputs, checked, config_of, make_recipe
from kmagic.models.restoring import restoring
from kmagic.models.rows import Rows, features_of, rows_of, weigh_classes
from kmagic.models.single_batches import SingleBatches, snapshot
from kmagic.optimizers.carrying import carry_over
from kmagic.training.clock import EpochClock
from kmagic.training.events import Event, Listener
from kmagic.training.loop import Fit, Pass, evaluate_events, fit_events, run_steps
from kmagic.training.run import Run
from kmagic.training.sources import ArraySource

# filled in by the notebook floor: opens the compile panel of a model
open_compile_panel: Callable[..., Any] | None = None


def compile_panel(model: Model, x: Any = None, y: Any = None) -> Any:
    """Open the panel that chooses a model's optimizer, loss and metrics (in a notebook); data are looked at too."""
    if open_compile_panel is None:
        raise BadValue("no notebook", where="compile_panel", expected="a notebook with %load_ext kmagic")
    return open_compile_panel(model, x, y)


class Model(Layer):
    """A layer that can be trained.

    `Sequential` is the usual way to make one. `Model(inputs, outputs)` joins symbols: those of `Input(...)` and what
    layers called on them give, alone, in lists or in dictionaries. A subclass makes its layers in `__init__` and
    overrides `call(inputs)`.

    >>> from kmagic.layers import Dense, Input
    >>> x = Input(shape=(4,))
    >>> model = Model(x, [Dense(1, name="price")(x), Dense(3, name="kind")(x)])
    >>> model.output_names, model.count_params()
    (['price', 'kind'], 20)
    """

    # what is done to the user's data on their way to the model
    preparation = Preparation()

    def __init__(self, inputs: Any = None, outputs: Any = None, **options: Any) -> None:
        super().__init__(**options)
        if (inputs is None) != (outputs is None):
            raise BadValue("one of inputs and outputs is missing", where="Model", fix="Model(inputs, outputs)")
        self._network = Network(inputs, outputs, self.name) if inputs is not None else None
        self._network_layers = self._network.layers if self._network else []
        if self._network:
            self.built = True
            self.output_shape = mapped(lambda symbol: known(symbol.shape), outputs)
        self.stop_training = False
        self.history: Any = None
        self.run: Run | None = None
        self.clock: EpochClock | None = None
        self._compiled: Compiled | None = None
        self._validate: Any = "warn"
        self._told: frozenset[str] = frozenset()  # the codes of what compile warned of
        self._opened = SingleBatches()

    def __getstate__(self) -> dict[str, Any]:
        # a copy has no run of its own yet
        return {**vars(self), "run": None, "_opened": SingleBatches()}

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

    def call(self, inputs: Any) -> Any:
        """The output for these inputs; subclasses override it."""
        if self._network is None:
            raise NotImplementedError(f"{type(self).__name__} has no call(inputs)")
        return self._network(inputs)

    @property
    def input(self) -> Any:
        """The symbols of the inputs."""
        return self._network.inputs if self._network else super().input

    @property
    def output(self) -> Any:
        """The symbols of the outputs."""
        return self._network.outputs if self._network else super().output

    @property
    def inputs(self) -> list[Any]:
        """The symbols of the inputs, as a list; empty while they are not known."""
        return self._network.flat_inputs if self._network else []

    @property
    def outputs(self) -> list[Any]:
        """The symbols of the outputs, as a list; empty while they are not known."""
        return self._network.flat_outputs if self._network else []

    @property
    def input_names(self) -> list[str] | None:
        """A name for each input, None while they are not known."""
        return self._network.input_names if self._network else None

    @property
    def output_names(self) -> list[str] | None:
        """A name for each output, None while they are not known."""
        return self._network.output_names if self._network else None

    @property
    def _names(self) -> tuple[list[str] | None, list[str] | None]:
        return self.input_names, self.output_names

    def arrange(self, x: Any) -> list[Any]:
        """Arrays for the inputs, in the order of `inputs`."""
        return self._network.matched(x) if self._network else leaves(x)

    @property
    def input_shape(self) -> Any:
        """The shape of inputs, None before it is known."""
        if self._network:
            return mapped(lambda symbol: known(symbol.shape), self._network.inputs)
        return self._built_input_shape

    def reconnect(self, starts: Sequence[Any] | None = None, instead: Mapping[Layer, Any] | None = None) -> None:
        """Connect the layers anew, after some of them have changed.

        `starts` are symbols in place of the inputs, `instead` says what is called in a layer's place.
        """
        self.refuse_while_training("reconnect")
        self._opened = SingleBatches()
        network = self._network
        if network is not None:
            outputs = network(network.inputs if starts is None else filled(network.inputs, starts), instead or {})
            self._connected(Network(network.inputs, outputs, self.name))

    def _connected(self, network: Network) -> None:
        self._network = network
        self._network_layers = network.layers
        self.output_shape = mapped(lambda symbol: known(symbol.shape), network.outputs)

    def reshape_input(self, shape: Sequence[int | None], place: int = 0) -> None:
        """Take rows of another shape at an input; layers whose weights do not fit get fresh ones."""
        self.refuse_while_training("reshape_input")
        self._opened = SingleBatches()
        if self._network is not None:
            self._connected(self._network.taking(shape, place))

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
        *,
        validate: str | bool = "warn",
        keep_optimizer_state: bool = False,
    ) -> None:
        """Choose optimizer, loss and metrics: names, objects or functions.

        A name gives a fresh optimizer; the same object keeps what it has learned, and with `keep_optimizer_state` a new
        one goes on where the one before it is (of another class: with its number of updates). Weights stay. For several
        outputs `loss`, `loss_weights`, `metrics` and `weighted_metrics` are lists in their order or dictionaries by
        their names. With `run_eagerly` each step runs your code line by line, for prints and debuggers. Otherwise the
        engine compiles always and chooses how many steps it runs in one call: `jit_compile` changes nothing, and
        `steps_per_execution` is how many steps a callback that looks at batches sees as one.

        Mistakes that `kmagic.diagnose` knows are looked for here and in `fit`: with `validate='warn'` those that make
        the computation meaningless are raised and others warn, with 'error' every error is raised, with False none.
        """
        self.refuse_while_training("compile")
        refuse_own_steps(type(self))
        check_validate(validate, "compile")
        chosen = make_recipe(
            optimizer,
            loss,
            metrics,
            weighted_metrics,
            loss_weights=loss_weights,
            run_eagerly=bool(run_eagerly),
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=auto_scale_loss,
        )
        check_outputs(chosen, self.output_names)
        # without a loss it takes data to tell whether layers add some
        self._told = tell(admit(Case(self, chosen), validate, "compile") if chosen.loss is not None else [])
        self._validate = validate
        before, self._compiled = self.optimizer, Compiled.of(chosen)
        if keep_optimizer_state and before is not None:
            carry_over(before, self.optimizer, self.trainable_variables)
        self._opened = SingleBatches()

    def adopt(self, recipe: Recipe) -> None:
        """Be compiled with a recipe that somebody has looked at, as a fix has; what is chosen beside it stays.

        With the recipe that the model has, the optimizer goes on where it is, if the weights are still its own.
        """
        self.refuse_while_training("compile")
        compiled, self._opened = self._compiled, SingleBatches()
        if compiled and recipe is compiled.recipe and compiled.optimizer.suits(self.trainable_variables):
            compiled.terms = compiled.measures = None  # they fit what the model gave before
        else:
            self._compiled = Compiled.of(checked(recipe))

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile` as plain data, for `compile_from_config`."""
        return config_of(self._needs_compile("get_compile_config").recipe, self.optimizer)

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile as `get_compile_config` described it; an optimizer gets its options, not what it had learned."""
        self.compile(**arguments_of(config))

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    @property
    def recipe(self) -> Recipe | None:
        """What `compile` chose."""
        return self._compiled.recipe if self._compiled else None

    run_eagerly = Choice("Whether steps run line by line.")
    steps_per_execution = Choice("How many steps a callback that looks at batches sees as one.")
    jit_compile = Choice("What `compile` was given; the engine compiles always.")

    def _change(self, title: str, value: Any) -> None:
        """Change one choice of `compile` and keep the others, with everything that was learned."""
        self.refuse_while_training(title)
        compiled = self._needs_compile(title)
        compiled.recipe = checked(replace(compiled.recipe, **{title: value}))
        compiled.measures = None  # metrics of the user's own are met in another way line by line
        self._opened = SingleBatches()

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
        return list(self._compiled.trackers) if self._compiled else []

    @property
    def metrics_names(self) -> list[str]:
        """The names of logs."""
        return self._compiled.names if self._compiled else ["loss"]

    def compile_panel(self, x: Any = None, y: Any = None) -> Any:
        """Open the panel that chooses optimizer, loss and metrics (in a notebook); data are looked at too."""
        return compile_panel(self, x, y)

    def _needs_compile(self, where: str) -> Compiled:
        if self._compiled is None:
            raise NotCompiled(
                f"You must call `compile()` before `{where}()`",
                where=self.name,
                fix="model.compile(optimizer='rmsprop', loss='mse')",
            )
        return self._compiled

    def refuse_while_training(self, what: str) -> None:
        """Raise Busy where a run has not ended."""
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
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        validate: str | bool | None = None,
        listeners: Iterable[Listener] = (),
        watches: bool | None = None,
    ) -> Run:
        """Start training in a worker thread and return the run; data and choices are checked before.

        `validation_split` takes the last part of the rows; `epochs` is the number of the last epoch, counted from
        `initial_epoch`; `validate` is as in `compile`, whose it is by default; `listeners` are called with every event.
        A training that is watched (`watches`; by default unless `validate` is False) is stopped when it explodes, and
        what else goes wrong is found in `run.findings`.
        """
        compiled = self._needs_compile("fit")
        self._settle()
        check_epochs(epochs, initial_epoch)
        options = Options(
            batch_size, epochs, validation_split, validation_data, shuffle, class_weight, sample_weight, callbacks
        )
        hooks, frequency = CallbackList.of(callbacks, self, progress(verbose)), validates(validation_freq)
        train, validation, watch = admitted(self, compiled, x, y, options, validation_batch_size, validate, watches)
        fit = Fit(
            train=train,
            order=fitting.row_order(draw_seed(), train.source.length, shuffle),
            epochs=epochs,
            initial_epoch=initial_epoch,
            validation=validation,
            validates=frequency,
            group=group_of(hooks, compiled.recipe),
            params={"verbose": verbose, "epochs": epochs, "steps": train.count},
        )
        return self._start(fit, hooks, listeners, watch)

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
            if status == "failed":
                hooks.broke_off()
            else:
                self.optimizer.finalize_variable_values(trained)
                hooks.end()

        self.clock = EpochClock(fit.train.batch_size, fit.train.count)
        changed = [*self.variables, *self.optimizer.variables]
        listeners = [self.clock, hooks, *listeners]
        run = Run(events, history, name=self.name, listeners=listeners, finish=finish, changed=changed)
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
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over data: a number, a list in the order of `metrics_names`, or a dictionary."""
        verbosity(verbose, "evaluate")
        compiled = self._needs_compile("evaluate")
        self._settle()
        x, y, sample_weight = self.preparation.data(x, y, sample_weight, names=self._names)
        given = rows_of(self, x, y, sample_weight, where="evaluate")
        size = fitting.batch_size_of(batch_size, len(given), "evaluate")
        with restoring(self, compiled, compiled.optimizer):
            fitting.check(self, compiled, given, "evaluate", self._validate is not False)
            over = fitting.evaluate_pass(self, compiled, given, size, "evaluate")
        hooks = CallbackList.of(callbacks, self)
        hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
        with hooks.told_of_errors():
            for event in evaluate_events(over, group=group_of(hooks, compiled.recipe)):
                hooks(event)
        return _as_results(compiled, return_dict)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: str | int = "auto", callbacks: Sequence[Any] | None = None
    ) -> Any:
        """The model's output for each row: one array, or arrays in the lists or dictionaries that the model gives."""
        verbosity(verbose, "predict")
        self._settle()
        features = features_of(self, self.preparation.features(x, self.input_names), "predict")
        length = len(leaves(features)[0])
        parts: list[Any] = []
        size = fitting.batch_size_of(batch_size, length, "predict")
        eagerly = self.recipe is not None and self.recipe.run_eagerly
        with restoring(self):
            over = fitting.predict_pass(self, features, size, eagerly, lambda rows, output: parts.append(output))
        hooks = CallbackList.of(callbacks, self)
        hooks.set_params({"verbose": verbose, "epochs": 1, "steps": over.count})
        with hooks.told_of_errors():
            hooks.on_predict_begin({})
            order = np.arange(length)
            for batch in range(over.count):
                hooks.on_predict_batch_begin(batch, {})
                run_steps(over, order, batch, batch + 1, "predict")
                hooks.on_predict_batch_end(batch, {"outputs": parts[-1]})
            hooks.on_predict_end({})
        joined = [np.concatenate(pieces) for pieces in zip(*map(leaves, parts), strict=True)]
        return self.preparation.answers(filled(parts[0], joined))

    def predict_on_batch(self, x: Any) -> Any:
        """The output for one batch."""
        return self.predict(x, batch_size=len(leaves(self.preparation.features(x, self.input_names))[0]))

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
        return self._on_batch(batch_pass, "train_on_batch", (x, y, sample_weight, class_weight), return_dict)

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
        x, y, sample_weight, by_label = data
        x, y, sample_weight = self.preparation.data(x, y, sample_weight, names=self._names)
        class_weight = self.preparation.class_numbers(by_label)
        given = weigh_classes(rows_of(self, x, y, sample_weight, where), class_weight, where)
        over = self._pass_for(make, where, compiled, given)
        over.reset()
        run_steps(over, np.arange(over.source.length), 0, 1, where)
        return _as_results(compiled, return_dict)

    def _pass_for(self, make: Callable[..., Pass], where: str, compiled: Compiled, given: Rows) -> Pass:
        """The pass for a single batch: an earlier one if nothing that its program depends on has changed."""
        source = ArraySource(given.arrays())
        key = (where, source.specs, tuple(given.form.labels))
        over = self._opened.find(key, source.length, snapshot(self, compiled))
        if over is None:
            with restoring(self, compiled, compiled.optimizer):
                fitting.check(self, compiled, given, where, self._validate is not False)
                over = make(self, compiled, given, source.length, where)
            # the first batch builds what the snapshot looks at
            self._opened.keep(key, source.length, snapshot(self, compiled), over)
        else:
            fitting.check(self, compiled, given, where, self._validate is not False)
        over.source, over.batch_size = source, source.length
        return over

    # ---- looking at programs ----

    def plan(self, after: str = "place", program: str = "train", batch_size: int = 32) -> Plan:
        """What the compiler makes of this model: one stage of its train, evaluate or predict program."""
        return plan_of(self, self._compiled, program, after, batch_size)


def _signature_of_fit() -> inspect.Signature:
    """The options of `fit` are those of `fit_async`, but for what looks on."""
    signature = inspect.signature(Model.fit_async)
    kept = [parameter for name, parameter in signature.parameters.items() if name not in ("listeners", "watches")]
    return signature.replace(parameters=kept, return_annotation=History)


Model.fit.__signature__ = _signature_of_fit()  # type: ignore[attr-defined]


def _as_results(compiled: Compiled, return_dict: bool) -> Any:
    logs = compiled.logs()
    if return_dict:
        return logs
    values = [logs[name] for name in compiled.names]
    return values[0] if len(values) == 1 else values
