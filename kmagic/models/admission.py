"""What `fit` does before the first step: look for mistakes, prepare the data, open the programs, call the watch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.models import fitting
from kmagic.models.checks import check, check_features, check_of_stream
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import HELD_OUT, Case, Facts, Finding, Options, admit, tell
from kmagic.models.diagnosis.facts import Shared
from kmagic.models.diagnosis.rules.layers import nothing_to_train
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.restoring import restoring
from kmagic.models.rows import Rows, features_of, refuse_beside_stream, rows_of, split, validation_rows, weigh_classes
from kmagic.models.supply import Order, Supply, batch_features, batch_rows, of_rows, of_stream
from kmagic.models.text_part import reading_once
from kmagic.training.loop import Pass
from kmagic.training.sources import is_stream


@dataclass(frozen=True)
class Request:
    """What `fit` was asked for besides the options that findings depend on.

    `validate` is None for that of `compile`, `watches` where it says whether the training is watched; `order` is that
    of rows or batches in each pass over the data.
    """

    order: Order
    validation_batch_size: int | None = None
    validate: Any = None
    watches: bool | None = None


def admitted(
    model: Any, compiled: Compiled, x: Any, y: Any, options: Options, asked: Request
) -> tuple[Pass, Pass | None, Watch | None]:
    """The passes that train and validate, if nothing speaks against them, and what watches them."""
    validate = model._validate if asked.validate is None else asked.validate
    looks = validate is not False
    entrance = _Entrance(model, compiled, options, asked, validate)
    with contextlib.ExitStack() as opened, restoring(model, compiled, compiled.optimizer), reading_once():
        train = entrance.training(x, y)
        opened.callback(train.feed.close)
        held_out = entrance.held_out(train)
        if held_out:
            opened.callback(held_out.feed.close)
        passes = (
            fitting.train_pass(model, compiled, train),
            fitting.evaluate_pass(model, compiled, held_out, HELD_OUT) if held_out else None,
        )
        tell([finding for finding in entrance.found if finding.code not in model._told])
        watches = looks if asked.watches is None else asked.watches
        watch = Watch(entrance.case(x, y), train.rows) if watches else None
        opened.pop_all()
    return *passes, watch


class _Entrance:
    """Looks at data, prepares them, and makes supplies of them; `found` is what speaks against them, and not enough."""

    def __init__(self, model: Any, compiled: Compiled, options: Options, asked: Request, validate: Any) -> None:
        self.model, self.compiled, self.options, self.asked = model, compiled, options, asked
        self.validate, self._looks = validate, validate is not False
        self.found: list[Finding] = []
        self._split: Rows | None = None

    def case(self, x: Any, y: Any, is_sample: bool = False) -> Case:
        """What is looked at."""
        return Case(self.model, self.compiled.recipe, x, y, self.options, is_sample=is_sample)

    def _look(self, case: Case) -> None:
        self.found += admit(case, self.validate, "fit")

    def training(self, x: Any, y: Any) -> Supply:
        """What the model is trained on."""
        return self._training_stream(x, y) if is_stream(x) else self._training_rows(x, y)

    def _training_rows(self, x: Any, y: Any) -> Supply:
        self._look(self.case(x, y))
        model, options, asked = self.model, self.options, self.asked
        given = rows_of(model, *model.preparation.data(x, y, options.sample_weight, True, model._names))
        if options.validation_data is None and options.validation_split:
            given, self._split = split(given, options.validation_split)
        rows = weigh_classes(given, model.preparation.class_numbers(options.class_weight))
        check_features(model, rows.x, "fit")
        return of_rows(rows, options.batch_size, options.steps_per_epoch, "fit", asked.order, anew=False)

    def _training_stream(self, x: Any, y: Any) -> Supply:
        model, options = self.model, self.options
        refuse_beside_stream(x, y, options.sample_weight)
        if options.validation_split:
            raise BadValue(
                "`validation_split` is only supported for arrays",
                where="fit",
                expected=f"arrays, or validation_data beside a {type(x).__name__}",
                fix="validation_data=other_batches",
            )
        take = batch_rows(
            model,
            model.preparation.class_numbers(options.class_weight),
            training=True,
            look=lambda x, y: self._look(self.case(x, y, is_sample=True)),
            check=check_of_stream(model, self.compiled, "fit", self._looks),
        )
        return of_stream(model, x, take, options.steps_per_epoch, "fit", self.asked.order, anew=False)

    def held_out(self, train: Supply) -> Supply | None:
        """What the model is measured on after epochs."""
        model, options, data = self.model, self.options, self.options.validation_data
        if data is None and self._split is None:
            return None
        if is_stream(data):
            take = batch_rows(model, check=check_of_stream(model, self.compiled, HELD_OUT, self._looks))
            return of_stream(model, data, take, options.validation_steps, HELD_OUT, later=True)
        rows = self._split or validation_rows(model, model.preparation.held_out(data, model._names))
        check(model, self.compiled, rows, HELD_OUT, self._looks)
        size = self.asked.validation_batch_size or options.batch_size
        return of_rows(rows, size, options.validation_steps, HELD_OUT)


# ---- evaluate and predict ----


def to_evaluate(model: Any, compiled: Compiled, data: tuple[Any, Any, Any], size: Any, steps: Any) -> Pass:
    """The pass that measures x, y and weights of samples."""
    x, y, sample_weight = data
    looks = model._validate is not False
    with contextlib.ExitStack() as opened, restoring(model, compiled, compiled.optimizer):
        if is_stream(x):
            refuse_beside_stream(x, y, sample_weight, "evaluate")
            take = batch_rows(model, where="evaluate", check=check_of_stream(model, compiled, "evaluate", looks))
            supply = of_stream(model, x, take, steps, "evaluate")
        else:
            x, y, sample_weight = model.preparation.data(*data, names=model._names)
            given = rows_of(model, x, y, sample_weight, where="evaluate")
            check(model, compiled, given, "evaluate", looks)
            supply = of_rows(given, size, steps, "evaluate")
        opened.callback(supply.feed.close)
        over = fitting.evaluate_pass(model, compiled, supply, "evaluate")
        opened.pop_all()
    return over


def to_predict(model: Any, x: Any, size: Any, steps: Any, collect: Callable[[int, Any], None]) -> Pass:
    """The pass that predicts, and hands each batch's prediction to `collect`."""
    eagerly = model.recipe is not None and model.recipe.run_eagerly
    with contextlib.ExitStack() as opened, restoring(model):
        if is_stream(x):
            supply = of_stream(model, x, batch_features(model), steps, "predict")
        else:
            features = features_of(model, model.preparation.features(x, model.input_names), "predict")
            check_features(model, features, "predict")
            supply = of_rows(Rows(features), size, steps, "predict")
        opened.callback(supply.feed.close)
        over = fitting.predict_pass(model, supply, eagerly, collect)
        opened.pop_all()
    return over


def batch_pass(model: Any, compiled: Compiled, supply: Supply, where: str) -> Pass:
    """A pass that trains on single batches; warns where it changes nothing, since no weight is trainable."""
    over = fitting.train_pass(model, compiled, supply, where)
    if model._validate is not False:
        found = nothing_to_train(Facts(Shared(Case(model, compiled.recipe))))
        tell([found] if found else [])
    return over
