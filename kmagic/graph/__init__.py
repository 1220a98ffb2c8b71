"""Floor 1: models, losses and optimizers as graphs of operations.

Read in this order: `node` (plain data), `symbol` (what user code holds), `eager` (applying an operation), `table` (what
an operation is), `ops/` (the operations), `variable` (state), `trace` (how code becomes a graph), `seed` and
`draw` (random numbers), `interpret` (running a graph node by node).

Operations applied to arrays run at once on NumPy; applied to symbols they make nodes. There is one definition of each:
shape and dtype rule, NumPy text, lowering to scalar primitives, gradient (written in operations) and test domain.
"""
