"""Layers of Keras that are outside the surface: whoever makes one is told what to use instead."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import Unsupported
from kmagic.layers import registry
from kmagic.layers.layer import Layer

# name -> why it is outside, and what serves instead
EXCLUDED = {
    "AugMix": ("a choice of chains for each image", "a Pipeline of RandomShear, RandomColorJitter and Solarization"),
    "MaxNumBoundingBoxes": ("bounding boxes", "images, labels and segmentation masks"),
    "RandAugment": ("a choice of layers for each batch", "a Pipeline of the layers themselves"),
    "RandomElasticTransform": ("fields of displacements", "RandomShear, or kmagic.ops.image.map_coordinates"),
    "RandomPerspective": ("systems of equations in each step", "RandomShear and RandomZoom"),
}


def _excluded(name: str, needs: str, instead: str) -> type[Layer]:
    """A class that only says why it cannot be made."""

    def refuse(cls: type[Layer], *args: Any, **kwargs: Any) -> None:
        raise Unsupported(f"{name} needs {needs}", where="layers", expected=instead)

    return type(name, (Layer,), {"__new__": refuse, "__doc__": f"Not offered: needs {needs}.", "__module__": __name__})


for _name, (_needs, _instead) in EXCLUDED.items():
    registry.export(_name, _excluded(_name, _needs, _instead))
