"""The operations, by family; `kmagic.ops` is their public face.

Importing a file adds its rows to the table. Tie rules, those of Keras on JAX: `maximum` and `minimum` of equal values
pass half of the gradient to each side; `max` and `min` over an axis share it equally among equal values; relu passes
none at 0; sorting is stable. Where Keras's backends disagree, the rule is that of PyTorch: `clip` passes all of the
gradient where x equals a limit (JAX: half of it).
"""
