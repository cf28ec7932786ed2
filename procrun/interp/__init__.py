"""From a tree to pipelines, one at a time, as the text runs.

`program.prepare` is the way in. What a word stands for is decided here and nowhere else:
variables, arguments, `$( )`, file names; processes, descriptors and time are the engine's.
"""
