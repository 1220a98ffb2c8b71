"""What is shown: the compile panel, the live panel with its figure, and plans.

Plain ipywidgets; matplotlib through its object interface only. Callbacks of widgets set flags; the thread that trains
writes no widget that the user edits.
"""
