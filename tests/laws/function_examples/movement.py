"""The same values under other indices."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

EXAMPLES = {
    "getitem": [
        Call(lambda x: ops.getitem(x, 0), lambda x: np.take(x, 0, 0)),
        Call(lambda x: x[:, -1], lambda x: np.take(x, 3, 1)),
        Call(lambda x: x[:, ::2], lambda x: np.take(x, [0, 2], 1)),
        Call(lambda x: x[:, ::-1], lambda x: np.take(x, [3, 2, 1, 0], 1)),
        Call(lambda x: x[:, 2::-2], lambda x: np.take(x, [2, 0], 1)),
        Call(lambda x: x[::-1], lambda x: np.take(x, range(len(x) - 1, -1, -1), 0)),
        Call(lambda x: x[1:], lambda x: np.delete(x, 0, 0)),
        Call(lambda x: x[:-1], lambda x: np.delete(x, len(x) - 1, 0)),
        Call(lambda x: x[:, None, ..., None], lambda x: x.reshape(len(x), 1, 4, 1)),
        Call(lambda x: x[..., 1], lambda x: np.take(x, 1, 2), shapes=((3, 2),)),
        Call(lambda x: x[:, 3:1], lambda x: np.empty((len(x), 0))),
        Call(lambda x: x @ np.eye(2), lambda x: x * 1.0, shapes=((3, 2),)),
    ],
    "get_item": [
        Call(lambda x: ops.get_item(x, [0, -1]), lambda x: x[[0, -1]]),
        Call(lambda x: x[:, np.array([3, 0])], lambda x: x[:, [3, 0]]),
        Call(lambda x: x[..., np.array([[3], [0]])], lambda x: x[..., [[3], [0]]]),
        Call(lambda x: x[:, 1, np.array([3, -1])], lambda x: x[:, 1, [3, -1]], shapes=((3, 4),)),
        Call(lambda x: x[:, None, [0, 2], [3, -1]], lambda x: x[:, None, [0, 2], [3, -1]], shapes=((3, 4),)),
        Call(lambda x: x[:, ::2, [0, 2]], lambda x: x[:, ::2, [0, 2]], shapes=((3, 4),)),
        Call(
            lambda i, x: x[ops.arange(x.shape[0]), i],
            lambda i, x: x[np.arange(len(x)), i],
            shapes=((), (4,)),
            dtypes=("int32", "float64"),
            low=0,
            high=4,
        ),
        Call(lambda x: ops.get_item(x, (slice(None), 1)), lambda x: x[:, 1]),
    ],
    "concatenate": [
        Call(lambda x, y: ops.concatenate([x, y], axis=1), lambda x, y: np.hstack([x, y]), shapes=((4,), (2,))),
        Call(lambda x: ops.concatenate([x, x]), lambda x: np.vstack([x, x])),
    ],
    "stack": [
        Call(lambda x, y: ops.stack([x, y], axis=1), lambda x, y: np.stack([x, y], 1), shapes=((4,), (4,))),
        Call(lambda x: ops.stack([x, x, x]), lambda x: np.array([x, x, x])),
    ],
    "reshape": [
        Call(lambda x: ops.reshape(x, (-1, 3)), lambda x: x.reshape(len(x) * 2, 3), shapes=((3, 2),)),
        Call(lambda x: ops.reshape(x, (-1,)), lambda x: x.ravel(), shapes=((3, 2),)),
        Call(lambda x: ops.reshape(ops.transpose(x), (-1,)), lambda x: x.T.ravel()),
        Call(lambda x: ops.reshape(x, np.array([-1, 2])), lambda x: x.reshape(len(x) * 2, 2)),
        Call(lambda x: ops.reshape(x, np.int64(-1)), lambda x: x.ravel()),
    ],
    "transpose": [
        Call(ops.transpose, lambda x: np.einsum("abc->cba", x), shapes=((3, 2),)),
    ],
    "swapaxes": [
        Call(lambda x: ops.swapaxes(x, 1, -1), lambda x: np.einsum("abc->acb", x), shapes=((3, 2),)),
    ],
    "expand_dims": [
        Call(lambda x: ops.expand_dims(x, (0, -1)), lambda x: x[None, ..., None]),
        Call(lambda x: ops.expand_dims(x, np.int64(1)), lambda x: x[:, None]),
    ],
    "squeeze": [
        Call(lambda x: ops.squeeze(x, 1), lambda x: x[:, 0], shapes=((1, 4),)),
        Call(lambda x: ops.squeeze(x, np.int64(1)), lambda x: x[:, 0], shapes=((1, 4),)),
    ],
    "flip": [
        Call(lambda x: ops.flip(x, 0), lambda x: x[::-1]),
    ],
    "broadcast_to": [
        Call(lambda x: ops.broadcast_to(x, (3, *x.shape)), lambda x: np.stack([x] * 3)),
    ],
}
