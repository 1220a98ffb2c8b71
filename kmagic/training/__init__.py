"""Floor 4: running programs over data. Knows programs, sources and events; knows nothing of layers.

`sources` give rows, `loop` turns them into events, `run` drives a loop in a worker thread, `history` remembers.
"""
