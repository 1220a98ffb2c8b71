"""What all layers over images share: one or many, labels and masks, numbers drawn for each, rest in inference."""

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadValue, ShapeMismatch, Unsupported
from kmagic.compiler.cache import program_of
from kmagic.layers import (
    Conv2D,
    Flatten,
    Input,
    Layer,
    RandomBrightness,
    RandomColorJitter,
    RandomContrast,
    RandomErasing,
    RandomFlip,
    RandomGaussianBlur,
    RandomGrayscale,
    RandomHue,
    RandomInvert,
    RandomRotation,
    RandomSaturation,
    RandomSharpness,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Solarization,
)
from tests.compiler.programs import step, traced

COUNT = 10**6
X = np.random.default_rng(0).uniform(0.1, 0.9, (6, 5, 4, 3)).astype("float32")
UNIT = {"value_range": (0, 1)}
KINDS = [
    (RandomFlip, {}),
    (RandomRotation, {"factor": 0.3}),
    (RandomZoom, {"height_factor": 0.3, "width_factor": 0.5}),
    (RandomTranslation, {"height_factor": 0.3, "width_factor": 0.3}),
    (RandomShear, {"x_factor": 0.5, "y_factor": 0.5}),
    (RandomContrast, {"factor": 0.5, **UNIT}),
    (RandomBrightness, {"factor": 0.2, **UNIT}),
    (RandomInvert, {"factor": (0.5, 0.5), **UNIT}),
    (Solarization, {"addition_factor": 0.3, "threshold_factor": 0.9, **UNIT}),
    (RandomErasing, {**UNIT}),
    (RandomGrayscale, {}),
    (RandomHue, {"factor": 0.5, **UNIT}),
    (RandomSaturation, {"factor": (0.1, 0.4), **UNIT}),
    (RandomSharpness, {"factor": 1.0, **UNIT}),
    (RandomGaussianBlur, {"factor": (0.5, 0.5), **UNIT}),
    (RandomColorJitter, {"brightness_factor": 0.2, "contrast_factor": 0.3, "hue_factor": 0.2, **UNIT}),
]
EACH = pytest.mark.parametrize(("kind", "options"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])


@EACH
def test_nothing_happens_in_inference_but_a_cast(kind: type[Layer], options: dict) -> None:
    layer = kind(**options)
    np.testing.assert_array_equal(layer(X, training=False), X)
    found = layer((X * 255).astype("uint8"), training=False)
    assert found.dtype == "float32" and layer((X * 255).astype("uint8"), training=True).dtype == "float32"


@EACH
def test_each_image_and_each_call_gets_numbers_of_its_own(kind: type[Layer], options: dict) -> None:
    alike = np.repeat(X[:1], 40, 0)
    layer = kind(**options, seed=3)
    first, second = layer(alike, training=True), layer(alike, training=True)
    assert len(np.unique(first.round(4), axis=0)) > 1
    assert (first != second).any()
    again = kind(**options, seed=3)
    np.testing.assert_array_equal(again(alike, training=True), first)


@EACH
def test_a_program_draws_what_is_drawn_at_once_and_anew_in_each_step(kind: type[Layer], options: dict) -> None:
    layer, alone = kind(**options, seed=5), kind(**options, seed=5)
    program, variables = program_of(traced(lambda x: layer(x, training=True), [X], batch=True))
    workspace = program.workspace(len(X), variables)
    found = [step(workspace, [X], len(X)).outputs["y0"] for _ in range(2)]
    for value in found:
        np.testing.assert_allclose(value, alone(X, training=True), rtol=2e-5, atol=2e-6)
    assert (found[0] != found[1]).any()


@EACH
def test_one_image_is_a_batch_of_one(kind: type[Layer], options: dict) -> None:
    one, batch = (kind(**options, seed=2)(x, training=True) for x in (X[0], X[:1]))
    assert one.shape == X[0].shape
    np.testing.assert_array_equal(one, batch[0])


@EACH
def test_channels_first_is_the_same_seen_otherwise(kind: type[Layer], options: dict) -> None:
    if kind is RandomErasing:
        options = {**options, "fill_value": 0.5}  # noise is drawn in the order of the axes
    last = kind(**options, seed=2)(X, training=True)
    first = kind(**options, seed=2, data_format="channels_first")(X.transpose(0, 3, 1, 2), training=True)
    np.testing.assert_allclose(first.transpose(0, 2, 3, 1), last, rtol=1e-6, atol=1e-6)


def test_what_is_drawn_for_an_image_does_not_depend_on_the_batch() -> None:
    whole, part = (RandomRotation(0.3, seed=4)(X[:rows], training=True) for rows in (6, 2))
    np.testing.assert_allclose(whole[:2], part, rtol=1e-6)


RANGES = [
    (RandomRotation(0.3, seed=1), "angle", (-108.0, 108.0)),
    (RandomZoom((-0.2, 0.5), 0.1, seed=1), "height_zoom", (0.8, 1.5)),
    (RandomZoom((-0.2, 0.5), 0.1, seed=1), "width_zoom", (0.9, 1.1)),
    (RandomContrast((0.25, 0.5), seed=1), "contrast_factor", (0.75, 1.5)),
    (RandomContrast(0.5, seed=1), "contrast_factor", (1.0, 1.5)),
    (RandomBrightness((-0.5, 0.25), seed=1), "rgb_delta", (-0.5 * 255, 0.25 * 255)),
    (Solarization(0.5, (0.25, 0.75), seed=1), "additions", (0.0, 0.5 * 255)),
    (Solarization(0.5, (0.25, 0.75), seed=1), "thresholds", (0.25 * 255, 0.75 * 255)),
    (RandomHue(0.5, seed=1), "factor", (-0.25, 0.25)),
    (RandomSharpness((0.25, 1.0), seed=1), "factor", (0.25, 1.0)),
]


@pytest.mark.parametrize(("layer", "name", "ends"), RANGES, ids=[f"{x.name} {name}" for x, name, _ in RANGES])
def test_numbers_are_spread_evenly_over_their_range(layer: Layer, name: str, ends: tuple[float, float]) -> None:
    images = np.broadcast_to(np.float32(0), (COUNT, 1, 1, 3))
    drawn = np.ravel(layer.get_random_transformation(images)[name]).astype("float64")
    check_even(drawn, *ends)


def check_even(drawn: np.ndarray, low: float, high: float) -> None:
    """Mean, variance, ends and independence of neighbours, at five of their own deviations."""
    width = high - low
    share = (drawn - low) / width
    assert -1e-6 <= share.min() < 1e-4 and 1 - 1e-4 < share.max() <= 1 + 1e-6
    assert share.mean() == pytest.approx(0.5, abs=5 * (1 / 12 / len(drawn)) ** 0.5)
    assert share.var() == pytest.approx(1 / 12, abs=5 * (1 / 180 / len(drawn)) ** 0.5)
    together = np.mean((share[1:] - 0.5) * (share[:-1] - 0.5))
    assert together == pytest.approx(0, abs=5 / 12 / len(drawn) ** 0.5)


def test_translations_are_shares_of_the_size_and_independent() -> None:
    images = np.broadcast_to(np.float32(0), (COUNT, 4, 8, 1))
    moves = RandomTranslation((-0.25, 0.5), 0.25, seed=1).get_random_transformation(images)["translations"]
    check_even(moves[:, 0].astype("float64"), -2.0, 2.0)
    check_even(moves[:, 1].astype("float64"), -1.0, 2.0)
    assert np.corrcoef(moves.T)[0, 1] == pytest.approx(0, abs=5 / COUNT**0.5)


@pytest.mark.parametrize(
    ("layer", "name", "rate"),
    [
        (RandomFlip(seed=1), "flips", 0.5),
        (RandomInvert((0.2, 0.4), seed=1), "apply_inversion", 0.3),
        (RandomInvert(seed=1), "apply_inversion", 0.5),
        (RandomErasing(0.5, fill_value=0.0, seed=1), "apply_erasing", 0.25),
        (RandomGaussianBlur((0.75, 0.75), seed=1), "should_apply_blur", 0.75),
        (RandomGrayscale(0.125, seed=1), None, 0.125),
    ],
)
def test_how_often_images_are_changed(layer: Layer, name: str | None, rate: float) -> None:
    drawn = layer.get_random_transformation(np.broadcast_to(np.float32(0), (COUNT, 1, 1, 3)))
    changed = np.ravel(drawn if name is None else drawn[name])
    deviation = (rate * (1 - rate) / COUNT) ** 0.5
    assert changed.mean() == pytest.approx(rate, abs=5 * deviation)
    both = (changed[1:] & changed[:-1]).mean()
    assert both == pytest.approx(rate**2, abs=5 * (rate**2 / COUNT) ** 0.5 + 10 * deviation * rate)


def test_labels_and_masks_are_moved_with_the_images() -> None:
    masks = np.arange(6 * 20).reshape(6, 5, 4, 1) % 7
    batch = {"images": X, "labels": np.arange(6), "segmentation_masks": masks}
    for layer in (RandomFlip(seed=1), RandomTranslation(0.5, 0.5, fill_mode="constant", seed=1), RandomContrast(0.5)):
        found = layer({**batch, "images": np.repeat(masks, 3, -1).astype("float32")}, training=True)
        assert found["labels"].tolist() == list(range(6)) and found["segmentation_masks"].dtype == masks.dtype
        if not isinstance(layer, RandomContrast):
            assert (found["segmentation_masks"] != masks).any()
            rounded = found["images"][..., :1]
            if isinstance(layer, RandomFlip):
                np.testing.assert_array_equal(rounded, found["segmentation_masks"])
        else:
            np.testing.assert_array_equal(found["segmentation_masks"], masks)
    with pytest.raises(Unsupported, match="'bounding_boxes' beside images"):
        RandomFlip()({**batch, "bounding_boxes": masks}, training=True)


def test_a_call_outside_of_a_model_is_one_of_training_and_a_model_decides_for_its_layers() -> None:
    layer = RandomBrightness((0.5, 0.5), value_range=(0, 2))
    np.testing.assert_allclose(layer(X), X + 1)
    model = kmagic.Sequential([Input((5, 4, 3)), layer, Flatten()])
    np.testing.assert_array_equal(model.predict(X, verbose=0), X.reshape(6, -1))
    model.compile("sgd", "mse")
    assert model.evaluate(X, X.reshape(6, -1), verbose=0) == 0.0
    assert model.train_on_batch(X, X.reshape(6, -1) + 1) == pytest.approx(0, abs=1e-12)


def test_a_model_learns_behind_layers_that_change_images() -> None:
    kmagic.utils.set_random_seed(1)
    model = kmagic.Sequential(
        [Input((5, 4, 3)), RandomFlip(seed=1), RandomRotation(0.1, seed=2), RandomZoom(0.1, seed=3), Conv2D(1, 3)]
    )
    model.compile(kmagic.optimizers.Adam(0.02), "mse")
    target = np.ones((6, 3, 2, 1), "float32")
    history = model.fit(X, target, epochs=100, verbose=0).history["loss"]
    assert history[-1] < 0.1 * history[0]
    images = (X * 255).astype("uint8")
    assert np.isfinite(model.fit(images, target, epochs=1, verbose=0).history["loss"][0])


def test_layers_keep_their_state_where_models_look_for_it() -> None:
    layer = RandomColorJitter(brightness_factor=0.1, contrast_factor=0.1)
    assert len(layer.variables) == 1 and layer.weights == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: RandomRotation(2.0), "RandomRotation: factor is 2.0"),
        (lambda: RandomRotation((0.1, 0.2, 0.3)), r"factor is \(0.1, 0.2, 0.3\)"),
        (lambda: RandomRotation("large"), "factor is 'large'"),
        (lambda: RandomZoom(-1.0), "RandomZoom: height_factor is -1.0"),
        (lambda: RandomTranslation(0.1, 1.5), "RandomTranslation: width_factor is 1.5"),
        (lambda: RandomShear(x_factor=-0.1), "RandomShear: x_factor is -0.1"),
        (lambda: RandomContrast(1.5), "RandomContrast: factor is 1.5"),
        (lambda: RandomBrightness(0.1, value_range=1), "RandomBrightness: value_range is 1"),
        (lambda: RandomFlip("sideways"), "RandomFlip: mode is 'sideways'"),
        (lambda: RandomFlip(data_format="rows"), "RandomFlip: data_format is 'rows'"),
        (lambda: RandomRotation(0.1, fill_mode="mirror"), "RandomRotation: fill_mode is 'mirror'"),
        (lambda: RandomGaussianBlur(kernel_size=4), "RandomGaussianBlur: kernel_size is 4"),
    ],
)
def test_what_no_image_could_mean_is_refused(wrong, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        wrong()


def test_images_have_three_axes_or_four() -> None:
    with pytest.raises(ShapeMismatch, match=r"images \[6 5\]") as caught:
        RandomFlip(name="flip")(X[:, :, 0, 0])
    assert caught.value.where == "flip"
    with pytest.raises(ShapeMismatch, match="3 channels|of 1 channels"):
        RandomHue(0.5)(X[..., :1], training=True)
