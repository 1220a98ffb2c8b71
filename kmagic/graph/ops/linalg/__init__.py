"""Linear algebra: products, systems of equations, decompositions and norms.

Everything works on the last two axes; axes before them are a batch of matrices. Half precision is computed in float32.
What NumPy refuses (a singular matrix, one that is not positive definite) gives NaN for that matrix alone, so that a
program goes on and says where it came from. Systems and decompositions are host-only rows.
"""
