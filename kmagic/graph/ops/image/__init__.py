"""Images: resized, cut, warped, recoloured and filtered, one at a time or in batches.

An image has the axes rows, columns, channels, or channels first; a batch of them one more in front. Everything is made
of the other families, so that gradients come from there; where an image is read at places that are known while tracing,
weights are constants and no place is looked up at run time.
"""
