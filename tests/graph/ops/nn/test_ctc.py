"""The loss against all paths written out, and its gradient; decoding against all label sequences."""

import itertools
import math

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from tests.compiler.programs import both_ways, step, traced, uncached

GENERATOR = np.random.default_rng(4)


def merged(path, blank):
    """The labels of a path."""
    kept = [label for label, before in zip(path, (None, *path[:-1]), strict=True) if label != before]
    return tuple(label for label in kept if label != blank)


def likelihoods(logits, blank):
    """The probability of each label sequence: a sum over every path."""
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    found = {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        labels = merged(path, blank)
        found[labels] = found.get(labels, 0.0) + math.prod(p[t, label] for t, label in enumerate(path))
    return found


TARGETS = np.array([[1, 2, 0], [2, 2, 0], [1, 0, 0], [0, 0, 0], [1, 2, 1], [3, 3, 3]])
LABELS, STEPS = np.array([2, 2, 1, 0, 3, 1]), np.array([5, 4, 5, 3, 5, 2])
LOGITS = GENERATOR.normal(size=(6, 5, 4)) * 2


def expected(logits, blank=0):
    return [
        -math.log(likelihoods(logits[i, : STEPS[i]], blank)[tuple(TARGETS[i, : LABELS[i]])])
        for i in range(len(TARGETS))
    ]


def test_the_loss_is_the_sum_over_all_paths() -> None:
    def function(logits):
        return ops.ctc_loss(TARGETS, logits, LABELS, STEPS)

    for found in (function(LOGITS), both_ways(function, LOGITS)[0]):
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected(LOGITS), rtol=1e-12)
    assert function(LOGITS.astype("float32")).dtype == np.float32
    assert function(LOGITS.astype("float16")).dtype == np.float32


def test_no_labels_at_all() -> None:
    logits = GENERATOR.normal(size=(2, 3, 4))
    silence = np.log(np.exp(logits[:, :, 0]) / np.exp(logits).sum(-1)).sum(1)
    empty, none, steps = np.zeros((2, 0), "int32"), np.zeros(2, "int32"), np.full(2, 3, "int32")
    (found,) = both_ways(lambda logits: ops.ctc_loss(empty, logits, none, steps), logits)
    np.testing.assert_allclose(found, -silence, rtol=1e-12)


def test_another_blank() -> None:
    target = np.array([[0, 1], [2, 0]])
    logits = GENERATOR.normal(size=(2, 4, 4))
    found = ops.ctc_loss(target, logits, [2, 1], [4, 4], mask_index=3)
    paths = [likelihoods(row, 3) for row in logits]
    np.testing.assert_allclose(found, [-math.log(paths[0][0, 1]), -math.log(paths[1][2,])], rtol=1e-12)


def test_the_gradient_is_the_slope_of_the_sum_over_paths() -> None:
    found = grad(lambda logits: ops.sum(ops.ctc_loss(TARGETS, logits, LABELS, STEPS)))(LOGITS)
    slope = np.zeros_like(LOGITS)
    for place in np.ndindex(*LOGITS.shape):
        way = np.zeros_like(LOGITS)
        way[place] = 1e-6
        slope[place] = (sum(expected(LOGITS + way)) - sum(expected(LOGITS - way))) / 2e-6
    np.testing.assert_allclose(found, slope, atol=1e-7)


def test_any_batch() -> None:
    def function(target, logits, labels, steps):
        return ops.ctc_loss(target, logits, labels, steps)

    workspace = uncached(traced(function, [TARGETS, LOGITS, LABELS, STEPS], batch=True)).workspace(6)
    for rows in (6, 1, 4):
        given = [array[:rows] for array in (TARGETS, LOGITS, LABELS, STEPS)]
        np.testing.assert_allclose(step(workspace, given, rows).outputs["y0"], expected(LOGITS)[:rows], rtol=1e-12)


def test_labels_that_no_path_gives_and_likelihoods_near_nothing() -> None:
    loss = grad(lambda logits: ops.sum(ops.ctc_loss([[1, 1]], logits, [2], [2])))
    logits = GENERATOR.normal(size=(1, 2, 3))
    assert ops.ctc_loss([[1, 1]], logits, [2], [2]) == [1e5]
    assert loss(logits).tolist() == np.zeros((1, 2, 3)).tolist()
    certain = np.array([[[0.0, -3e5], [0.0, -3e5]]])
    np.testing.assert_allclose(ops.ctc_loss([[1]], certain, [1], [2]), [3e5 - math.log(2)])


def test_greedy_decoding_takes_the_best_class_of_each_step() -> None:
    labels = np.array([[1, 1, 0, 1, 2, 2], [0, 3, 3, 3, 0, 0], [2, 0, 2, 1, 1, 3]])
    logits = np.eye(4)[labels] * [[[3.0]], [[2.0]], [[1.0]]]
    lengths = np.array([6, 6, 4], "int32")

    def function(logits, lengths, **options):
        return ops.ctc_decode(logits, lengths, **options)

    for decoded, scores in (function(logits, lengths), both_ways(function, logits, lengths)):
        assert decoded.tolist() == [[[1, 1, 2, -1, -1, -1], [3, -1, -1, -1, -1, -1], [2, 2, 1, -1, -1, -1]]]
        assert decoded.dtype == np.int32 and scores.tolist() == [[-18], [-12], [-4]]
    kept, _ = function(logits, lengths, merge_repeated=False)
    assert kept[0].tolist() == [[1, 1, 1, 2, 2, -1], [3, 3, 3, -1, -1, -1], [2, 2, 1, -1, -1, -1]]
    last, _ = function(logits, lengths, mask_index=None)
    assert last[0, 1].tolist() == [0, 0, -1, -1, -1, -1]


@pytest.mark.parametrize("blank", [0, 2])
def test_beam_search_finds_the_most_probable_labels(blank: int) -> None:
    logits = GENERATOR.normal(size=(3, 5, 3)) * 1.5
    lengths = [5, 3, 1]
    paths, scores = ops.ctc_decode(logits, lengths, "beam_search", beam_width=200, top_paths=3, mask_index=blank)
    assert paths.shape == (3, 3, 5) and scores.shape == (3, 3)
    for sample, length in enumerate(lengths):
        ranked = sorted(likelihoods(logits[sample, :length], blank).items(), key=lambda item: -item[1])
        for place, (labels, p) in enumerate(ranked[:3]):
            assert tuple(paths[place, sample, : len(labels)]) == labels and np.all(
                paths[place, sample, len(labels) :] == -1
            )
            np.testing.assert_allclose(scores[sample, place], math.log(p), rtol=1e-12)


def test_a_narrow_beam_keeps_few() -> None:
    logits = np.zeros((1, 2, 3))
    paths, scores = ops.ctc_decode(logits, [2], "beam_search", beam_width=1, top_paths=2)
    assert paths[1, 0].tolist() == [-1, -1] and scores[0, 1] == -np.inf


def test_refusals() -> None:
    with pytest.raises(ShapeMismatch, match=r"ctc_loss: target .* and output"):
        ops.ctc_loss(TARGETS, LOGITS[0], LABELS, STEPS)
    with pytest.raises(ShapeMismatch, match="ctc_decode"):
        ops.ctc_decode(LOGITS[0], STEPS)
    with pytest.raises(BadValue, match="Invalid strategy 'best'"):
        ops.ctc_decode(LOGITS, STEPS, "best")
    with pytest.raises(Unsupported, match="beam_search on symbols") as caught:
        traced(lambda x: ops.ctc_decode(x, STEPS, "beam_search"), [LOGITS])
    assert "greedy" in caught.value.expected
