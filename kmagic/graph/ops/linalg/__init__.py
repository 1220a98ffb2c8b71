"""Linear algebra: products, systems of equations, decompositions and norms.

Everything works on the last two axes; axes before them are a batch of matrices. Half precision is computed in float32.
What NumPy refuses (a singular matrix, one that is not positive definite) gives NaN for that matrix alone, so that a
program goes on and says where it came from. All but products are host-only rows.
"""
