"""Keras's `utils`: seeds, one-hot targets, vectors of length 1, sequences of one length, batches, pictures."""

from kmagic.base.excluded import attributes as _attributes
from kmagic.training.sources.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kmagic.utils.excluded import EXCLUDED as _EXCLUDED
from kmagic.utils.feature_space import FeatureSpace
from kmagic.utils.images import img_to_array
from kmagic.utils.normalize import normalize
from kmagic.utils.one_hot import to_categorical
from kmagic.utils.plot_model import plot_model
from kmagic.utils.py_dataset import PyDataset, Sequence
from kmagic.utils.seeds import set_random_seed
from kmagic.utils.sequences import pad_sequences
from kmagic.utils.split_dataset import split_dataset
from kmagic.utils.timeseries import timeseries_dataset_from_array

__all__ = [
    "FeatureSpace",
    "PyDataset",
    "Sequence",
    "img_to_array",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "set_random_seed",
    "split_dataset",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

__getattr__ = _attributes(__name__, _EXCLUDED, __all__)
