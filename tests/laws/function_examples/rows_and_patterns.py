"""Distances of rows, axes by pattern, and pieces of sequences."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call


def _pieces(x: np.ndarray) -> np.ndarray:
    return np.stack([x[..., 0:3], x[..., 2:5], x[..., 4:7]], axis=-2)


EXAMPLES = {
    "cdist": [
        Call(
            lambda x, y: ops.cdist(x, y),
            lambda x, y: np.sqrt(((x[..., :, None, :] - y[..., None, :, :]) ** 2).sum(-1)),
            shapes=((3, 2), (4, 2)),
        ),
    ],
    "rearrange": [
        Call(
            lambda x: ops.rearrange(x, "b h w c -> b c h w"),
            lambda x: np.transpose(x, (0, 3, 1, 2)),
            shapes=((2, 3, 4),),
        ),
        Call(
            lambda x: ops.rearrange(x, "b h w -> b (w h)"),
            lambda x: np.transpose(x, (0, 2, 1)).reshape(len(x), -1),
            shapes=((2, 3),),
        ),
        Call(
            lambda x: ops.rearrange(x, "b (h r) c->b h (c r)", r=2),
            lambda x: np.transpose(x.reshape(len(x), 3, 2, 2), (0, 1, 3, 2)).reshape(len(x), 3, 4),
            shapes=((6, 2),),
        ),
        Call(lambda x: ops.rearrange(x, "b n -> (b n)"), lambda x: x.reshape(-1), shapes=((3,),)),
        Call(
            lambda x: ops.rearrange(x, "(a b) c -> a (c b)", a=2, b=3),
            lambda x: np.transpose(x.reshape(2, 3, 2), (0, 2, 1)).reshape(2, 6),
            shapes=((6, 2),),
            batch=False,
        ),
    ],
    "extract_sequences": [
        Call(lambda x: ops.extract_sequences(x, 3, 2), _pieces, shapes=((8,),)),
        Call(lambda x: ops.extract_sequences(x, 3, 2), _pieces, shapes=((2, 7),)),
    ],
}
