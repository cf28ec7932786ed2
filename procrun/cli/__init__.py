"""The command line: one file per command, thin, over the same calls that Python programs make."""
