"""A tree of the language as data, for programs in any language.

The objects are the nodes of `procrun/syntax/nodes.py` with their fields, and `kind`, the name of
the node in lower case (docs/cli.md#json). Places in the text are left out.
"""

from __future__ import annotations

import json
import re
from typing import Any

from procrun.syntax.nodes import List

FORMAT, VERSION = "procrun-tree", 1
"""What the data says of itself; the version grows when a reader of an older one would be misled."""


def to_json(tree: List, text: str) -> str:
    """The tree with the text it was parsed from.

    Bytes that are not text are lone surrogates, `\\udc80` to `\\udcff`.
    """
    return json.dumps({"format": FORMAT, "version": VERSION, "text": text, "tree": to_data(tree)}, indent=2) + "\n"


def to_data(value: Any) -> Any:
    """A node, or what a field of one holds, as dictionaries, lists and plain values.

    >>> from procrun.syntax import parse
    >>> to_data(parse("ls").items[0].pipelines[0].stages[0].words[0])
    {'kind': 'word', 'parts': [{'kind': 'text', 'value': 'ls', 'quoted': False}]}
    """
    if isinstance(value, tuple):
        return [to_data(item) for item in value]
    if value is None or isinstance(value, (str, int)):
        return value
    fields = {name: to_data(getattr(value, name)) for name in value.__slots__ if name != "span"}
    return {"kind": kind(type(value)), **fields}


def kind(node: type) -> str:
    """The name of a node in the data: `AndOr` is `and_or`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.__name__).lower()
