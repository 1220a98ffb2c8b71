"""The report holds versions, limits and what is missing."""

import platform
from importlib import metadata

import numpy
import pytest

from kmagic.cli import doctor, main


def test_report_tells_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["python"].startswith(platform.python_version())
    assert lines["numpy"] == numpy.__version__
    assert " CPUs, " in lines["cpu"] and " GiB" in lines["memory"]
    assert set(lines) >= {"kmagic", "ipython", "ipywidgets", "matplotlib", "llvmlite", "jupyterlab", "blas"}


def test_extras_and_what_they_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = ["numpy>=2.0", 'jupyterlab>=4; extra == "lab"', "h5py ; extra == 'files'", 'kmagic[lab]; extra == "test"']
    installed = {"kmagic": "0.1.0", "jupyterlab": "4.6"}
    monkeypatch.setattr(metadata, "requires", lambda name: stated)
    monkeypatch.setattr(doctor, "version", installed.get)
    assert doctor.extras() == {"lab": ["jupyterlab"], "files": ["h5py"]}
    report = dict(doctor.report())
    assert (report["[lab]"], report["[files]"]) == ("complete", "missing h5py")
    assert report["numpy"] == "not installed"


def test_a_folder_without_installation_has_no_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: None)
    assert doctor.extras() == {}
