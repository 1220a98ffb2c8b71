"""One contender in a process of its own: trains when asked, and says how fast.

    python tests/bench/contend.py kmagic W1

Talks in lines. First it trains one epoch to warm up and another to learn how long one takes, and writes `ready`; where
its library is not installed it says so instead, and ends. Then each line `<seconds>` on its input is a request to train
for about that time, in one `fit` of whole epochs, answered by `<samples per own CPU second> <samples per wall second>`.
An empty line or the end of the input ends it.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Contender -> the library that it builds models with, and the engine below it.
CONTENDERS = {"kmagic": ("kmagic", ""), "keras-jax": ("keras", "jax"), "keras-torch": ("keras", "torch")}

Train = Callable[[int], int]


def main(contender: str, workload: str) -> None:
    """Warm up, then serve requests until the input ends."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints must not look like an answer
    try:
        train = trainer(contender, workload)
    except ImportError as error:
        print(error, file=answers)
        return
    samples = train(1)
    _, speed = slot(train, 1)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        epochs = max(1, round(float(line) * speed / samples))
        processor, speed = slot(train, epochs)
        print(processor, speed, file=answers, flush=True)


def trainer(contender: str, name: str) -> Train:
    """A function that trains the workload for some epochs and returns the number of samples of one."""
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "tests"), str(root)]
    library, engine = CONTENDERS[contender]
    if engine:
        os.environ["KERAS_BACKEND"] = engine
    workload = importlib.import_module("bench.workloads").WORKLOADS[name]
    model = workload.model(importlib.import_module(library))
    x, y = workload.data()

    def train(epochs: int) -> int:
        model.fit(x, y, batch_size=workload.batch_size, epochs=epochs, verbose=0)
        return len(x)

    return train


def slot(train: Train, epochs: int) -> tuple[float, float]:
    """Train for some epochs; samples per CPU second of this process, and per wall second."""
    wall, processor = time.perf_counter(), time.process_time()
    samples = epochs * train(epochs)
    return samples / (time.process_time() - processor), samples / (time.perf_counter() - wall)


if __name__ == "__main__":
    main(*sys.argv[1:])
