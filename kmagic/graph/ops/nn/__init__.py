"""Operations of networks: activations, crossentropies, normalizations, attention and patches.

All are made of the other families; a row of its own has only what needs a better gradient than the derived one.
"""
