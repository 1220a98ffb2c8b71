"""A recipe as Python and as a magic line, ready to copy: pasted and run, either gives the same recipe back."""

from __future__ import annotations

from kmagic.models.notation import qualified
from kmagic.models.recipe import Recipe

ONE_LINE = 100


def python_of(recipe: Recipe, name: str) -> str:
    """The call of `compile`, with the import that it needs.

    >>> print(python_of(Recipe("adam", "mse"), "m"))
    m.compile(optimizer='adam', loss='mse')
    """
    arguments = [f"{title}={qualified(choice)}" for title, choice in recipe.chosen().items()]
    line = f"{name}.compile({', '.join(arguments)})"
    if len(line) > ONE_LINE:
        line = "\n".join([f"{name}.compile(", *(f"    {argument}," for argument in arguments), ")"])
    return f"import kmagic\n\n{line}" if "kmagic." in line else line


def magic_of(recipe: Recipe, name: str) -> str:
    """The same as a magic line."""
    return recipe.magic(name)
