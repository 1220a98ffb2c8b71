"""Compares kmagic with a peer on a workload: slots alternate, and the ratio is taken within each pair.

    python tests/bench/compare.py --workload W1 --peer keras-jax --python-for-peer ~/venvs/keras_jax/bin/python

On a shared machine the unit is samples per own CPU second; samples per wall second are printed beside it. A ratio above
1 says that kmagic is faster.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = ("keras-jax", "keras-torch")
WORKLOADS = ("W1", "W2")
# What some machines set to steer OpenBLAS in one library but not in another.
STEERING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Missing(Exception):
    """A contender that does not start here."""


@dataclass(frozen=True)
class Speed:
    """Samples per own CPU second and per wall second."""

    processor: float
    wall: float


class Contender:
    """A contender's process, warm and waiting for slots."""

    def __init__(self, name: str, workload: str, python: str, threads: int | None) -> None:
        self.name = name
        command = [python, str(HERE / "contend.py"), name, workload]
        with confined(threads):
            try:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(threads)
                )
            except OSError as error:
                raise Missing(f"{name} is missing: {error}") from None
        first = self.process.stdout.readline().strip()
        if first != "ready":
            self.close()
            raise Missing(f"{name} is missing: {first or 'its process ended with an error'}")

    def slot(self, seconds: float) -> Speed:
        """Let it train for so long."""
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return Speed(*map(float, self.process.stdout.readline().split()))

    def close(self) -> None:
        """Let it end."""
        self.process.communicate("\n")


def environment(threads: int | None) -> dict[str, str]:
    """A contender's environment: nobody's BLAS is steered, and a number of threads holds for everybody's libraries."""
    kept = {name: value for name, value in os.environ.items() if name not in STEERING}
    quiet = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    if threads is None:
        return kept | quiet
    # XLA takes its number of threads from the cores that the process may use.
    return kept | quiet | dict.fromkeys(THREADS, str(threads))


@contextlib.contextmanager
def confined(threads: int | None) -> Iterator[None]:
    """Start processes on so many of the cores that this one may use; where the system cannot, only by environment."""
    if threads is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:threads]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def alternate(first: Contender, second: Contender, pairs: int, seconds: float) -> list[tuple[Speed, Speed]]:
    """Slots in turns; who begins a pair alternates too."""
    measured = []
    for pair in range(pairs):
        order = (first, second) if pair % 2 == 0 else (second, first)
        speeds = {contender.name: contender.slot(seconds) for contender in order}
        measured.append((speeds[first.name], speeds[second.name]))
    return measured


def report(names: Sequence[str], measured: Sequence[tuple[Speed, Speed]]) -> list[str]:
    """Medians of both contenders, the ratio of each pair, and its median, by CPU and by wall time."""
    lines = []
    for unit in ("processor", "wall"):
        speeds = [[getattr(speed, unit) for speed in pair] for pair in measured]
        ratios = [own / peer for own, peer in speeds]
        for name, column in zip(names, zip(*speeds, strict=True), strict=True):
            lines.append(f"{unit:9} {name:12} median {statistics.median(column):12,.0f} samples/s")
        lines.append(f"{unit:9} ratios       {' '.join(f'{ratio:.2f}' for ratio in ratios)}")
        lines.append(f"{unit:9} ratio        median {statistics.median(ratios):.2f}")
    return lines


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", choices=WORKLOADS, default="W1")
    parser.add_argument("--peer", choices=PEERS, default="keras-jax")
    parser.add_argument("--python-for-peer", default=sys.executable, help="an interpreter that has the peer installed")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a slot")
    parser.add_argument("--threads", type=int, help="hold both to so many cores and threads")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and return 0; 1 where a contender is missing."""
    given = parsed(arguments)
    print(f"{given.workload}, kmagic against {given.peer}, {given.pairs} pairs of {given.seconds:g} s", flush=True)
    with contextlib.ExitStack() as stack:
        contenders = []
        for name, python in (("kmagic", sys.executable), (given.peer, given.python_for_peer)):
            try:
                contender = Contender(name, given.workload, python, given.threads)
            except Missing as missing:
                print(missing)
                return 1
            stack.callback(contender.close)
            contenders.append(contender)
        measured = alternate(*contenders, given.pairs, given.seconds)
    print("\n".join(report([contender.name for contender in contenders], measured)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
