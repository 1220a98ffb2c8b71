"""Sources: where data come from.

Two protocols. A `Source` gives rows by their numbers; arrays do. `Batches` are gone through in passes: rows of a source
in an order (`RowBatches`), or what an object of the user's gives batch by batch (`StreamBatches` of a stream). A `Feed`
makes epochs of either, which need not end where a pass does, so that the training loop knows one thing only.

Chosen: the second kind is one of batches rather than of rows, because a generator has no row numbers, and sizes and
counts of its batches are known when they come. Workers (`ahead`, `processes`) belong to streams that say how many they
want; a generator is asked in the thread that trains, since nobody can tell how far ahead it may be asked.
"""

from kmagic.training.sources.arrays import ArraySource, RowBatches
from kmagic.training.sources.convert import as_array, table_of
from kmagic.training.sources.feed import ENDLESS, Feed
from kmagic.training.sources.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from kmagic.training.sources.source import Batches, Block, Source, in_order
from kmagic.training.sources.stream_batches import StreamBatches
from kmagic.training.sources.streams import Stream, first_batch, is_stream, repeats, stream_of

__all__ = [
    "ENDLESS",
    "ArraySource",
    "Batches",
    "Block",
    "Feed",
    "RowBatches",
    "Source",
    "Stream",
    "StreamBatches",
    "as_array",
    "first_batch",
    "in_order",
    "is_stream",
    "pack_x_y_sample_weight",
    "repeats",
    "stream_of",
    "table_of",
    "unpack_x_y_sample_weight",
]
