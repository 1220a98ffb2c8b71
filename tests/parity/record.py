"""Records what Keras does: `KERAS_BACKEND=jax python tests/parity/record.py`, then the same with `torch`.

Float64 and float32 are recorded in processes of their own, because JAX decides once whether it computes in float64. The
second engine's run also writes how far the two engines are apart. `--areas "loss values" metrics` records only those.
Layers that read text need TensorFlow within Keras, whatever the engine; their areas are recorded with
`KERAS_BACKEND=tensorflow`, in an environment with tensorflow-cpu 2.21.0.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

FLOATS = ("float64", "float32")


def main() -> None:
    """Record everything, or what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floatx", choices=FLOATS, help="record only what is done at this precision, in this process")
    parser.add_argument("--areas", nargs="+", default=[], help="record only these")
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    if given.floatx:
        from parity import recorder

        recorder.record(given.floatx, given.areas)
        return
    for name in FLOATS:
        environment = os.environ | {"JAX_ENABLE_X64": str(int(name == "float64")), "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, __file__, "--floatx", name, *(["--areas", *given.areas] if given.areas else [])]
        subprocess.run(command, check=True, env=environment)
    from parity import engine_distances

    engine_distances.write()


if __name__ == "__main__":
    main()
