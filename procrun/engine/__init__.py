"""From a Pipeline to a Result: find, open, start, serve, wait, stop, judge."""

from procrun.engine.spawn import start

__all__ = ["start"]
