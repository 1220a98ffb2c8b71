"""Mixtures of images and of their labels, and pieces that are missing."""

import numpy as np
import pytest

from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.layers import CutMix, MixUp, RandomErasing
from tests.compiler.programs import run, traced

X = np.random.default_rng(0).uniform(0, 1, (8, 6, 5, 3))
LABELS = np.eye(8)
BATCH = {"images": X, "labels": LABELS}


def test_labels_tell_of_what_an_image_is_made() -> None:
    found = MixUp(alpha=0.5, seed=1, dtype="float64")(BATCH, training=True)
    np.testing.assert_allclose(found["labels"].sum(1), 1)
    np.testing.assert_allclose(found["images"], np.einsum("ij,jpqc->ipqc", found["labels"], X))
    assert (found["labels"] != LABELS).any()


def test_labels_count_the_pixels_of_a_piece() -> None:
    layer = CutMix(seed=2, dtype="float64")
    drawn = layer.get_random_transformation(BATCH)
    found = layer.transform_images(X, drawn)
    order, inside = drawn["permutation_order"], drawn["batch_masks"]
    np.testing.assert_array_equal(found, np.where(inside, X[order], X))
    labels = layer.transform_labels(LABELS, drawn)
    np.testing.assert_allclose(labels.sum(1), 1)
    # sides are cut to whole pixels, at most one off
    share = np.broadcast_to(inside, (8, 6, 5, 1)).mean((1, 2, 3))
    assert (abs(share - (1 - drawn["mix_weight"])) <= (6 + 5 + 1) / 30).all()


def test_an_order_has_each_image_once_and_weights_are_those_of_beta() -> None:
    many = np.broadcast_to(np.float32(0), (10**5, 1, 1, 1))
    drawn = MixUp(alpha=0.2, seed=3).get_random_transformation(many)
    assert sorted(drawn["permutation_order"].tolist()) == list(range(10**5))
    weight = drawn["mix_weight"].astype("float64")
    variance = 0.25 / (2 * 0.2 + 1)
    assert weight.mean() == pytest.approx(0.5, abs=5 * (variance / 10**5) ** 0.5)
    fourth = np.mean((weight - 0.5) ** 4)
    assert weight.var() == pytest.approx(variance, abs=5 * ((fourth - variance**2) / 10**5) ** 0.5)


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_compiled_for_batches_of_any_size(kind) -> None:
    def mixed(layer, images, labels):
        found = layer({"images": images, "labels": labels}, training=True)
        return found["images"], found["labels"]

    expected = mixed(kind(seed=4, dtype="float64"), X, LABELS)
    layer = kind(seed=4, dtype="float64")
    graph = traced(lambda images, labels: mixed(layer, images, labels), [X, LABELS], batch=True)
    for found, right in zip(run(graph, [X, LABELS], rows=8).outputs.values(), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12)


def test_one_image_alone_is_mixed_with_nothing() -> None:
    for kind in (MixUp, CutMix):
        np.testing.assert_array_equal(kind(dtype="float64")(X[0], training=True), X[0])
        np.testing.assert_array_equal(kind()(BATCH, training=False)["labels"], LABELS)


def test_class_numbers_cannot_be_mixed() -> None:
    with pytest.raises(ShapeMismatch, match=r"labels \[8\]") as caught:
        MixUp()({"images": X, "labels": np.arange(8)}, training=True)
    assert "one_hot" in str(caught.value.fix)


def test_a_rectangle_is_replaced() -> None:
    layer = RandomErasing((1.0, 1.0), scale=(0.25, 0.25), fill_value=(1.0, 2.0, 3.0), seed=1)
    found = layer(np.zeros((20, 8, 8, 3)), training=True)
    erased = found[..., 0] == 1
    assert (erased.sum((1, 2)) == 16).all()
    np.testing.assert_array_equal(found, erased[..., None] * [1.0, 2.0, 3.0])
    rows, columns = erased.any(2), erased.any(1)
    np.testing.assert_array_equal(erased, rows[:, :, None] & columns[:, None])
    assert len({tuple(image.ravel().tolist()) for image in erased}) > 5


def test_noise_stays_in_the_range_of_values() -> None:
    found = RandomErasing((1.0, 1.0), scale=(1.0, 1.0), value_range=(0, 1), seed=1)(X, training=True)
    assert found.min() == 0 and found.max() == 1 and len(np.unique(found)) > 100
    with pytest.raises(BadValue, match="RandomErasing: fill_value"):
        RandomErasing(fill_value=(1.0, 2.0))
