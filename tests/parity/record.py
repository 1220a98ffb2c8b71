"""Records what Keras does: `KERAS_BACKEND=jax python tests/parity/record.py`, then the same with `torch`.

Float64 and float32 are recorded in processes of their own, because JAX decides once whether it computes in float64. The
second engine's run also writes how far the two engines are apart.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

FLOATS = ("float64", "float32")


def main() -> None:
    """Record everything, or with an argument one precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floatx", choices=FLOATS, help="record only what is done at this precision, in this process")
    floatx = parser.parse_args().floatx
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    if floatx:
        from parity import recorder

        recorder.record(floatx)
        return
    for name in FLOATS:
        environment = os.environ | {"JAX_ENABLE_X64": str(int(name == "float64")), "CUDA_VISIBLE_DEVICES": ""}
        subprocess.run([sys.executable, __file__, "--floatx", name], check=True, env=environment)
    from parity import engine_distances

    engine_distances.write()


if __name__ == "__main__":
    main()
