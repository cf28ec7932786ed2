"""Signals and the end of processes: `stop` ends a whole tree and says who survived."""
