"""The import order of docs/architecture.md holds for every import, also those inside functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "procrun"
ARCHITECTURE = (CHECKOUT / "docs" / "architecture.md").read_text("utf-8")
SOURCES = sorted(PACKAGE.rglob("*.py"))

UPWARD = {("plan/pipeline.py", "procrun.engine.verbs")}
"""The one import against the order: the verbs on `Command` and `Pipeline`."""

FACES = {"__init__.py", "__main__.py"}
"""The package's own doors, which look everything up on first use."""


def order() -> dict[str, int]:
    """The place of each room from left to right, as docs/architecture.md has them; neighbours share a place."""
    line = next(line for line in ARCHITECTURE.splitlines() if re.match(r"errors .* < .* < cli$", line))
    return {room: place for place, rooms in enumerate(line.split("<")) for room in rooms.split()}


def imports(source: str) -> Iterator[tuple[int, str, bool]]:
    """Each import of procrun's own modules: line, full name, whether it is for type checkers only."""
    tree = ast.parse(source)
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import; write the whole name"
            # `from procrun.engine import verbs` may name a module or something in it.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("import_module", "importlib.import_module"):
            names = [ast.literal_eval(node.args[0])] if isinstance(node.args[0], ast.Constant) else []
        else:
            continue
        for name in names:
            if name.split(".")[0] == "procrun":
                yield node.lineno, name, node in typing_only


def room(name: str) -> str:
    """The room of a dotted name: `procrun.plan.options.Options` is in `plan`."""
    return [*name.split("."), ""][1]


def wrong_imports(path: str, source: str) -> list[str]:
    """The imports of a file that go against the order."""
    rooms = order()
    own = Path(path).with_suffix("").parts[0]
    wrong = []
    for line, name, typing_only in imports(source):
        if (
            typing_only
            or name == "procrun.__version__"
            or any(path == upward and name.startswith(target) for upward, target in UPWARD)
        ):
            continue
        target = room(name)
        if target not in rooms:
            # `from procrun import cmd` in a module asks the public face, which imports everything.
            wrong.append(f"procrun/{path}:{line}: imports `{name}`, which is no room; import from where it is defined")
        elif rooms[target] > rooms[own]:
            wrong.append(f"procrun/{path}:{line}: `{own}` imports `{name}`, but {own} < {target} in the order")
    return wrong


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_every_room_is_in_the_order() -> None:
    rooms = {Path(relative(path)).with_suffix("").parts[0] for path in SOURCES if relative(path) not in FACES}
    assert rooms - set(order()) == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if relative(path) not in FACES], ids=relative)
def test_a_module_imports_only_from_its_left(path: Path) -> None:
    assert wrong_imports(relative(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plan/options.py", "from procrun.engine.spawn import spawn"),
        ("plan/options.py", "from procrun.engine import verbs"),
        ("syntax/lexer.py", "def f():\n    import procrun.plan.options"),
        ("errors.py", "from procrun.cli.render import show"),
        ("engine/spawn.py", "from procrun import cmd"),
        ("engine/spawn.py", "import procrun"),
        ("system/which.py", "import importlib\nimportlib.import_module('procrun.engine.wait')"),
    ],
)
def test_an_import_against_the_order_is_found(path: str, source: str) -> None:
    assert len(wrong_imports(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plan/pipeline.py", "def f():\n    from procrun.engine import verbs"),
        ("plan/pipeline.py", "if TYPE_CHECKING:\n    from procrun.engine.result import Result"),
        ("engine/spawn.py", "from procrun.plan import Command\nimport os"),
        ("cli/main.py", "from procrun import errors, status"),
    ],
)
def test_an_import_in_the_order_is_allowed(path: str, source: str) -> None:
    assert wrong_imports(path, source) == []
