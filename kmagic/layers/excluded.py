"""Layers of Keras that are outside the surface: whoever makes one is told what to use instead."""

from __future__ import annotations

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

for _name, (_needs, _instead) in EXCLUDED.items():
    registry.exclude(_name, Layer, _needs, _instead, __name__)
