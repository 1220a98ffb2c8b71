"""Models with steps of their own, as Keras's guides write them, in small: what a user would port."""

from __future__ import annotations

from typing import Any

import numpy as np

import kmagic
from kmagic import Sequential, layers, ops

RNG = np.random.default_rng(0)
RING = RNG.uniform(0, 2 * np.pi, 512)
POINTS = np.stack([2 * np.cos(RING) + 1, 2 * np.sin(RING)], axis=1).astype("float32")
IMAGES = (RNG.random((48, 8, 8, 1)) < np.linspace(0, 1, 8)[:, None]).astype("float32")


class GAN(kmagic.Model):
    """A generator and a discriminator, each with its optimizer; both take one step for each batch."""

    def __init__(self, discriminator: Any, generator: Any, latent_dim: int = 3) -> None:
        super().__init__()
        self.discriminator, self.generator, self.latent_dim = discriminator, generator, latent_dim
        self.d_loss_tracker = kmagic.metrics.Mean(name="d_loss")
        self.g_loss_tracker = kmagic.metrics.Mean(name="g_loss")
        self.seed_generator = kmagic.random.SeedGenerator(1337)

    @property
    def metrics(self) -> list[Any]:
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(self, d_optimizer: Any, g_optimizer: Any, loss_fn: Any, **options: Any) -> None:
        super().compile(**options)
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    def train_step(self, data: Any) -> dict[str, Any]:
        count = ops.shape(data)[0]
        noise = kmagic.random.normal((count, self.latent_dim), seed=self.seed_generator)
        combined = ops.concatenate([self.generator(noise, training=True), data], axis=0)
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))], axis=0)
        labels += 0.05 * kmagic.random.uniform(ops.shape(labels), seed=self.seed_generator)
        d_loss = self.loss_fn(labels, self.discriminator(combined, training=True))
        grads = kmagic.gradients(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights, strict=True))
        noise = kmagic.random.normal((count, self.latent_dim), seed=self.seed_generator)
        judged = self.discriminator(self.generator(noise, training=True), training=True)
        g_loss = self.loss_fn(ops.zeros((count, 1)), judged)
        grads = kmagic.gradients(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


def gan_of_points(**options: Any) -> GAN:
    """A GAN that draws points of the plane."""
    kmagic.utils.set_random_seed(0)
    discriminator = Sequential([layers.Dense(16), layers.LeakyReLU(), layers.Dense(1)])
    generator = Sequential([layers.Dense(16, activation="relu"), layers.Dense(2)])
    return _compiled(GAN(discriminator, generator), **options)


def gan_of_images(**options: Any) -> GAN:
    """A GAN of small pictures, with dropout and batch normalization."""
    kmagic.utils.set_random_seed(0)
    discriminator = Sequential(
        [
            layers.Conv2D(4, 3, strides=2, padding="same", name="first"),
            layers.LeakyReLU(),
            layers.Dropout(0.2, name="dropped"),
            layers.Flatten(),
            layers.Dense(1, name="last"),
        ],
        name="discriminator",
    )
    generator = Sequential(
        [
            layers.Dense(4 * 4 * 2, use_bias=False, name="first"),
            layers.BatchNormalization(name="normal"),
            layers.Reshape((4, 4, 2)),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid", name="last"),
        ],
        name="generator",
    )
    return _compiled(GAN(discriminator, generator), **options)


def _compiled(gan: GAN, **options: Any) -> GAN:
    adam = kmagic.optimizers.Adam
    gan.compile(adam(2e-3), adam(2e-3), kmagic.losses.BinaryCrossentropy(from_logits=True), **options)
    return gan


class Sampling(layers.Layer):
    """Draws z from a normal distribution of given mean and log variance, by the reparametrisation trick."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.seed_generator = kmagic.random.SeedGenerator(1337)

    def call(self, inputs: Any) -> Any:
        mean, log_var = inputs
        noise = kmagic.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise


class VAE(kmagic.Model):
    """A variational autoencoder, whose KL term gets the weight `kl_weight`."""

    def __init__(self, encoder: Any, decoder: Any, kl_weight: Any = 1.0) -> None:
        super().__init__()
        self.encoder, self.decoder, self.kl_weight = encoder, decoder, kl_weight
        self.total_tracker = kmagic.metrics.Mean(name="total")
        self.reconstruction_tracker = kmagic.metrics.Mean(name="reconstruction")
        self.kl_tracker = kmagic.metrics.Mean(name="kl")

    @property
    def metrics(self) -> list[Any]:
        return [self.total_tracker, self.reconstruction_tracker, self.kl_tracker]

    def call(self, inputs: Any) -> Any:
        return self.decoder(self.encoder(inputs)[2])

    def measured(self, x: Any, training: bool) -> Any:
        """The loss of a batch; its parts are tracked."""
        mean, log_var, z = self.encoder(x, training=training)
        wrong = kmagic.losses.binary_crossentropy(x, self.decoder(z, training=training))
        reconstruction = ops.mean(ops.sum(wrong, axis=(1, 2)))
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1))
        total = reconstruction + self.kl_weight * kl
        self.total_tracker.update_state(total)
        self.reconstruction_tracker.update_state(reconstruction)
        self.kl_tracker.update_state(kl)
        return total

    def train_step(self, data: Any) -> dict[str, Any]:
        loss = self.measured(data, training=True)
        grads = kmagic.gradients(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
        return {metric.name: metric.result() for metric in self.metrics}

    def test_step(self, data: Any) -> dict[str, Any]:
        self.measured(data, training=False)
        return {metric.name: metric.result() for metric in self.metrics}


def vae(kl_weight: Any = 1.0, **options: Any) -> VAE:
    """A VAE of small pictures."""
    kmagic.utils.set_random_seed(0)
    x = kmagic.Input((8, 8, 1))
    h = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="conv")(x)
    h = layers.Flatten()(h)
    mean, log_var = layers.Dense(2, name="mean")(h), layers.Dense(2, name="log_var")(h)
    encoder = kmagic.Model(x, [mean, log_var, Sampling(name="sampling")([mean, log_var])], name="encoder")
    z = kmagic.Input((2,))
    h = layers.Reshape((4, 4, 2))(layers.Dense(32, activation="relu", name="wide")(z))
    y = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid", name="picture")(h)
    model = VAE(encoder, kmagic.Model(z, y, name="decoder"), kl_weight)
    model.compile(kmagic.optimizers.Adam(1e-2), **options)
    return model


class WGAN(kmagic.Model):
    """A critic that takes several steps, with a penalty on its gradient, and a generator that takes one."""

    def __init__(self, critic: Any, generator: Any, critic_steps: int = 2, gp_weight: float = 10.0) -> None:
        super().__init__()
        self.critic, self.generator = critic, generator
        self.critic_steps, self.gp_weight = critic_steps, gp_weight

    def compile(self, critic_optimizer: Any, generator_optimizer: Any, **options: Any) -> None:
        super().compile(**options)
        self.critic_optimizer, self.generator_optimizer = critic_optimizer, generator_optimizer

    def gradient_penalty(self, real: Any, fake: Any) -> Any:
        """How far the norm of the critic's gradient is from 1, between real and generated pictures."""
        share = kmagic.random.uniform((ops.shape(real)[0], 1, 1, 1))
        between = real + share * (fake - real)
        grads = kmagic.gradients(ops.sum(self.critic(between, training=True)), between)
        norm = ops.sqrt(ops.sum(ops.square(grads), axis=[1, 2, 3]))
        return ops.mean((norm - 1.0) ** 2)

    def train_step(self, data: Any) -> dict[str, Any]:
        count = ops.shape(data)[0]
        for _ in range(self.critic_steps):
            fake = self.generator(kmagic.random.normal((count, 3)), training=True)
            cost = ops.mean(self.critic(fake, training=True)) - ops.mean(self.critic(data, training=True))
            penalty = self.gradient_penalty(data, fake)
            critic_loss = cost + self.gp_weight * penalty
            grads = kmagic.gradients(critic_loss, self.critic)
            self.critic_optimizer.apply(grads, self.critic.trainable_variables)
        fake = self.generator(kmagic.random.normal((count, 3)), training=True)
        generator_loss = -ops.mean(self.critic(fake, training=True))
        grads = kmagic.gradients(generator_loss, self.generator)
        self.generator_optimizer.apply(grads, self.generator.trainable_variables)
        return {"critic_loss": critic_loss, "generator_loss": generator_loss, "penalty": penalty}


def wgan(**options: Any) -> WGAN:
    """A WGAN-GP with convolutions."""
    kmagic.utils.set_random_seed(0)
    critic = Sequential([layers.Conv2D(4, 3, strides=2), layers.LeakyReLU(0.2), layers.Flatten(), layers.Dense(1)])
    generator = Sequential(
        [layers.Dense(16), layers.Reshape((4, 4, 1)), layers.UpSampling2D(), layers.Conv2D(1, 3, padding="same")]
    )
    model, adam = WGAN(critic, generator), kmagic.optimizers.Adam
    model.compile(adam(1e-3, beta_1=0.5), adam(1e-3, beta_1=0.5), **options)
    return model


class Oscillator(kmagic.Model):
    """Learns u(t) with u'' = -u, u(0) = 0, u'(0) = 1 from the equation alone: there is no target."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def call(self, inputs: Any) -> Any:
        return self.net(inputs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        slope = kmagic.grad(lambda t: ops.sum(self.net(t)))
        curvature = kmagic.grad(lambda t: ops.sum(slope(t)))
        start = ops.zeros((1, 1))
        residual = ops.mean(ops.square(curvature(x) + y_pred))
        return residual + ops.sum(self.net(start) ** 2) + ops.sum((slope(start) - 1) ** 2)


class Distiller(kmagic.Model):
    """A student that learns from the labels and from what a teacher says."""

    def __init__(self, student: Any, teacher: Any) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher

    def compile(
        self,
        student_loss_fn: Any,
        distillation_loss_fn: Any,
        alpha: float = 0.1,
        temperature: float = 3,
        **options: Any,
    ) -> None:
        super().compile(**options)
        self.student_loss_fn, self.distillation_loss_fn = student_loss_fn, distillation_loss_fn
        self.alpha, self.temperature = alpha, temperature

    def call(self, inputs: Any) -> Any:
        return self.student(inputs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, allow_empty: bool = False
    ) -> Any:
        said = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            ops.softmax(said / self.temperature, axis=1), ops.softmax(y_pred / self.temperature, axis=1)
        )
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss * self.temperature**2


class Siamese(kmagic.Model):
    """One embedding of anchor, positive and negative examples; the loss is that of triplets."""

    def __init__(self, embedding: Any, margin: float = 0.5) -> None:
        super().__init__()
        self.embedding, self.margin = embedding, margin
        self.loss_tracker = kmagic.metrics.Mean(name="loss")

    @property
    def metrics(self) -> list[Any]:
        return [self.loss_tracker]

    def distances(self, data: Any) -> Any:
        """From the anchors to their positive and negative examples."""
        anchor, positive, negative = map(self.embedding, data)
        return tuple(ops.sum(ops.square(anchor - other), -1) for other in (positive, negative))

    def measured(self, data: Any) -> Any:
        """The loss of a batch, tracked."""
        near, far = self.distances(data)
        loss = ops.mean(ops.maximum(near - far + self.margin, 0.0))
        self.loss_tracker.update_state(loss)
        return loss

    def train_step(self, data: Any) -> dict[str, Any]:
        (examples,) = data
        grads = kmagic.gradients(self.measured(examples), self.embedding.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.embedding.trainable_weights, strict=True))
        return {"loss": self.loss_tracker.result()}

    def test_step(self, data: Any) -> dict[str, Any]:
        self.measured(data[0])
        return {"loss": self.loss_tracker.result()}
