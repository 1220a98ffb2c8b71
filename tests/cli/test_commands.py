"""The parser, exit statuses and errors of the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from kmagic.base.errors import BadData
from kmagic.cli import commands, doctor, main


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for command in commands.COMMANDS:
        assert f"    {command.__name__.rpartition('.')[2]} " in shown


def test_a_command_is_needed() -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2


def test_errors_are_short_and_set_the_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise BadData("nothing to read", where="doctor", fix="plug it in")

    monkeypatch.setattr(doctor, "report", fail)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err == "doctor: nothing to read\nfix: plug it in\n"


def test_package_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "kmagic", "doctor"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("python ")
