"""Keras's `utils`: seeds, one-hot targets."""

from kmagic.utils.one_hot import to_categorical
from kmagic.utils.seeds import set_random_seed

__all__ = ["set_random_seed", "to_categorical"]
