"""Random numbers under Keras's names: `kmagic.random.normal((2, 3), seed=1)`."""

from kmagic.graph.seed import SeedGenerator, bernoulli, dropout, normal, set_global_seed, truncated_normal, uniform

__all__ = ["SeedGenerator", "bernoulli", "dropout", "normal", "set_global_seed", "truncated_normal", "uniform"]
