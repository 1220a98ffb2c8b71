"""Whether model, data and machine are of sizes that go together."""

from __future__ import annotations

import math

from kmagic.base.shapes import shapes_in
from kmagic.callbacks.early_stopping import EarlyStopping
from kmagic.models.diagnosis.estimate import estimate, sized
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, rule
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.diagnosis.machine import memory_limit
from kmagic.models.diagnosis.rules.callbacks import callbacks_of, validates

_MANY = 1000  # parameters for each number that is to be learned
_FLOAT = 4  # bytes


@rule("K173", "far more parameters than rows", once=True, of_all=True)
def many_parameters(facts: Facts) -> Finding | None:
    """A model that can learn every row by heart, and nothing that would show it."""
    rows = facts.training_rows
    if not rows or not facts.model.built or _is_guarded(facts):
        return None
    count = sum(variable.size for variable in facts.model.trainable_weights)
    numbers = sum(_numbers_in_a_row(Facts(facts.shared, output)) for output in range(facts.outputs))
    if count < _MANY * rows * max(1, numbers):
        return None
    message = f"{count:,} parameters to learn from {rows:,} rows: the model can learn them all by heart"
    stop = EarlyStopping(patience=5, restore_best_weights=True)
    others = callbacks_of(facts)
    fix = set_options(facts, "Hold out a fifth, and stop early", validation_split=0.2, callbacks=[*others, stop])
    return Finding("K173", "hint", message, (fix,))


def _numbers_in_a_row(facts: Facts) -> int:
    """How many numbers the target of a row holds."""
    return math.prod(facts.y.shape[1:]) if facts.y is not None else 1


def _is_guarded(facts: Facts) -> bool:
    """Whether something keeps the model from learning by heart, or would tell."""
    regularized = any(variable.regularizer is not None for variable in facts.model.trainable_weights)
    dropped = any("Dropout" in type(layer).__name__ for layer in facts.layers)
    stops = validates(facts) and any(isinstance(item, EarlyStopping) for item in callbacks_of(facts))
    return regularized or dropped or stops


@rule("K174", "more memory than there is", once=True, of_all=True)
def too_large(facts: Facts) -> Finding | None:
    """A training step whose buffers do not fit into memory."""
    limit = memory_limit()
    if limit is None or facts.loss is None or not facts.model.built or 2 * _least_bytes(facts) < limit:
        return None
    size = facts.batch_size
    found = estimate(facts.model, facts.recipe, facts.training_rows or size, size)
    if found is None or found.total_bytes < limit:
        return None
    of_batch = f"{sized(found.workspace_bytes)} of it for batch_size {size}"
    message = f"a training step takes {sized(found.total_bytes)} ({of_batch}), and there are {sized(limit)}"
    fits = int(size * (limit / 4) / max(1, found.workspace_bytes))
    smaller = 1 << max(0, min(fits, 256).bit_length() - 1)
    fixes = (set_options(facts, f"batch_size={smaller}", batch_size=smaller),) if fits >= 1 else ()
    return Finding("K174", "error", message, fixes)


def _least_bytes(facts: Facts) -> int:
    """What weights and the outputs of all layers take at least; quick, where an estimate has to compile."""
    weights = sum(variable.size for variable in facts.model.weights)
    shapes = [shape for layer in facts.layers for shape in shapes_in(layer.output_shape) if shape is not None]
    outputs = sum(math.prod(axis or 1 for axis in shape[1:]) for shape in shapes)
    return _FLOAT * (2 * weights + facts.batch_size * outputs)
