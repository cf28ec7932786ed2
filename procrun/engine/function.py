"""A stage that is a Python function: what it is given, and how it ends.

Groups of the pipeline language and the callables of the Python API run here, each in a
thread of this process, over descriptors that it owns.
"""
