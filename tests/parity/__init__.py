"""kmagic against values recorded from Keras 3.15.1.

The files in `areas` and the scenarios say what is done with whichever library is given. `record.py` does it with Keras
(on JAX and on torch) and writes what came out into `recorded/`; the tests do it with kmagic and compare. So an expected
value is never typed by hand, and a case is never listed twice. `tolerances` is the one table of how far kmagic may be
from Keras, with a reason for each exception.

To record again, in two environments that have `keras==3.15.1` and JAX or torch:

    KERAS_BACKEND=jax python tests/parity/record.py
    KERAS_BACKEND=torch python tests/parity/record.py
"""
