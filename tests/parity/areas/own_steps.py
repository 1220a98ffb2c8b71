"""Steps of a user's own: ten steps of a VAE, of a critic with a penalty on its gradient, and of distillation.

A step is written once, on operations, layers and optimizers that both libraries have. With Keras it is run by hand and
differentiated by the engine; with kmagic it is the `train_step` of a model, in a compiled program. Noise comes as data,
so that both see the same. What Keras can do itself with any engine (`compute_loss`, `compute_metrics`) is a model there
too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..reading import numpy_of
from ..step_gradients import gradients_of

STEPS, ROWS = 10, 4


@dataclass(frozen=True)
class StepsCase:
    """What is trained, and how."""

    name: str
    run: Callable[[Library], Results]


def with_weights(model: Any, name: str) -> Any:
    """The model with weights that its name stands for."""
    shapes = [tuple(weight.shape) for weight in model.get_weights()]
    model.set_weights([0.5 * array for array in inputs.weights(shapes, "own steps", name)])
    return model


def batches(*shapes: tuple[int, ...]) -> list[list[np.ndarray]]:
    """For each step an array of each shape; the first holds values between 0 and 1."""
    found = []
    for step in range(STEPS):
        first, *others = (inputs.normal("own steps", step, place, shape=(ROWS, *s)) for place, s in enumerate(shapes))
        found.append([1 / (1 + np.exp(-first)), *others])
    return found


class Player:
    """Models and optimizers of one training, and the step that they make together."""

    def __init__(self, library: Library) -> None:
        self.library, self.ops, self.gradients = library, library.ops, gradients_of(library)
        self.models: list[Any] = []
        self.optimizers: list[Any] = []

    def step(self, data: Sequence[Any]) -> dict[str, Any]:
        """One step, and what it logs."""
        raise NotImplementedError

    def between(self, number: int) -> None:
        """What happens before a step."""

    def update(self, number: int, loss: Callable[[], Any]) -> Any:
        """Let a model make a loss smaller, with its optimizer; returns the loss."""
        variables = self.models[number].trainable_variables
        value, found = self.gradients.of(loss, variables)
        self.optimizers[number].apply(found, variables)
        return value


def trained(player: Player, data: Sequence[Sequence[np.ndarray]]) -> Results:
    """What each step logs, and the weights at the end."""
    for model, optimizer in zip(player.models, player.optimizers, strict=True):
        optimizer.build(model.trainable_variables)
    run = as_model(player) if player.library.__name__ == "kmagic" else by_hand(player)
    found = []
    for number, batch in enumerate(data):
        player.between(number)
        found.append({name: float(numpy_of(value)) for name, value in run(batch).items()})
    logs = {name: np.array([each[name] for each in found]) for name in found[0]}
    weights = [array for model in player.models for array in model.get_weights()]
    return logs | {f"weight/{place}": array for place, array in enumerate(weights)}


def by_hand(player: Player) -> Callable[[Sequence[np.ndarray]], dict[str, Any]]:
    """The step as it is."""
    return lambda batch: player.step([player.ops.convert_to_tensor(array) for array in batch])


def as_model(player: Player) -> Callable[[Sequence[np.ndarray]], dict[str, Any]]:
    """The step as that of a model."""

    class Stepping(player.library.Model):
        def train_step(self, data: Any) -> Any:
            return player.step(data[0])

    model = Stepping()
    model.members, model.own_optimizers = player.models, player.optimizers
    model.compile()
    return lambda batch: model.train_on_batch(list(batch), return_dict=True)


# ---- a variational autoencoder, whose KL term grows ----


class Autoencoder(Player):
    """An encoder to mean and log variance, and a decoder."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        layers = library.layers
        x = layers.Input((6, 6, 1))
        h = layers.Conv2D(3, 3, strides=2, padding="same", activation="tanh", name="conv")(x)
        h = layers.Flatten(name="flat")(h)
        mean, log_var = layers.Dense(2, name="mean")(h), layers.Dense(2, name="log_var")(h)
        z = layers.Input((2,))
        h = layers.Dense(18, activation="tanh", name="wide")(z)
        h = layers.Reshape((3, 3, 2), name="grid")(h)
        y = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid", name="picture")(h)
        self.encoder = library.Model(x, [mean, log_var], name="encoder")
        self.decoder = library.Model(z, y, name="decoder")
        both = Both(self.encoder, self.decoder)
        with_weights(self.encoder, "encoder")
        with_weights(self.decoder, "decoder")
        self.models, self.optimizers = [both], [library.optimizers.Adam(0.02)]
        self.kl_weight = library.Variable(0.0, trainable=False, dtype="float64")

    def between(self, number: int) -> None:
        self.kl_weight.assign(number / (STEPS - 1))

    def step(self, data: Sequence[Any]) -> dict[str, Any]:
        ops, (images, noise) = self.ops, data

        def parts() -> tuple[Any, Any]:
            mean, log_var = self.encoder(images, training=True)
            said = self.decoder(mean + ops.exp(0.5 * log_var) * noise, training=True)
            wrong = self.library.losses.binary_crossentropy(images, said)
            kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1))
            return ops.mean(ops.sum(wrong, axis=(1, 2))), kl

        def loss() -> Any:
            reconstruction, kl = parts()
            return reconstruction + ops.convert_to_tensor(self.kl_weight) * kl

        before = parts()
        total = self.update(0, loss)
        return {"total": total, "reconstruction": before[0], "kl": before[1]}


class Both:
    """Two models as one list of variables."""

    def __init__(self, *models: Any) -> None:
        self._models = models

    @property
    def trainable_variables(self) -> list[Any]:
        return [variable for model in self._models for variable in model.trainable_variables]

    def get_weights(self) -> list[np.ndarray]:
        return [array for model in self._models for array in model.get_weights()]


# ---- a critic whose gradient is kept near 1, and a generator ----


class Adversaries(Player):
    """A critic that takes two steps with a gradient penalty, and a generator that sees what it has become."""

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        layers = library.layers
        self.critic = library.Sequential(
            [
                layers.Input((6, 6, 1)),
                layers.Conv2D(3, 3, strides=2, name="conv"),
                layers.LeakyReLU(negative_slope=0.2, name="leaky"),
                layers.Flatten(name="flat"),
                layers.Dense(3, activation="tanh", name="hidden"),
                layers.Dense(1, name="score"),
            ],
            name="critic",
        )
        self.generator = library.Sequential(
            [
                layers.Input((2,)),
                layers.Dense(9, activation="tanh", name="seen"),
                layers.Reshape((3, 3, 1), name="grid"),
                layers.UpSampling2D(2, name="larger"),
                layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="picture"),
            ],
            name="generator",
        )
        self.models = [with_weights(self.critic, "critic"), with_weights(self.generator, "generator")]
        adam = library.optimizers.Adam
        self.optimizers = [adam(0.01, beta_1=0.5, beta_2=0.9), adam(0.02, beta_1=0.5, beta_2=0.9)]

    def penalty(self, real: Any, fake: Any, share: Any) -> Any:
        """How far the gradient's norm is from 1 between real and generated pictures."""
        ops = self.ops
        slope = self.gradients.along(self.critic, real + share * (fake - real))
        return ops.mean((ops.sqrt(ops.sum(ops.square(slope), axis=(1, 2, 3))) - 1.0) ** 2)

    def step(self, data: Sequence[Any]) -> dict[str, Any]:
        ops, logs = self.ops, {}
        real, *noises, shares = data
        for number, noise in enumerate(noises):
            fake = self.generator(noise, training=True)
            share = ops.reshape(shares[:, number], (-1, 1, 1, 1))

            def loss(fake: Any = fake, share: Any = share) -> Any:
                cost = ops.mean(self.critic(fake, training=True)) - ops.mean(self.critic(real, training=True))
                return cost + 10.0 * self.penalty(real, fake, share)

            logs[f"critic {number}"] = self.update(0, loss)
        logs["generator"] = self.update(
            1, lambda: -ops.mean(self.critic(self.generator(noises[0], training=True), training=True))
        )
        return logs


# ---- distillation, as a model of either library ----


def distiller(library: Library) -> Any:
    """A student that learns from labels and from a teacher; its loss is a method, its metrics are a method too."""
    ops, layers = library.ops, library.layers

    class Distiller(library.Model):
        def __init__(self) -> None:
            super().__init__()
            parts = {"teacher": (6, "tanh"), "student": (3, "relu")}
            for name, (units, activation) in parts.items():
                hidden, head = layers.Dense(units, activation, name="hidden"), layers.Dense(3, name="head")
                setattr(self, name, library.Sequential([layers.Input((4,)), hidden, head], name=name))
            self.teacher.trainable = False
            self.confidence = library.metrics.Mean(name="confidence")

        def call(self, inputs: Any) -> Any:
            return self.student(inputs)

        def compute_loss(
            self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            own = super().compute_loss(x, y, y_pred, sample_weight, training)
            said = [ops.softmax(logits / 3.0, axis=1) for logits in (self.teacher(x, training=False), y_pred)]
            return 0.1 * own + 0.9 * 9.0 * ops.mean(library.losses.kl_divergence(*said))

        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            logs = super().compute_metrics(x, y, y_pred, sample_weight)
            self.confidence.update_state(ops.max(ops.softmax(y_pred), axis=-1), sample_weight)
            return {**logs, "confidence": self.confidence.result()}

    return Distiller()


def distillation(library: Library) -> Results:
    """History, evaluation and weights of a student."""
    model = distiller(library)
    for part in (model.teacher, model.student):
        with_weights(part, part.name)
    model.build((None, 4))
    model.compile(
        library.optimizers.Adam(0.02),
        library.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    x = inputs.normal("distilled", shape=(STEPS * ROWS + 2, 4))
    y, weights = x[:, :3].argmax(1), np.linspace(0.5, 2, len(x))
    options = {"batch_size": ROWS, "shuffle": False, "verbose": 0}
    history = model.fit(x, y, sample_weight=weights, epochs=3, validation_split=0.25, **options).history
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    logs = {name: np.array([float(value) for value in values]) for name, values in history.items()}
    evaluated = {f"evaluated {name}": np.array(float(value)) for name, value in found.items()}
    weights = {f"weight/{place}": array for place, array in enumerate(model.student.get_weights())}
    return {**logs, **evaluated, **weights, "names": sorted(history)}


CASES = (
    StepsCase("an autoencoder", lambda library: trained(Autoencoder(library), batches((6, 6, 1), (2,)))),
    StepsCase("adversaries", lambda library: trained(Adversaries(library), batches((6, 6, 1), (2,), (2,), (2,)))),
    StepsCase("distillation", distillation),
)

AREAS = [Area("own steps", CASES, lambda library, case: case.run(library))]
