"""Registries: a file dropped into a package of parts is a part, and nothing else has to know."""

import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kmagic.base import registry as registries
from kmagic.base.errors import BadType, BadValue, Defect, NotAPart, UnknownName
from kmagic.base.parts import Part, serialize
from kmagic.base.registry import REGISTRIES, Registry, deserialize

PACKAGE = '''
"""Test parts."""
from kmagic.base.registry import Registry
registry = Registry("gadget", __name__)
'''
HAMMER = '''
from kmagic.base.parameters import Positive
from kmagic.base.parts import Part
from {package} import registry

@registry.register("hmr", "HMR", tags=("heavy", "metal"), shapes="[n] -> [n]")
class BigHammer(Part):
    """Hits things.

    Formula: F = m·a

    Symbols: m weight
    """
    def __init__(self, weight: Positive = 1.0) -> None:
        self.weight = weight
'''
GLUE = '''
from {package} import registry

@registry.register()
def glue(x, strength: float = 1.0):
    """Sticks
    to things."""
    return x
'''

Drop = Callable[[str, str], None]


@pytest.fixture
def gadgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A package with one part, in a folder of its own."""
    name = f"gadgets_of_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE)
    (folder / "big_hammer.py").write_text(HAMMER.format(package=name))
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(name).registry
    REGISTRIES.pop(name)
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.fixture
def drop(gadgets: Registry, tmp_path: Path) -> Drop:
    """Put a file into the package."""

    def put(name: str, text: str) -> None:
        (tmp_path / gadgets.package / f"{name}.py").write_text(text.format(package=gadgets.package))
        importlib.invalidate_caches()

    return put


def test_a_dropped_file_appears_everywhere(gadgets: Registry, drop: Drop) -> None:
    assert gadgets.names() == ["big_hammer"]
    drop("glue", GLUE)
    package = sys.modules[gadgets.package]
    assert gadgets.names() == ["big_hammer", "glue"]
    assert {"BigHammer", "glue", "registry"} <= set(dir(package))
    assert package.glue(3) == 3 and package.BigHammer(2).weight == 2
    assert registries.get("glue", gadgets) is package.glue


def test_an_entry_is_read_off_the_part(gadgets: Registry) -> None:
    entry = gadgets.find("big_hammer")
    assert (entry.name, entry.tags, entry.shapes) == ("big_hammer", ("heavy", "metal"), "[n] -> [n]")
    assert (entry.summary, entry.formula, entry.section("Symbols")) == ("Hits things.", "F = m·a", "m weight")
    assert [(p.name, p.default, str(p.bound)) for p in entry.parameters] == [("weight", 1.0, "a number > 0")]
    assert set(entry.exports) == {"BigHammer", "HMR"}


@pytest.mark.parametrize("spelling", ["big_hammer", "BigHammer", "hmr", "HMR", "BIG_HAMMER"])
def test_every_spelling_finds_it(gadgets: Registry, spelling: str) -> None:
    assert gadgets.find(spelling).name == "big_hammer"


def test_only_the_file_named_after_a_part_is_loaded(gadgets: Registry, drop: Drop) -> None:
    drop("broken", "raise RuntimeError('loaded')")
    assert gadgets.find("big_hammer").name == "big_hammer"
    assert sys.modules[gadgets.package].BigHammer.__name__ == "BigHammer"
    with pytest.raises(RuntimeError, match="loaded"):
        gadgets.names()


def test_a_file_named_like_its_function_gives_the_function(gadgets: Registry, drop: Drop) -> None:
    drop("glue", GLUE)
    importlib.import_module(f"{gadgets.package}.glue")
    assert callable(sys.modules[gadgets.package].glue)


def test_an_unknown_part_comes_with_the_closest(gadgets: Registry) -> None:
    with pytest.raises(UnknownName, match="unknown gadget 'big_hamer'") as caught:
        gadgets.find("big_hamer")
    assert "'big_hammer'" in str(caught.value.fix)
    with pytest.raises(AttributeError, match="unknown gadget 'BigHamer'"):
        sys.modules[gadgets.package].BigHamer  # noqa: B018
    with pytest.raises(ImportError):
        exec(f"from {gadgets.package} import Nothing")


def test_tags_select(gadgets: Registry, drop: Drop) -> None:
    drop("glue", GLUE)
    assert [entry.name for entry in gadgets.entries("heavy")] == ["big_hammer"]
    assert [entry.name for entry in gadgets.entries()] == ["big_hammer", "glue"]


def test_a_part_without_a_docstring_is_a_defect(gadgets: Registry) -> None:
    def silent() -> None: ...

    with pytest.raises(Defect, match="gadget 'silent' in .* has no docstring"):
        gadgets.register()(silent)


def test_a_name_used_twice_is_a_defect_that_names_both_files(gadgets: Registry, drop: Drop) -> None:
    drop("other", GLUE.replace("register()", "register('hmr')"))
    with pytest.raises(Defect, match=r"'hmr' is defined in .*(big_hammer and .*other|other and .*big_hammer)"):
        gadgets.names()


def test_a_cell_that_is_run_again_replaces_its_part(gadgets: Registry) -> None:
    def cell() -> type:
        class Mine:
            """A user's own part."""

        return gadgets.register("my")(Mine)

    cell()
    latest = cell()
    assert gadgets.find("my").target is latest and gadgets.names().count("mine") == 1


def test_entry_points_add_parts(gadgets: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        def load(self) -> None:
            @gadgets.register()
            def saw() -> None:
                """Cuts."""

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Point()] if group == gadgets.package else [])
    assert gadgets.names() == ["big_hammer", "saw"]


def test_entry_of_finds_classes_functions_and_instances(gadgets: Registry, drop: Drop) -> None:
    drop("glue", GLUE)
    hammer = gadgets.find("hmr").target
    for target in (hammer, hammer(), gadgets.find("glue").target):
        assert gadgets.entry_of(target) is not None
    assert gadgets.entry_of(object()) is None


def test_get_takes_whatever_a_user_wrote(gadgets: Registry) -> None:
    hammer = gadgets.find("hmr").target
    made = hammer(3)
    assert registries.get(made, gadgets) is made and registries.get(None, gadgets) is None
    assert registries.get("hmr", gadgets).weight == registries.get(hammer, gadgets).weight == 1.0
    assert registries.get(len, gadgets) is len
    assert registries.get(serialize(made), gadgets).weight == 3
    assert registries.get("mine", gadgets, {"mine": hammer}).weight == 1.0
    with pytest.raises(NotAPart, match="3 is no gadget") as wrong:
        registries.get(3, gadgets)
    assert isinstance(wrong.value, TypeError) and isinstance(wrong.value, ValueError)
    with pytest.raises(BadValue, match="weight is -1"):
        registries.get({"class_name": "BigHammer", "config": {"weight": -1}}, gadgets)


def test_a_part_that_needs_arguments_cannot_be_made_from_its_name(gadgets: Registry) -> None:
    @gadgets.register()
    class Nail:
        """Holds things."""

        def __init__(self, length: float) -> None: ...

    with pytest.raises(BadType, match="gadget Nail cannot be made from its name alone") as caught:
        registries.get("nail", gadgets)
    assert caught.value.fix == "Nail(length=…)"


def test_serialized_parts_say_where_they_come_from(gadgets: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    hammer = gadgets.find("hmr").target
    described = {"class_name": "BigHammer", "config": {"weight": 2}}
    assert serialize(hammer(2)) == {"module": None, "registered_name": "BigHammer", **described}
    assert deserialize(described, gadgets).weight == 2
    monkeypatch.setattr(hammer, "__module__", "kmagic.gadgets.big_hammer")
    assert serialize(hammer(2)) == {"module": "kmagic.gadgets", "registered_name": None, **described}
    assert serialize(test_tags_select) == "test_tags_select" and serialize(None) is None
    assert type(deserialize("hmr", gadgets)) is hammer and deserialize(None, gadgets) is None


def test_strings_and_functions_are_read_too(gadgets: Registry, drop: Drop) -> None:
    drop("glue", GLUE)
    package = sys.modules[gadgets.package]
    assert isinstance(gadgets.deserialize("big_hammer"), package.BigHammer)
    assert gadgets.deserialize("glue") is package.glue
    assert gadgets.deserialize({"class_name": "function", "config": "glue"}) is package.glue
    assert gadgets.deserialize({"class_name": "function", "config": "own"}, {"own": len}) is len


def test_a_class_that_is_only_exported_is_read_too(gadgets: Registry) -> None:
    gadgets.export("Toolbox", Toolbox)
    assert isinstance(gadgets.deserialize({"class_name": "Toolbox", "config": {}}), Toolbox)
    with pytest.raises(UnknownName, match="'Toolbag'"):
        gadgets.deserialize({"class_name": "Toolbag", "config": {}})
    assert gadgets.serialize(gadgets.get("big_hammer"))["module"] == gadgets.package


class Toolbox(Part):
    """Holds gadgets, and is none."""
