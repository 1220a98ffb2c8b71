"""One seed for everything."""

import random
from typing import Any

import numpy as np
import pytest

from kmagic import initializers
from kmagic.base.errors import BadValue
from kmagic.utils import set_random_seed


def test_one_seed_for_python_numpy_and_kmagic() -> None:
    drawn = []
    for _ in range(2):
        set_random_seed(11)
        legacy = np.random.random()  # noqa: NPY002 - the generator that set_random_seed seeds
        drawn.append((random.random(), legacy, initializers.get("normal")((3,)).tolist()))
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("seed", [-1, "one", 1.5, True])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(BadValue, match="set_random_seed: seed is"):
        set_random_seed(seed)
