"""Floor 1: models, losses and optimizers as graphs of operations.

Read in this order: `node` (plain data), `table` (what an operation is), `ops/` (the operations), `symbol` (what user
code holds), `variable` (state), `trace` (how code becomes a graph), `masks`, `legality` (what each stage may
contain), `show`.

Operations applied to arrays run at once on NumPy; applied to symbols they make nodes. There is one definition of each:
shape and dtype rule, NumPy text, lowering to scalar primitives, gradient (written in operations) and test domain.
"""
