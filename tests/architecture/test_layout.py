"""Where things lie and how they are called; the project stands alone."""

import json
import re
from pathlib import Path

from tests.architecture import tree

TOP = {"kmagic", "notebooks", "tests", "pyproject.toml", "LICENSE", "README.md"}
BANNED = re.compile(r"^(base_.*|(.*_)?(utils?|helpers?|common|misc|managers?))$")
# `kmagic.utils` is a public namespace of Keras.
KERAS_NAMES = {"utils"}
# Folders of tests that look across the whole package.
ACROSS = {"architecture", "bench", "browser", "golden", "laws", "notebooks", "parity"}
OUTSIDE = re.compile(r"/(?:home|root|Users|work)/\w|\bshared[/]|\bprototypes[/]")


def test_top_level_holds_only_what_is_agreed() -> None:
    names = {path.parts[0] for path in tree.files()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_names_say_what_they_hold() -> None:
    vague = [
        str(path)
        for path in tree.python_files()
        for part in (*path.parts[:-1], path.stem)
        if BANNED.match(part) and part not in KERAS_NAMES
    ]
    assert not vague, tree.listed(vague)


def test_project_stands_alone() -> None:
    mentions = [
        f"{path}:{number}: {line.strip()}"
        for path in tree.text_files()
        for number, line in enumerate(tree.read(path).splitlines(), start=1)
        if OUTSIDE.search(line)
    ]
    assert not mentions, tree.listed(mentions)


def test_folders_of_tests_mirror_the_package() -> None:
    tests = [path for path in tree.python_files("tests") if path.name.startswith("test_")]
    folders = {path.parent.relative_to("tests") for path in tests} - {Path()}
    strangers = [
        str(folder)
        for folder in sorted(folders)
        if folder.parts[0] not in ACROSS and not (tree.ROOT / "kmagic" / folder).is_dir()
    ]
    assert not strangers, tree.listed(strangers)


def test_files_of_tests_mirror_the_package() -> None:
    """`test_loop.py` or `test_loop_edges.py` tests `loop.py`; `test_training.py` tests the package `training`."""
    strangers = []
    for path in tree.python_files("tests"):
        folder = path.parent.relative_to("tests")
        if not path.name.startswith("test_") or (folder.parts and folder.parts[0] in ACROSS):
            continue
        package = tree.ROOT / "kmagic" / folder
        concepts = {package.name, *(entry.stem for entry in package.iterdir() if not entry.name.startswith("."))}
        subject = path.stem.removeprefix("test_")
        if not any(subject == concept or subject.startswith(concept + "_") for concept in concepts):
            strangers.append(str(path))
    assert not strangers, tree.listed(strangers)


def test_notebooks_carry_no_outputs() -> None:
    for path in tree.files():
        if path.suffix == ".ipynb":
            cells = json.loads(tree.read(path))["cells"]
            assert [cell.get("outputs", []) for cell in cells if cell.get("outputs")] == [], path
            assert {cell.get("execution_count") for cell in cells} <= {None}, path
