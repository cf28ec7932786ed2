"""Trees as data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procrun.convert.json import kind, to_data, to_json
from procrun.syntax import nodes, parse

KINDS = {
    kind(node): node
    for node in vars(nodes).values()
    if isinstance(node, type) and hasattr(node, "__slots__") and node is not nodes.Span
}

TEXTS = [
    "",
    "ls",
    "a 'b c' $'\\xff' \"d$X\" é",
    "X=1 a ${Y:-b $(c; d)} ${#Z} $@ ~/x {e,f{1..9..2}} *.c",
    "! a | b |& c && (d; e) > f 2>&1 || { g; } <<< h; i &>> j",
]


def read(data: Any) -> Any:
    """The inverse of `to_data`: the node that some data stands for."""
    if isinstance(data, list):
        return tuple(map(read, data))
    if not isinstance(data, dict):
        return data
    node = KINDS[data["kind"]]
    return node(**{name: read(value) for name, value in data.items() if name != "kind"})


@pytest.mark.parametrize("text", TEXTS)
def test_the_data_holds_the_whole_tree(text: str) -> None:
    said = json.loads(to_json(parse(text), text))
    assert (said["format"], said["version"], said["text"]) == ("procrun-tree", 1, text)
    assert read(said["tree"]) == parse(text)


def test_a_tree_as_data() -> None:
    assert to_data(parse("a > f |& b")) == {
        "kind": "list",
        "items": [
            {
                "kind": "and_or",
                "pipelines": [
                    {
                        "kind": "pipeline",
                        "stages": [
                            {
                                "kind": "simple",
                                "assignments": [],
                                "words": [{"kind": "word", "parts": [{"kind": "text", "value": "a", "quoted": False}]}],
                                "redirections": [
                                    {
                                        "kind": "redirection",
                                        "descriptor": 1,
                                        "operator": ">",
                                        "target": {
                                            "kind": "word",
                                            "parts": [{"kind": "text", "value": "f", "quoted": False}],
                                        },
                                    }
                                ],
                            },
                            {
                                "kind": "simple",
                                "assignments": [],
                                "words": [{"kind": "word", "parts": [{"kind": "text", "value": "b", "quoted": False}]}],
                                "redirections": [],
                            },
                        ],
                        "with_stderr": [True],
                        "negated": False,
                    }
                ],
                "operators": [],
            }
        ],
    }


def test_a_byte_that_is_no_text_is_kept() -> None:
    assert '"value": "\\udcff"' in to_json(parse("a '\udcff'"), "a '\udcff'")
