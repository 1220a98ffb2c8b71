"""Data sets of Keras that are not carried."""

from __future__ import annotations

_CARRIED = "breast_cancer, digits or avengers, which kmagic carries"
_OTHERS = (
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
)

# name -> what it needs, and what serves instead
EXCLUDED = dict.fromkeys(_OTHERS, ("a download", _CARRIED))
