"""Compilable: what `compile` chooses for a model, how it is looked up, changed and written down."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kmagic.base.errors import BadValue, Busy, NotCompiled
from kmagic.graph.variable import settle
from kmagic.layers.layer import Layer
from kmagic.models.compiled import Compiled, in_force
from kmagic.models.diagnosis import Case, admit, check_validate, tell
from kmagic.models.options import Choice
from kmagic.models.own import check_steps, overrides, trained_state
from kmagic.models.recipe import Recipe, arguments_of, check_outputs, checked, config_of, make_optimizer, make_recipe
from kmagic.models.single_batches import SingleBatches
from kmagic.optimizers.carrying import carry_over
from kmagic.training.run import Run

# filled in by the notebook floor: opens the compile panel of a model
open_compile_panel: Callable[..., Any] | None = None


def compile_panel(model: Compilable, x: Any = None, y: Any = None) -> Any:
    """Open the panel that chooses a model's optimizer, loss and metrics (in a notebook); data are looked at too."""
    if open_compile_panel is None:
        raise BadValue("no notebook", where="compile_panel", expected="a notebook with %load_ext kmagic")
    return open_compile_panel(model, x, y)


class Compilable(Layer):
    """A layer with an optimizer, losses and metrics."""

    left_behind: tuple[str, ...] = ("_compiled", "_opened", "run")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.run: Run | None = None
        self._compiled: Compiled | None = None
        self._validate: Any = "warn"
        self._told: frozenset[str] = frozenset()  # the codes of what compile warned of
        self._opened = SingleBatches()

    @property
    def output_names(self) -> list[str] | None:
        """A name for each output, None while they are not known."""
        return None

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
        `steps_per_execution` is how many steps a callback that looks at batches sees as one. Under the policy
        'mixed_float16' the optimizer is put into a LossScaleOptimizer, unless `auto_scale_loss` is False.

        Mistakes that `kmagic.diagnose` knows are looked for here and in `fit`: with `validate='warn'` those that make
        the computation meaningless are raised and others warn, with 'error' every error is raised, with False none.
        """
        self.refuse_while_training("compile")
        check_steps(self)
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
        before, self._compiled = self.optimizer, Compiled.of(chosen, self.dtype_policy.name)
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
            self._compiled = Compiled.of(checked(recipe), self.dtype_policy.name)

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile` as plain data, for `compile_from_config`."""
        return config_of(self._needs_compile("get_compile_config").recipe, self.optimizer)

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile as `get_compile_config` described it; an optimizer gets its options, not what it had learned.

        A class with a `compile` of its own says itself what it needs, by overriding both.
        """
        if overrides(self, "compile"):
            warnings.warn(
                f"{type(self).__name__} has a compile() of its own and is not compiled: call it, or override "
                "get_compile_config() and compile_from_config(config)",
                stacklevel=2,
            )
            return
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
        compiled = in_force(self)
        return compiled.optimizer if compiled else None

    @optimizer.setter
    def optimizer(self, value: Any) -> None:
        self._change("optimizer", value)
        self._needs_compile("optimizer").optimizer = make_optimizer(value)

    @property
    def loss(self) -> Any:
        """The loss as it was chosen."""
        compiled = in_force(self)
        return compiled.recipe.loss if compiled else None

    def compile_panel(self, x: Any = None, y: Any = None) -> Any:
        """Open the panel that chooses optimizer, loss and metrics (in a notebook); data are looked at too."""
        return compile_panel(self, x, y)

    def _needs_compile(self, where: str) -> Compiled:
        compiled = in_force(self)
        if compiled is None:
            raise NotCompiled(
                f"You must call `compile()` before `{where}()`",
                where=self.name,
                fix="model.compile(optimizer='rmsprop', loss='mse')",
            )
        return compiled

    def refuse_while_training(self, what: str) -> None:
        """Raise Busy where a run has not ended."""
        if self.run is not None and not self.run.finished:
            raise Busy(f"{what} while training", where=self.name, expected="a finished run", fix="model.run.stop()")

    def _settle(self) -> None:
        """Wait for runs in other threads that change this model's state, also those of models that share layers."""
        settle(trained_state(self))
        if self.run is not None and not self.run.finished and not self.run.is_own_thread:
            self.run.wait_or_interrupt()
