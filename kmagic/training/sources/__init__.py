"""Sources: where rows come from. One protocol, `Source`; arrays are the first kind."""

from kmagic.training.sources.arrays import ArraySource
from kmagic.training.sources.convert import as_array, table_of
from kmagic.training.sources.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kmagic.training.sources.source import Source

__all__ = [
    "ArraySource",
    "Source",
    "as_array",
    "pack_x_y_sample_weight",
    "table_of",
    "unpack_x_y_sample_weight",
]
