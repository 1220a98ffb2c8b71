"""Arrays cut, joined, repeated and turned."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

TABLE = {"shapes": ((3, 4),)}
EXAMPLES = {
    "ravel": [Call(ops.ravel, np.ravel, **TABLE)],
    "moveaxis": [
        Call(lambda x: ops.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1), **TABLE),
        Call(lambda x: ops.moveaxis(x, (0, 2), (1, 0)), lambda x: np.moveaxis(x, (0, 2), (1, 0)), **TABLE),
    ],
    "split": [
        Call(lambda x: ops.split(x, 2, axis=-1), lambda x: np.split(x, 2, axis=-1), **TABLE),
        Call(lambda x: ops.split(x, [1, 3], axis=1), lambda x: np.split(x, [1, 3], axis=1)),
        Call(lambda x: ops.split(x, [3, 1, -1, 9], axis=1), lambda x: np.split(x, [3, 1, -1, 9], axis=1)),
        Call(lambda x: ops.split(ops.tile(x, (2, 1)), 2), lambda x: [x, x]),
        Call(lambda x: ops.split(x, [1]), lambda x: [x[:1], x[1:]]),
    ],
    "array_split": [
        Call(lambda x: ops.array_split(x, 3, axis=1), lambda x: np.array_split(x, 3, axis=1)),
        Call(lambda x: ops.array_split(x, [1], axis=1), lambda x: np.array_split(x, [1], axis=1)),
    ],
    "hsplit": [
        Call(lambda x: ops.hsplit(x, 2), lambda x: np.hsplit(x, 2)),
        Call(lambda x: ops.hsplit(x, 2), lambda x: np.hsplit(x, 2), batch=False),
    ],
    "vsplit": [Call(lambda x: ops.vsplit(x, [1]), lambda x: np.vsplit(x, [1]))],
    "dsplit": [Call(lambda x: ops.dsplit(x, 2), lambda x: np.dsplit(x, 2), **TABLE)],
    "unstack": [
        Call(lambda x: ops.unstack(x, axis=1), lambda x: [x[:, 0], x[:, 1], x[:, 2], x[:, 3]]),
        Call(lambda x: ops.unstack(x, num=4), lambda x: [x[0], x[1], x[2], x[3]], batch=False),
    ],
    "vstack": [
        Call(lambda x, y: ops.vstack([x, y]), lambda x, y: np.vstack([x, y]), shapes=((4,), (4,))),
        Call(lambda x: ops.vstack([x, [1.0] * 4]), lambda x: np.vstack([x, np.ones(4)]), batch=False),
    ],
    "hstack": [
        Call(lambda x, y: ops.hstack([x, y]), lambda x, y: np.hstack([x, y]), shapes=((4,), (2,))),
        Call(lambda x: ops.hstack([x, 1.0]), lambda x: np.hstack([x, 1.0]), batch=False),
    ],
    "dstack": [
        Call(lambda x: ops.dstack([x, x]), lambda x: np.dstack([x, x])),
        Call(lambda x: ops.dstack([x, x]), lambda x: np.dstack([x, x]), batch=False),
    ],
    "append": [
        Call(lambda x, y: ops.append(x, y), np.append, shapes=((4,), (2,))),
        Call(lambda x, y: ops.append(x, y, axis=1), lambda x, y: np.append(x, y, 1), shapes=((4,), (2,))),
    ],
    "tile": [
        Call(lambda x: ops.tile(x, 3), lambda x: np.tile(x, 3)),
        Call(lambda x: ops.tile(x, (2, 1, 3)), lambda x: np.tile(x, (2, 1, 3))),
        Call(lambda x: ops.tile(x, (2,)), lambda x: np.tile(x, (2,)), **TABLE),
    ],
    "repeat": [
        Call(lambda x: ops.repeat(x, 2), lambda x: np.repeat(x, 2)),
        Call(lambda x: ops.repeat(x, 2, axis=0), lambda x: np.repeat(x, 2, 0)),
        Call(lambda x: ops.repeat(x, [2, 0, 1, 3], axis=1), lambda x: np.repeat(x, [2, 0, 1, 3], 1)),
    ],
    "roll": [
        Call(lambda x: ops.roll(x, 1), lambda x: np.roll(x, 1)),
        Call(lambda x: ops.roll(x, -2, axis=1), lambda x: np.roll(x, -2, 1)),
        Call(lambda x: ops.roll(x, 9, axis=0), lambda x: np.roll(x, 9, 0)),
        Call(lambda x: ops.roll(x, (1, -1), axis=(0, 1)), lambda x: np.roll(x, (1, -1), (0, 1))),
    ],
    "rot90": [
        Call(lambda x, k=k: ops.rot90(x, k), lambda x, k=k: np.rot90(x, k), shapes=((3, 4),), batch=k == 1)
        for k in (-1, 0, 1, 2, 3)
    ]
    + [Call(lambda x: ops.rot90(x, axes=(1, 2)), lambda x: np.rot90(x, axes=(1, 2)), **TABLE)],
    "fliplr": [Call(ops.fliplr, np.fliplr, **TABLE)],
    "flipud": [Call(ops.flipud, np.flipud, **TABLE)],
    "pad": [
        Call(lambda x: ops.pad(x, ((0, 0), (1, 2))), lambda x: np.pad(x, ((0, 0), (1, 2)))),
        Call(lambda x: ops.pad(x, 1), lambda x: np.pad(x, 1)),
        Call(
            lambda x: ops.pad(x, (1, 2), constant_values=3.5), lambda x: np.pad(x, (1, 2), constant_values=3.5), **TABLE
        ),
    ]
    + [
        Call(
            lambda x, mode=mode: ops.pad(x, ((0, 0), (3, 2)), mode=mode),
            lambda x, mode=mode: np.pad(x, ((0, 0), (3, 2)), mode=mode),
        )
        for mode in ("reflect", "symmetric", "edge", "wrap")
    ],
}
