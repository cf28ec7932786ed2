"""What is loaded, and when: sets of modules, which do not depend on the machine as times do."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "ctypes",
    "difflib",
    "email",
    "http",
    "importlib.metadata",
    "json",
    "logging",
    "multiprocessing",
    "pdb",
    "psutil",
    "rich",
    "socket",
    "ssl",
    "tempfile",
    "unittest",
    "urllib.request",
}
"""What no run of ours may load before it is needed."""


def modules_loaded_by(*arguments: str, input: bytes = b"") -> set[str]:
    """The names of all modules that a run of Python imports, also one that ends by `os._exit`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") or name == "PYTHONPATH"}
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, input=input, capture_output=True, env=environment, check=False)
    errors = done.stderr.decode()
    assert done.returncode == 0, errors
    return {line.split("|")[-1].strip() for line in errors.splitlines() if line.startswith("import time:")} - {"imported package"}


def at_start() -> set[str]:
    """What Python itself loads, and the .pth files of this environment."""
    return modules_loaded_by("-c", "")


def loaded_by(*arguments: str, input: bytes = b"") -> set[str]:
    return modules_loaded_by(*arguments, input=input) - at_start()


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] == "procrun"}


def test_the_package_loads_nothing() -> None:
    assert loaded_by("-c", "import procrun") - loaded_by("-c", "import __future__, typing") == {"procrun"}


def test_parsing_loads_no_way_to_start_a_process() -> None:
    loaded = loaded_by("-c", "import procrun.syntax")
    assert loaded & (HEAVY | {"subprocess", "click", "_posixsubprocess", "signal", "threading"}) == set()
    assert {name.split(".")[1] for name in ours(loaded) if "." in name} <= {"syntax", "errors", "status", "quoting"}
