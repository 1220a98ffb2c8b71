"""How fast kmagic trains, against Keras on JAX and on torch.

`workloads` says what is trained on which data, `contend.py` lets one contender train in a process of its own, and
`compare.py` alternates two of them and prints medians:

    python tests/bench/compare.py --workload W1 --peer keras-jax --python-for-peer ~/venvs/keras_jax/bin/python
"""
