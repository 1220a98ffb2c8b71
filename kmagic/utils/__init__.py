"""Keras's `utils`: seeds, one-hot targets, vectors of length 1, sequences of one length."""

from kmagic.utils.normalize import normalize
from kmagic.utils.one_hot import to_categorical
from kmagic.utils.seeds import set_random_seed
from kmagic.utils.sequences import pad_sequences

__all__ = ["normalize", "pad_sequences", "set_random_seed", "to_categorical"]
