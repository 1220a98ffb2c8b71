"""Floor 0: what every other floor stands on, and knows no arrays.

Errors, the registry of parts, typed parameters, shape notation, dtypes and the global configuration.
"""
