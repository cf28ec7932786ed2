"""The pipeline language: text to tree and back. Pure: it starts nothing and looks nothing up."""

from procrun.syntax.parser import parse
from procrun.syntax.printer import unparse
from procrun.syntax.words import SHELL_WORDS

__all__ = ["SHELL_WORDS", "parse", "unparse"]
