"""Errors: four short lines, the built-in types that Keras users catch, and a copy that says the same."""

import copy
import pickle

import pytest

from kmagic.base import errors
from kmagic.base.errors import KmagicError, UnknownName, closest

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, KmagicError) and kind is not UnknownName
]


def test_the_text_is_where_found_expected_fix() -> None:
    error = KmagicError("units is 0", where="Dense", expected="a whole number >= 1", fix="Dense(32)")
    assert str(error) == "Dense: units is 0\nexpected: a whole number >= 1\nfix: Dense(32)"
    assert str(KmagicError("units is 0")) == "units is 0"
    assert str(KmagicError("units is 0", fix="Dense(32)")) == "units is 0\nfix: Dense(32)"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_copies_say_the_same(kind: type[KmagicError]) -> None:
    error = kind("found", where="here", expected="other", fix="this")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind and str(again) == str(error)
        assert (again.found, again.where, again.expected, again.fix) == ("found", "here", "other", "this")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_is_drawn_in_the_tree(kind: type[KmagicError]) -> None:
    assert kind.__doc__
    built_in = next((base.__name__ for base in kind.__bases__ if base.__module__ == "builtins"), "Exception")
    line = next(line for line in (errors.__doc__ or "").splitlines() if kind.__name__ in line.split())
    assert kind is KmagicError or built_in in line.split()


def test_an_unknown_name_comes_with_the_closest() -> None:
    error = UnknownName("adamm", ["sgd", "adam", "adamax"], kind="optimizer", where="compile")
    assert str(error) == "compile: unknown optimizer 'adamm'\nfix: did you mean 'adam', 'adamax'?"
    assert isinstance(error, ValueError) and (error.name, error.known) == ("adamm", ["adam", "adamax", "sgd"])
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_unknown_name_like_nothing_lists_all() -> None:
    assert str(UnknownName("xyz", ["sgd", "adam"], kind="optimizer")) == (
        "unknown optimizer 'xyz'\nexpected: one of adam, sgd"
    )


def test_closest_ignores_case_and_keeps_the_spelling() -> None:
    assert closest("rmsprp", ["RMSprop", "SGD"]) == ["RMSprop"]
    assert closest("", ["SGD"]) == []
