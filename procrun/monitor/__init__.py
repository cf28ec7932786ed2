"""Looks at processes and changes nothing: the tree that they are, and why one hangs.

`tree` takes a snapshot; `doctor` gives a diagnosis. Imported on demand: they load psutil.
"""
