"""The pipeline language: text to tree and back.

Pure: it starts nothing, looks nothing up and knows no values from outside the text. The
nodes are in `procrun.syntax.nodes`.
"""

from procrun.syntax import nodes
from procrun.syntax.parser import parse
from procrun.syntax.printer import unparse
from procrun.syntax.refusals import SHELL_WORDS

__all__ = ["SHELL_WORDS", "nodes", "parse", "unparse"]
