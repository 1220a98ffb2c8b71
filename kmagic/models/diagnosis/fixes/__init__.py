"""Ways to mend a finding, by what they change: the recipe, the model, the data on their way to it, or the call of fit.

Each function gives a `Fix`: what its button says, the Python that it amounts to, and the change. Rules put them
together; none of them looks for mistakes itself.
"""
