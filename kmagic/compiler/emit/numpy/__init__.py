"""NumPy as a device: `printer` writes a plan as Python text, `binding` ties the text to memory."""
