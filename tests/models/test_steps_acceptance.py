"""Models of Keras's guides with steps of their own: a GAN, a VAE, a gradient penalty, physics, distillation, triplets.

Compiled and line by line they give the same numbers, and they learn what they are for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, layers
from kmagic.models.snapshots import is_same, snapshot
from tests.models import own_steps as own

X = np.random.default_rng(1).normal(size=(60, 4)).astype("float32")
KIND = ((X[:, 0] > 0).astype("int32") + (X[:, 1] > 0)).astype("int32")


def distiller(**options: Any) -> Any:
    kmagic.utils.set_random_seed(0)
    teacher, student = Sequential([layers.Dense(3, name="t")]), Sequential([layers.Dense(3, name="s")])
    model = own.Distiller(student, teacher)
    model.compile(
        kmagic.losses.SparseCategoricalCrossentropy(from_logits=True),
        kmagic.losses.KLDivergence(),
        optimizer="adam",
        metrics=[kmagic.metrics.SparseCategoricalAccuracy()],
        **options,
    )
    return model


def oscillator(**options: Any) -> Any:
    kmagic.utils.set_random_seed(0)
    model = own.Oscillator(Sequential([layers.Dense(16, "tanh"), layers.Dense(16, "tanh"), layers.Dense(1)]))
    model.compile(kmagic.optimizers.Adam(1e-2), **options)
    return model


def siamese(**options: Any) -> Any:
    kmagic.utils.set_random_seed(0)
    model = own.Siamese(Sequential([layers.Dense(8, "relu"), layers.Dense(2)]))
    model.compile("adam", **options)
    return model


TIMES = np.linspace(0, 3, 64, dtype="float32")[:, None]
TRIPLES = [X, X + 0.05, -X]
CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "GAN of points": (own.gan_of_points, (own.POINTS[:96],)),
    "GAN of pictures": (own.gan_of_images, (own.IMAGES,)),
    "VAE": (own.vae, (own.IMAGES,)),
    "gradient penalty": (own.wgan, (own.IMAGES,)),
    "physics": (oscillator, (TIMES,)),
    "distillation": (distiller, (X, KIND)),
    "triplets": (siamese, (TRIPLES,)),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_and_line_by_line_agree(name: str) -> None:
    make, data = CASES[name]
    options = {"epochs": 2, "batch_size": 16, "verbose": 0, "shuffle": False}
    eager = make(run_eagerly=True)
    expected = eager.fit(*data, **options).history
    compiled = make()
    found = compiled.fit(*data, **options).history
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        assert found[key] == pytest.approx(values, rel=2e-5, abs=2e-6), key
    for variable, other in zip(compiled.variables, eager.variables, strict=True):
        np.testing.assert_allclose(variable.numpy(), other.numpy(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_a_fit_repeats_itself_from_a_seed(name: str) -> None:
    make, data = CASES[name]
    histories = [make().fit(*data, batch_size=16, verbose=0).history for _ in range(2)]
    assert histories[0] == histories[1]


@pytest.mark.parametrize("name", CASES)
def test_a_plan_shows_the_program_and_changes_nothing(name: str) -> None:
    make, data = CASES[name]
    model = make()
    with pytest.raises(ValueError, match="nobody knows what data the step takes"):
        model.plan()
    model.train_on_batch(*data)
    before, values = snapshot(model, model._compiled), [v.numpy() for v in model.variables]
    assert "train program" in str(model.plan())
    assert is_same(before, snapshot(model, model._compiled))
    for variable, value in zip(model.variables, values, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_a_gan_learns_where_points_lie() -> None:
    gan = own.gan_of_points()
    gan.fit(own.POINTS, epochs=60, batch_size=64, verbose=0)
    drawn = gan.generator(np.random.default_rng(2).normal(size=(400, 3)).astype("float32"))
    np.testing.assert_allclose(drawn.mean(axis=0), own.POINTS.mean(axis=0), atol=0.8)
    assert 0.5 < drawn.std() < 3


def test_noise_is_new_in_each_step() -> None:
    gan = own.gan_of_points()
    first = gan.train_on_batch(own.POINTS[:8], return_dict=True)
    gan.discriminator.set_weights([0 * weight for weight in gan.discriminator.get_weights()])
    states = []
    for _ in range(3):
        gan.train_on_batch(own.POINTS[:8])
        states.append(gan.seed_generator.state.numpy().tolist())
    assert len({tuple(state) for state in states}) == 3 and first.keys() == {"d_loss", "g_loss"}


@pytest.mark.parametrize("weight", ["number", "variable"])
def test_a_kl_term_is_annealed_by_a_callback(weight: str) -> None:
    model = own.vae(0.0 if weight == "number" else kmagic.Variable(0.0, trainable=False))

    class Anneal(kmagic.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if weight == "number":
                self.model.kl_weight = epoch / 4
            else:
                self.model.kl_weight.assign(epoch / 4)

    history = model.fit(
        own.IMAGES, epochs=5, batch_size=16, verbose=0, callbacks=[Anneal()], validation_data=(own.IMAGES, None)
    ).history
    total, reconstruction, kl = (np.array(history[name]) for name in ("total", "reconstruction", "kl"))
    np.testing.assert_allclose((total - reconstruction) / kl, np.arange(5) / 4, atol=1e-4)
    assert reconstruction[-1] < reconstruction[0]
    np.testing.assert_allclose(
        (history["val_total"][-1] - history["val_reconstruction"][-1]) / history["val_kl"][-1], 1, atol=1e-4
    )


def test_a_penalty_pulls_the_gradient_of_the_critic_towards_one() -> None:
    model = own.wgan()
    history = model.fit(own.IMAGES, epochs=12, batch_size=16, verbose=0).history
    assert history["penalty"][-1] < history["penalty"][0]
    real = own.IMAGES[:8]
    slope = kmagic.grad(lambda x: kmagic.ops.sum(model.critic(x)))(real)
    numeric = model.critic(real + 1e-2 * slope) - model.critic(real - 1e-2 * slope)
    np.testing.assert_allclose(numeric[:, 0], 2e-2 * (slope**2).sum(axis=(1, 2, 3)), rtol=2e-2)


def test_physics_without_a_target_gives_a_sine() -> None:
    model = oscillator()
    model.fit(TIMES, epochs=350, batch_size=64, verbose=0)
    np.testing.assert_allclose(model.predict(TIMES, verbose=0), np.sin(TIMES), atol=0.05)


def test_a_student_learns_and_is_measured() -> None:
    model = distiller()
    history = model.fit(X, KIND, epochs=30, validation_split=0.2, verbose=0).history
    assert set(history) == {
        "loss",
        "sparse_categorical_accuracy",
        "val_loss",
        "val_sparse_categorical_accuracy",
    }
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    loss, accuracy = model.evaluate(X, KIND, verbose=0)
    said, teacher = model.predict(X, verbose=0), model.teacher(X)
    assert accuracy == pytest.approx((said.argmax(1) == KIND).mean())
    soft = [np.exp(z / 3) / np.exp(z / 3).sum(1, keepdims=True) for z in (teacher, said)]
    own_loss = -np.log(np.exp(said)[np.arange(60), KIND] / np.exp(said).sum(1)).mean()
    distance = (soft[0] * np.log(soft[0] / soft[1])).sum(1).mean()
    assert loss == pytest.approx(0.1 * own_loss + 0.9 * 9 * distance, rel=1e-4)


def test_triplets_come_apart() -> None:
    model = siamese()
    before = model.evaluate(TRIPLES, verbose=0)
    model.fit(TRIPLES, epochs=20, verbose=0)
    assert model.evaluate(TRIPLES, verbose=0) < 0.5 * before
