"""Windows that slide over axes: a view of them, their sums back in place, and what is made of both.

A convolution is one matrix product with the windows as rows, which a reshape copies from the view; its transpose, and
so its gradient, adds the windows up again. Chosen over a row of its own for each kind of convolution, because every
derivative of any order is then written already, and the products are as large as they can be.
"""
