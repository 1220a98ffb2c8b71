"""The files in `recorded/`: one folder an engine, and in it a pair of files an area.

`<area>.npz` holds all numbers of the area end to end, one flat array a dtype; `<area>.json` says for each case which
facts there are and where its arrays lie. So a change of a recorded value can be read in a diff of moderate size. A
third folder has how far the two engines are apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parent / "recorded"
ENGINES = ("jax", "torch")
# The engine whose values are the expected ones; the other shows how far two correct engines are apart.
REFERENCE, OTHER = ENGINES

Results = dict[str, Any]


def file(engine: str, area: str, suffix: str) -> Path:
    """A file of an area."""
    return RECORDED / engine / f"{area.replace(' ', '_')}.{suffix}"


def write(engine: str, area: str, results: Iterable[tuple[str, Results]]) -> None:
    """Store every case's results of an area."""
    flat: dict[str, list[np.ndarray]] = {}
    lengths: dict[str, int] = {}
    index: dict[str, Any] = {}
    for case, fields in results:
        facts, arrays = {}, {}
        for field, value in fields.items():
            if not isinstance(value, np.ndarray):
                facts[field] = value
                continue
            dtype = value.dtype.name
            start = lengths.get(dtype, 0)
            arrays[field] = [dtype, start, list(value.shape)]
            lengths[dtype] = start + value.size
            flat.setdefault(dtype, []).append(value.ravel())
        index[case] = {"facts": facts, "arrays": arrays}
    file(engine, area, "json").parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(index, sort_keys=True).replace('}, "', '},\n"')  # a line for every case and its facts
    file(engine, area, "json").write_text(text + "\n")
    np.savez_compressed(file(engine, area, "npz"), **{name: np.concatenate(parts) for name, parts in flat.items()})


def read(engine: str, area: str) -> dict[str, Results]:
    """Every case's results of an area, as an experiment returned them."""
    index = json.loads(file(engine, area, "json").read_text())
    with np.load(file(engine, area, "npz")) as stored:
        flat = dict(stored)
    return {case: entry["facts"] | placed(entry["arrays"], flat) for case, entry in index.items()}


def placed(arrays: dict[str, list[Any]], flat: dict[str, np.ndarray]) -> Results:
    """Arrays cut out of the flat ones."""
    cut = {}
    for field, (dtype, start, shape) in arrays.items():
        size = int(np.prod(shape, dtype=int))
        cut[field] = flat[dtype][start : start + size].reshape(shape)
    return cut


def as_json(value: Any) -> Any:
    """A fact as it reads after a visit to a file."""
    return json.loads(json.dumps(value))


def write_distances(area: str, distances: dict[str, Any]) -> None:
    """Store how far the two engines are apart in an area."""
    path = file("distances", area, "json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if distances:
        path.write_text(json.dumps(distances, indent=1, sort_keys=True) + "\n")


def read_distances(area: str) -> dict[str, Any]:
    """How far the two engines are apart in an area: case, field -> distance."""
    path = file("distances", area, "json")
    return json.loads(path.read_text()) if path.exists() else {}
