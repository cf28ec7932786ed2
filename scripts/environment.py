"""Environments for the scripts of this checkout: made once, brought up to date, safe for two at once.

`prepare` gives the Python of a virtual environment in `.envs/` into which procrun is installed
from this checkout. It changes nothing outside `.envs/` and needs nothing but Python: where the
system's Python comes without pip and ensurepip (Debian without python3-venv), pip is fetched by
the system's own means. Standard library only; used by test.py and try.py.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".envs"
WINDOWS = os.name == "nt"
DEBIAN_WHEELS = "usr/share/python-wheels"
"""Where Debian's python3-pip-whl puts pip, which its python3-venv installs from."""


def prepare(name: str, *, extra: str = "") -> str:
    """The Python of the environment `name`, with procrun (and one of its extras) installed from the checkout.

    There is one environment for each version of Python. When pyproject.toml has changed it is
    brought up to date in place, since another run may be using it; the package itself is
    installed editable. Ends the program with a message that says what to do when that fails.
    """
    place = FOLDER / f"{name}-{sys.implementation.name}-{'.'.join(map(str, sys.version_info[:3]))}"
    python = str(place / ("Scripts/python.exe" if WINDOWS else "bin/python"))
    stamp = place / "made-from"
    wanted = "\n".join([sys.base_prefix, str(CHECKOUT), extra, (CHECKOUT / "pyproject.toml").read_text("utf-8")])
    try:
        if not _says(stamp, wanted):
            FOLDER.mkdir(exist_ok=True)
            with _lock(FOLDER / f"{place.name}.lock"):
                if not _says(stamp, wanted):
                    _tell(f"making the environment {place} (once; this takes about half a minute)")
                    if not _says(stamp, wanted, lines=2):
                        _create(place, python)
                    _check([python, "-m", "pip", "install", "--quiet", "--editable", f".[{extra}]" if extra else "."])
                    stamp.write_text(wanted, "utf-8")
    except _Failed as failure:
        sys.exit(f"cannot make the environment {place}:\n{failure}")
    except OSError as error:
        sys.exit(f"cannot make the environment {place}: {error}\nmake the checkout writable, or copy it elsewhere")
    return python


def run(*argv: str) -> int:
    """Run a program in the checkout and give its exit status, as a shell counts it."""
    child = subprocess.Popen(argv, cwd=CHECKOUT, env=_variables())
    # Ctrl-C reaches the child too: it ends in its own way, and this script reports how.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = child.wait()
    return 128 - status if status < 0 else status


class _Failed(Exception):
    """A step that did not work, with what it printed."""


def _says(stamp: Path, wanted: str, *, lines: int | None = None) -> bool:
    """Whether the environment was made from what is wanted now, or from the same in its first lines."""
    try:
        return stamp.read_text("utf-8").split("\n")[:lines] == wanted.split("\n")[:lines]
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the file's lock, which the system gives back however this process ends."""
    with path.open("a+") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                # LK_LOCK itself gives up after ten seconds.
                with contextlib.suppress(OSError):
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _create(place: Path, python: str) -> None:
    """Make the virtual environment anew, with pip."""
    if place.exists():
        shutil.rmtree(place)
    try:
        _check([sys.executable, "-m", "venv", str(place)])
    except _Failed:
        _check([sys.executable, "-m", "venv", "--clear", "--without-pip", str(place)], hint=_needs_venv())
        with tempfile.TemporaryDirectory() as folder:
            wheel = _find_pip(Path(folder))
            _check([python, f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])


def _find_pip(folder: Path) -> Path:
    """pip as a wheel: from the system's wheels, by the system's pip, or out of Debian's package."""
    failures = []
    for way in (_pip_of_system, _pip_by_pip, _pip_by_apt):
        try:
            way(folder)
        except (_Failed, OSError) as failure:
            failures.append(f"{way.__doc__}: {failure}")
        wheels = sorted(folder.rglob("pip-*.whl"))
        if wheels:
            return wheels[-1]
    raise _Failed("\n".join([*failures, _needs_venv()]))


def _pip_of_system(folder: Path) -> None:
    """copy the system's wheel of pip"""
    for wheel in Path("/", DEBIAN_WHEELS).glob("pip-*.whl"):
        shutil.copy(wheel, folder)


def _pip_by_pip(folder: Path) -> None:
    """fetch pip by the system's pip"""
    _check([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "pip"])


def _pip_by_apt(folder: Path) -> None:
    """fetch pip by apt, into the folder and without touching the system"""
    if not shutil.which("apt-get"):
        raise _Failed("there is no apt-get")
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    # Lists of our own: only root may fetch the system's, and a fresh container has none.
    own = ["-o", f"Dir::State::lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"]
    quiet = ["-qq", "-o", "APT::Sandbox::User=", "-o", "APT::Update::Error-Mode=any"]
    _check(["apt-get", *own, *quiet, "update"], cwd=folder)
    _check(["apt-get", *own, *quiet, "download", "python3-pip-whl"], cwd=folder)
    for package in folder.glob("*.deb"):
        _check(["dpkg-deb", "--extract", str(package), str(folder / "package")])


def _needs_venv() -> str:
    if shutil.which("apt-get"):
        return f"install it by hand: sudo apt-get install python3-venv\nand run this again ({sys.executable})"
    return f"{sys.executable} lacks `venv` or `ensurepip`: install your system's package for them and run this again"


def _check(argv: Sequence[str], *, cwd: Path = CHECKOUT, hint: str = "") -> None:
    """Run a step; its output is seen only when it fails."""
    try:
        done = subprocess.run(
            argv, cwd=cwd, env=_variables(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        raise _Failed(f"{subprocess.list2cmdline(argv)}: {error}") from error
    if done.returncode:
        output = done.stdout.decode(errors="replace").strip()
        raise _Failed("\n".join(filter(None, [subprocess.list2cmdline(argv), output, hint])))


def _variables() -> dict[str, str]:
    """The environment without what would lead an environment's Python or pip elsewhere."""
    leading = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    return {**{name: value for name, value in os.environ.items() if name not in leading}, "PIP_USER": "0"}


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
