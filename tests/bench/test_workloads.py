"""The workloads are as stated, and contenders and the comparison do what they say; nothing here is timed."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import kmagic

from . import compare
from .contend import CONTENDERS
from .workloads import WORKLOADS

STATED = {
    "W1": "W1: 100-32-1, relu/sigmoid, rmsprop, binary_crossentropy, accuracy, batches of 32, 10000 samples",
    "W2": "W2: 784-512-512-10, relu/softmax, adam, sparse_categorical_crossentropy, batches of 128, 20000 samples",
}
PARAMETERS = {"W1": 100 * 32 + 32 + 32 + 1, "W2": 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10}


def test_the_comparison_offers_what_there_is() -> None:
    assert tuple(WORKLOADS) == compare.WORKLOADS == tuple(STATED)
    assert tuple(CONTENDERS) == ("kmagic", *compare.PEERS)


@pytest.mark.parametrize("name", WORKLOADS)
def test_workloads_are_as_stated(name: str) -> None:
    assert str(WORKLOADS[name]) == STATED[name]
    assert WORKLOADS[name].model(kmagic).count_params() == PARAMETERS[name]


@pytest.mark.parametrize("name", WORKLOADS)
def test_data_have_the_stated_shapes_and_are_the_same_at_every_call(name: str) -> None:
    workload = WORKLOADS[name]
    (x, y), (again, labels) = workload.data(), workload.data()
    assert x.shape == (workload.samples, workload.columns)
    assert x.dtype == np.float32
    assert len(y) == workload.samples
    assert np.array_equal(x, again) and np.array_equal(y, labels)


def test_labels_are_balanced() -> None:
    assert 0.45 < WORKLOADS["W1"].data()[1].mean() < 0.55
    assert np.bincount(WORKLOADS["W2"].data()[1]).tolist() == pytest.approx([2000] * 10, rel=0.1)


def test_kmagic_contends() -> None:
    contender = compare.Contender("kmagic", "W1", sys.executable, threads=1)
    speeds = [contender.slot(0.01) for _ in range(2)]
    contender.close()
    assert all(speed.processor > 0.0 and speed.wall > 0.0 for speed in speeds)
    assert contender.process.returncode == 0


def test_a_missing_peer_is_told_as_missing(capsys: pytest.CaptureFixture[str]) -> None:
    answer = compare.main(["--peer", "keras-torch", "--python-for-peer", "no-such-python", "--pairs", "1"])
    assert answer == 1
    assert "keras-torch is missing" in capsys.readouterr().out


def test_a_contender_without_its_library_says_so_instead_of_being_ready() -> None:
    bare = [sys.executable, "-S", str(compare.HERE / "contend.py"), "keras-jax", "W1"]
    ended = subprocess.run(bare, capture_output=True, text=True, check=True, env=compare.environment(threads=None))
    assert ended.stdout.startswith("No module named")


def test_contenders_run_with_an_environment_that_steers_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in compare.STEERING:
        monkeypatch.setenv(name, "Haswell")
    environment = compare.environment(threads=1)
    assert not environment.keys() & set(compare.STEERING)
    assert all(environment[name] == "1" for name in compare.THREADS)
    assert not compare.environment(threads=None).keys() & set(compare.STEERING)


def test_contenders_are_held_to_their_cores_and_the_caller_is_not() -> None:
    cores = getattr(os, "sched_getaffinity", lambda process: {process})  # other systems hold no process to cores
    before = cores(0)
    with compare.confined(1):
        assert len(cores(0)) == 1
    assert cores(0) == before


def test_the_report_has_medians_and_the_ratio_of_each_pair() -> None:
    measured = [(compare.Speed(own, 2.0 * own), compare.Speed(100.0, 100.0)) for own in (200.0, 300.0, 100.0)]
    lines = compare.report(("kmagic", "keras-jax"), measured)
    assert lines == [
        "processor kmagic       median          200 samples/s",
        "processor keras-jax    median          100 samples/s",
        "processor ratios       2.00 3.00 1.00",
        "processor ratio        median 2.00",
        "wall      kmagic       median          400 samples/s",
        "wall      keras-jax    median          100 samples/s",
        "wall      ratios       4.00 6.00 2.00",
        "wall      ratio        median 4.00",
    ]
