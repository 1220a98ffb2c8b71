"""Connectionist temporal classification: labels against longer sequences of scores, without knowing where they lie.

A path through time names a class or the blank at each step; merging repeats and dropping blanks leaves the labels.
Source: A. Graves et al., Connectionist Temporal Classification, ICML 2006.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import promote
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.base.shapes import written
from kmagic.graph import eager
from kmagic.graph.ops.iteration import scan
from kmagic.graph.ops.movement import dtype_of, shape_of
from kmagic.graph.table import ops, public

# The logarithm of zero: far below any sum of logarithms, but finite, so that differences of two are numbers.
_NEVER = -1e30
# The loss of labels that no path can give, because they are longer than the sequence; it has no gradient.
UNREACHABLE = 1e5


@public
def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    """−ln of the probability of all paths that give the labels, for each sample.

    `target` (batch, labels) holds class numbers, `output` (batch, steps, classes) logits, the lengths say how many of
    each count, and `mask_index` is the blank. Labels that no path gives cost 10⁵.

    >>> round(float(ctc_loss([[1]], np.zeros((1, 2, 2)), [1], [2])[0]), 4)  # of 4 paths, 3 give 1
    0.2877
    """
    output = ops.convert_to_tensor(output)
    target, target_length, output_length = map(_whole, (target, target_length, output_length))
    shapes = shape_of(target), shape_of(output)
    if (len(shapes[0]), len(shapes[1])) != (2, 3) or shapes[0][0] != shapes[1][0]:
        raise ShapeMismatch(
            f"target {written(shapes[0])} and output {written(shapes[1])}",
            where="ctc_loss",
            expected="[batch labels], [batch steps classes]",
        )
    logs = ops.log_softmax(ops.cast(output, promote(dtype_of(output), "float32")), -1)
    counted = ops.arange(shapes[0][1])[None] < target_length[:, None]
    labels = ops.where(counted, target, mask_index)
    blanks, ends = _forward(logs, labels, output_length, mask_index)
    # a path may end in the last label or in the blank after it
    total = ops.take_along_axis(_log_sum(blanks, _before_blanks(ends)), target_length[:, None], axis=1)
    total = ops.squeeze(total, 1)
    return ops.where(total > _NEVER / 2, -total, UNREACHABLE)


def _whole(x: Any) -> Any:
    return ops.cast(ops.convert_to_tensor(x), "int32")


def _forward(logs: Any, labels: Any, output_length: Any, mask_index: int) -> Any:
    """ln of the probability of all paths that end in each blank, and in each label; blank k lies before label k."""
    batch, steps, _ = shape_of(logs)
    count = shape_of(labels)[1]
    rows = ops.swapaxes(logs, 0, 1)
    named = ops.take_along_axis(rows, ops.broadcast_to(labels[None], (steps, batch, count)), axis=2)
    silent = rows[:, :, mask_index : mask_index + 1 or None]
    running = ops.arange(steps)[:, None, None] < output_length[None, :, None]
    never = ops.full((batch, count + 1), _NEVER, dtype_of(logs))
    # a label may follow another one at once, unless both are the same
    same = ops.cast(ops.equal(labels[:, 1:], labels[:, :-1]), dtype_of(logs))
    jumps = ops.concatenate([ops.zeros_like(never[:, :1]), same * _NEVER], axis=1)[:, :count]

    def step(alpha: Any, x: Any) -> tuple[Any, None]:
        (blanks, ends), (label, blank, runs) = alpha, x
        before = _before_blanks(ends)
        next_blanks = _log_sum(blanks, before) + blank
        next_ends = _log_sum(ends, blanks[:, :count], before[:, :count] + jumps) + label
        return (ops.where(runs, next_blanks, blanks), ops.where(runs, next_ends, ends)), None

    start = ops.concatenate([ops.zeros_like(never[:, :1]), never[:, 1:]], axis=1)
    final, _ = scan(step, (start, never[:, 1:]), (named, silent, running))
    return final


def _before_blanks(ends: Any) -> Any:
    """What the labels hold, under the number of the blank that follows; nothing lies before the first one."""
    return ops.concatenate([ops.full((shape_of(ends)[0], 1), _NEVER, dtype_of(ends)), ends], axis=1)


def _log_sum(*terms: Any) -> Any:
    """ln Σ eˣ of finite terms."""
    top = terms[0]
    for term in terms[1:]:
        top = ops.maximum(top, term)
    top = ops.stop_gradient(top)
    return top + ops.log(sum(ops.exp(term - top) for term in terms))


@public
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[Any, Any]:
    """The labels that logits (batch, steps, classes) most probably stand for, −1 after their end, and scores.

    'greedy' takes the best class of each step; its scores are −Σ of their logits. 'beam_search' keeps the `beam_width`
    most probable label sequences at each step and gives the best `top_paths` with ln of their probabilities; it needs
    arrays. No `mask_index` means the last class.

    >>> labels, _ = ctc_decode(np.eye(3)[None, [1, 1, 0, 1, 2]], [5])
    >>> labels.tolist()
    [[[1, 1, 2, -1, -1]]]
    """
    inputs = ops.convert_to_tensor(inputs)
    inputs = ops.cast(inputs, promote(dtype_of(inputs), "float32"))
    if len(shape_of(inputs)) != 3:
        raise ShapeMismatch(written(shape_of(inputs)), where="ctc_decode", expected="[batch steps classes]")
    blank = int(shape_of(inputs)[2]) - 1 if mask_index is None else mask_index
    lengths = _whole(sequence_lengths)
    if strategy == "greedy":
        return _greedy(inputs, lengths, merge_repeated, blank)
    if strategy != "beam_search":
        raise BadValue(f"Invalid strategy {strategy!r}", where="ctc_decode", expected="'greedy' or 'beam_search'")
    if any(eager.as_node(x) is not None for x in (inputs, lengths)):
        raise Unsupported("beam_search on symbols", where="ctc_decode", expected="strategy='greedy', or arrays")
    return _searched(ops.log_softmax(inputs, -1), lengths, beam_width, top_paths, blank)


def _greedy(inputs: Any, lengths: Any, merge_repeated: bool, blank: int) -> tuple[Any, Any]:
    steps = shape_of(inputs)[1]
    over = ops.arange(steps)[None] >= lengths[:, None]
    best = ops.where(over, blank, ops.argmax(inputs, axis=-1))
    scores = -ops.sum(ops.where(over, 0, ops.max(inputs, axis=-1)), axis=1, keepdims=True)
    silent = ops.equal(best, blank)
    if merge_repeated:
        repeated = ops.equal(best[:, 1:], best[:, :-1])
        silent = ops.logical_or(silent, ops.concatenate([ops.zeros_like(over[:, :1]), repeated], axis=1))
    order = ops.argsort(ops.where(silent, steps, ops.arange(steps)[None]), axis=-1)
    labels = ops.take_along_axis(ops.where(silent, -1, best), order, axis=-1)
    return ops.expand_dims(labels, 0), scores


Path = tuple[int, ...]
Beam = dict[Path, tuple[float, float]]  # ln of the probability of ending in the last label, and in a blank


def _searched(logs: Any, lengths: Any, beam_width: int, top_paths: int, blank: int) -> tuple[Any, Any]:
    batch, steps, _ = logs.shape
    paths = np.full((top_paths, batch, steps), -1, "int32")
    scores = np.full((batch, top_paths), -np.inf, logs.dtype)
    for sample in range(batch):
        # the first step always counts, as in Keras
        beam: Beam = {(): (-math.inf, 0.0)}
        for row in logs[sample, : max(1, int(lengths[sample]))]:
            beam = dict(_best(_extended(beam, row.tolist(), blank), beam_width))
        for place, (path, parts) in enumerate(_best(beam, top_paths)):
            paths[place, sample, : len(path)] = path
            scores[sample, place] = np.logaddexp(*parts)
    return paths, scores


def _extended(beam: Beam, row: Sequence[float], blank: int) -> Beam:
    """The sequences that one more step makes of those of a beam."""
    found: Beam = {}
    for path, ends, add in _continuations(beam, row, blank):
        label, silent = found.get(path, (-math.inf, -math.inf))
        found[path] = (label, _joined(silent, add)) if ends else (_joined(label, add), silent)
    return found


def _continuations(beam: Beam, row: Sequence[float], blank: int) -> Iterator[tuple[Path, bool, float]]:
    """Each sequence with whether it ends in a blank, and its logarithm."""
    for path, (label, silent) in beam.items():
        both = _joined(label, silent)
        yield path, True, both + row[blank]
        for number, log in enumerate(row):
            if number == blank:
                continue
            if path and path[-1] == number:  # a repeat, unless a blank lies between
                yield path, False, label + log
                yield (*path, number), False, silent + log
            else:
                yield (*path, number), False, both + log


def _joined(a: float, b: float) -> float:
    high, low = (a, b) if a > b else (b, a)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def _best(beam: Beam, count: int) -> list[tuple[Path, tuple[float, float]]]:
    """The most probable sequences first; of equals the one with smaller labels."""
    return sorted(beam.items(), key=lambda item: (-_joined(*item[1]), item[0]))[:count]
