"""What `fit` does before the first step: look for mistakes, prepare the data, open the programs, call the watch."""

from __future__ import annotations

from typing import Any

from kmagic.models import fitting
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import Case, Facts, Options, admit, tell
from kmagic.models.diagnosis.facts import Shared
from kmagic.models.diagnosis.rules.layers import nothing_to_train
from kmagic.models.diagnosis.watching import Watch
from kmagic.models.restoring import restoring
from kmagic.models.rows import Rows, training_rows
from kmagic.training.loop import Pass


def admitted(
    model: Any,
    compiled: Compiled,
    x: Any,
    y: Any,
    options: Options,
    validation_batch_size: int | None,
    validate: Any,
    watches: bool | None,
) -> tuple[Pass, Pass | None, Watch | None]:
    """The passes that train and validate, if nothing speaks against them, and what watches them.

    `validate` is None for that of `compile`, `watches` where it says whether the training is watched.
    """
    case = Case(model, compiled.recipe, x, y, options)
    validate = model._validate if validate is None else validate
    looks = validate is not False
    with restoring(model, compiled, compiled.optimizer):
        found = admit(case, validate, "fit")
        x, y, weights = model.preparation.data(x, y, options.sample_weight, True, model._names)
        held_out = model.preparation.held_out(options.validation_data, model._names)
        class_weight = model.preparation.class_numbers(options.class_weight)
        rows = training_rows(model, x, y, weights, class_weight, options.validation_split, held_out)
        passes = fitting.fit_passes(model, compiled, *rows, options.batch_size, validation_batch_size, looks)
        tell([finding for finding in found if finding.code not in model._told])
    return *passes, Watch(case, rows[0]) if (looks if watches is None else watches) else None


def batch_pass(model: Any, compiled: Compiled, rows: Rows, batch_size: int, where: str) -> Pass:
    """A pass that trains on single batches; warns where it changes nothing, since no weight is trainable."""
    over = fitting.train_pass(model, compiled, rows, batch_size, where)
    if model._validate is not False:
        found = nothing_to_train(Facts(Shared(Case(model, compiled.recipe))))
        tell([found] if found else [])
    return over
