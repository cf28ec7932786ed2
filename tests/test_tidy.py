"""The house rules that a machine can check: sizes, docstrings, who prints, who asks for the system."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "procrun"
TESTS = CHECKOUT / "tests"
SOURCES = sorted(path.relative_to(CHECKOUT).as_posix() for path in PACKAGE.rglob("*.py"))
TEST_FILES = sorted(path.relative_to(CHECKOUT).as_posix() for path in TESTS.rglob("*.py"))
SCRIPTS = sorted(path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "scripts").glob("*.py"))
DOCS = sorted(path.relative_to(CHECKOUT).as_posix() for path in [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md")])

LINES = 300
LONGER = {"procrun/syntax/lexer.py": 400, "procrun/syntax/parser.py": 400}
LINES_OF_TEST = 600

PRINTER = "procrun/cli/render.py"
SYSTEM = "procrun/system/"

TESTED_ELSEWHERE = {
    "procrun/__init__.py": "tests/test_exports.py",
    "procrun/__main__.py": "tests/test_startup.py",
    # Values without behaviour: what makes them tests them.
    "procrun/migrate/draft.py": "tests/migrate/test_modules.py",
    "procrun/migrate/imported.py": "tests/migrate/test_imports.py",
    "procrun/migrate/notes.py": "tests/migrate/test_edits.py",
    "procrun/syntax/nodes.py": "tests/syntax/test_parser.py",
    "procrun/system/facts.py": "tests/system/test_linux_proc.py",
    # A contract, which the files of the two systems fulfil.
    # Its contract is tested where it is called; a lane that runs on Windows comes with its own tests.
    # These only work on Unix, where their tests are, with all that they are for.
    "procrun/engine/confine.py": "tests/posix/test_limits_of_programs.py",
    "procrun/engine/guard.py": "tests/posix/test_guard.py",
    "procrun/signals/guard.py": "tests/posix/test_guard.py",
    "procrun/system/posix_shim.py": "tests/posix/test_limits_of_programs.py",
    "procrun/system/shim.py": "tests/posix/test_limits_of_programs.py",
    "procrun/system/windows.py": "tests/system/test_which.py",
}
"""Source files without a test file of the same name in the same place, and the file that tests them."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def read(path: str) -> str:
    return (CHECKOUT / path).read_text("utf-8")


@pytest.mark.parametrize("path", SOURCES)
def test_a_source_file_is_short(path: str) -> None:
    lines = len(read(path).splitlines())
    assert lines <= LONGER.get(path, LINES)


@pytest.mark.parametrize("path", TEST_FILES)
def test_a_test_file_is_short(path: str) -> None:
    lines = len(read(path).splitlines())
    assert lines <= LINES_OF_TEST


@pytest.mark.parametrize("path", SOURCES + TEST_FILES + SCRIPTS)
def test_a_module_begins_with_a_docstring(path: str) -> None:
    assert ast.get_docstring(ast.parse(read(path)))


@pytest.mark.parametrize("path", SOURCES)
def test_a_file_is_named_for_what_it_holds(path: str) -> None:
    assert not FORBIDDEN_NAMES & set(Path(path).with_suffix("").parts)


def uses(source: str, names: set[str]) -> list[str]:
    """The places where a dotted name is used, or imported out of its module."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            used = {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, (ast.Attribute, ast.Name)):
            used = {ast.unparse(node)}
        else:
            continue
        found += [f"line {node.lineno}: {name}" for name in sorted(used & names)]
    return found


@pytest.mark.parametrize("path", [path for path in SOURCES if path != PRINTER])
def test_only_render_prints(path: str) -> None:
    assert uses(read(path), {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"}) == []


@pytest.mark.parametrize("path", [path for path in SOURCES if not path.startswith(SYSTEM)])
def test_only_the_room_system_asks_which_system_this_is(path: str) -> None:
    assert uses(read(path), {"os.name", "sys.platform", "platform.system", "os.uname"}) == []


# The programs of Python 2's time do what programs did; the alarm that ends a sleep is one of them.
# That a program hangs in a sleep is what one of them is for.
@pytest.mark.parametrize(
    "path",
    [path for path in TEST_FILES if not path.startswith(("tests/legacy/programs/", "tests/programs/hang.py"))],
)
def test_no_test_sleeps(path: str) -> None:
    assert uses(read(path), {"time.sleep", "asyncio.sleep"}) == []


# Programs that burn time are what doctor looks at; a loop that asks the clock burns it on purpose, too.
@pytest.mark.parametrize("path", [path for path in TEST_FILES if not path.startswith("tests/programs/")])
def test_no_test_waits_by_looking_again_and_again(path: str) -> None:
    loops = (node for node in ast.walk(ast.parse(read(path))) if isinstance(node, ast.While))
    busy = [
        f"line {loop.lineno}: while {ast.unparse(loop.test)}"
        for loop in loops
        if all(isinstance(line, (ast.Pass, ast.Continue)) for line in loop.body)
        and not any(isinstance(node, ast.Call) for node in ast.walk(loop.test))
    ]
    assert busy == []


@pytest.mark.parametrize("path", SOURCES)
def test_no_exception_is_swallowed(path: str) -> None:
    assert swallowed(read(path)) == []


def swallowed(source: str) -> list[str]:
    """Handlers of everything that do nothing, and `suppress` of everything."""
    found = []
    wide = {"Exception", "BaseException"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            caught = (
                {"BaseException"}
                if node.type is None
                else {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
            )
            if caught & wide and all(isinstance(line, (ast.Pass, ast.Continue)) for line in node.body):
                found.append(f"line {node.lineno}: except: pass")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("suppress", "contextlib.suppress"):
            found += [f"line {node.lineno}: suppress" for argument in node.args if ast.unparse(argument) in wide]
    return found


@pytest.mark.parametrize("path", [path for path in SOURCES if not path.endswith("/__init__.py")])
def test_a_source_file_has_a_test_file(path: str) -> None:
    file = Path(path).relative_to("procrun")
    mirrored = Path("tests", file.parent, f"test_{file.name}").as_posix()
    assert (CHECKOUT / TESTED_ELSEWHERE.get(path, mirrored)).is_file(), f"{path} wants {mirrored}"


def test_the_files_tested_elsewhere_are_there() -> None:
    assert set(TESTED_ELSEWHERE) - set(SOURCES) == set()


def test_the_version_is_the_newest_heading_of_the_changelog() -> None:
    version = re.search(r'^version = "(.+)"$', read("pyproject.toml"), re.MULTILINE)
    heading = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert version and heading and version[1] == heading[1]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^ *(python3 scripts/test\.py)$", read("README.md"), re.MULTILINE)
    assert command
    assert f"part tests {command[1]}\n" in read(".ci/run")


def anchors(text: str) -> set[str]:
    """The anchors of a Markdown file: explicit ones, and those of its headings as they are rendered."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def references() -> Iterator[tuple[str, str, str]]:
    """Every mention of a file in docs/ with an anchor, in the code and the tests: who, file, anchor."""
    for path in SOURCES + TEST_FILES:
        # `docs/gotchas.md#tree, #grandchild`: a list may name the file once.
        for target, listed in re.findall(r"docs/([\w-]+\.md)((?:[^\n.]{0,30}?#[\w-]+)+)", read(path)):
            for anchor in re.findall(r"#([\w-]+)", listed):
                yield path, f"docs/{target}", anchor


def test_every_anchor_that_the_code_names_is_there() -> None:
    lost = [
        f"{path} names {target}#{anchor}"
        for path, target, anchor in references()
        if not (CHECKOUT / target).is_file() or anchor not in anchors(read(target))
    ]
    assert lost == []


def test_the_code_names_every_trap() -> None:
    """In full at least once, so that a search for it finds the place where the rule is kept."""
    traps = set(re.findall(r'<a id="([^"]+)">', read("docs/gotchas.md")))
    named = {anchor for path in SOURCES for anchor in re.findall(r"docs/gotchas\.md#([\w-]+)", read(path))}
    assert traps - named == set()


@pytest.mark.parametrize("path", DOCS)
def test_every_link_of_a_document_leads_somewhere(path: str) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", read(path), flags=re.MULTILINE | re.DOTALL)):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (CHECKOUT / path).parent / name if name else CHECKOUT / path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("path", SOURCES + TEST_FILES + SCRIPTS)
def test_no_comment_is_a_leftover(path: str) -> None:
    with (CHECKOUT / path).open("rb") as file:
        comments = [token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
    assert [comment for comment in comments if re.match(r"#\s*(TODO|FIXME|XXX|HACK)\b", comment)] == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass", 1),
        ("try:\n    f()\nexcept:\n    pass", 1),
        ("while 1:\n    try:\n        f()\n    except (OSError, Exception):\n        continue", 1),
        ("with contextlib.suppress(Exception):\n    f()", 1),
        ("with contextlib.suppress(ProcessLookupError):\n    f()", 0),
        ("try:\n    f()\nexcept BaseException:\n    undo()\n    raise", 0),
    ],
)
def test_swallowing_is_found(source: str, count: int) -> None:
    assert len(swallowed(source)) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import os\nif os.name == 'nt': pass", 1),
        ("from sys import platform", 1),
        ("print('a')", 1),
        ("import os\nos.path.name", 0),
        ("file.print()", 0),
    ],
)
def test_uses_are_found(source: str, count: int) -> None:
    assert len(uses(source, {"os.name", "sys.platform", "print"})) == count
