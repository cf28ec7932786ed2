"""What every test shares: the check for leaks, the programs in tests/programs, the command line.

Every test is a leak test: the fixture `no_leaks` applies to all of them. Nothing here
imports procrun before the tests begin, so they run against whichever procrun is installed.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

# A property that takes long on a busy machine is no less true.
hypothesis.settings.register_profile("procrun", deadline=None)
hypothesis.settings.load_profile("procrun")

# Who starts the tests in the background of a script, or by `nohup`, has these ignored, and so had every program.
for ignored in ("SIGINT", "SIGQUIT", "SIGHUP"):
    number = getattr(signal, ignored, None)
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if ignored == "SIGINT" else signal.SIG_DFL)

WINDOWS = os.name == "nt"
PROGRAMS = Path(__file__).parent / "programs"
OTHER_SYSTEM = {"posix": WINDOWS, "windows": not WINDOWS}
SECONDS_TO_END = 5.0
"""How long a thread that is about to end may take after the test."""

SECONDS_OF_HANG = 300.0
"""After so long in one test, and in what is made for it, its process ends, which the tests' runner reports."""

SECONDS_OF_COMMAND = 60.0
SECONDS_OF_CONDITION = 30.0


@pytest.fixture(scope="session", autouse=True)
def wakeup_ends() -> None:
    """Have the two descriptors that waiting for signals keeps for ever, before any test counts descriptors."""
    from procrun.signals.wakeup import Wakeup

    Wakeup()


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Fail a test that leaves a descriptor, a thread or a child process behind."""
    before = _belongings()
    yield
    if not _added(before):
        return
    _let_end(before)
    leaks = _added(before)
    if leaks:
        pytest.fail("the test left behind:\n  " + "\n  ".join(leaks), pytrace=False)


@pytest.fixture(scope="session")
def python_program() -> Callable[..., list[str]]:
    """`python_program("cat", *args)`: the argument list that runs tests/programs/cat.py."""

    def argv(name: str, *args: object) -> list[str]:
        path = PROGRAMS / f"{name}.py"
        if not path.is_file():
            raise FileNotFoundError(f"there is no tests/programs/{name}.py")
        # -S: without `site` a program starts twice as fast, and none of them needs packages.
        return [sys.executable, "-S", str(path), *map(str, args)]

    return argv


@pytest.fixture(scope="session")
def program(python_program: Callable[..., list[str]]) -> Callable[..., Any]:
    """`program("cat", *args, **options)`: the procrun command that runs tests/programs/cat.py."""
    from procrun import cmd

    def command(name: str, *args: object, **options: Any) -> Any:
        return cmd(*python_program(name, *args), **options)

    return command


@pytest.fixture(scope="session")
def run_cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`run_cli("pipe", "…", input=…, env=…, cwd=…)`: runs procrun's command line to its end.

    Output comes as text that keeps every byte and every `\\r`. `env` adds to the environment;
    None takes a variable away. stdin is empty unless `input` is given.
    """

    def run(
        *args: object,
        input: bytes | str | None = None,
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        timeout: float = SECONDS_OF_COMMAND,
    ) -> subprocess.CompletedProcess[str]:
        variables: dict[str, str | None] = {**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})}
        done = subprocess.run(
            [sys.executable, "-m", "procrun", *map(str, args)],
            input=input.encode("utf-8", "surrogateescape") if isinstance(input, str) else input or b"",
            capture_output=True,
            env={name: value for name, value in variables.items() if value is not None},
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
        stdout, stderr = (data.decode("utf-8", "surrogateescape") for data in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)

    return run


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """`until(condition, *arguments)`: ask until the answer is true, and give it; fails after half a minute."""

    def ask(condition: Callable[..., Any], *arguments: Any) -> Any:
        pause = threading.Event()
        deadline = time.monotonic() + SECONDS_OF_CONDITION
        while not (answer := condition(*arguments)):
            if time.monotonic() > deadline:
                pytest.fail(f"{condition} never became true of {arguments}")
            pause.wait(0.005)
        return answer

    return ask


@pytest.fixture(scope="session")
def end_session() -> Callable[[subprocess.Popen[Any]], None]:
    """`end_session(process)`: kill a process, its descendants and, if it leads a session, all of that."""
    return _kill_all_of


@pytest.fixture
def hang(python_program: Callable[..., list[str]]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`hang("read", stdin=…)`: tests/programs/hang.py with its stdin, stdout and stderr as pipes unless told otherwise.

    What it and its children left is killed at the end of the test.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(*how: object, **options: Any) -> subprocess.Popen[bytes]:
        streams = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        # One of them shows what stays in a buffer.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        process = subprocess.Popen(python_program("hang", *how), **{**streams, "env": env, **options})
        started.append(process)
        return process

    yield start
    for process in started:
        _end(process)


@pytest.fixture
def stands(until: Callable[..., Any]) -> Callable[..., None]:
    """`stands(pid, "read")`: wait until the kernel shows a thread of a process asleep in a system call."""
    from procrun.system import processes

    def is_in(pid: int, call: str) -> bool:
        return any(
            task.state == "S" and task.waiting is not None and task.waiting.call == call
            for task in processes.tasks(pid)
        )

    return lambda pid, call: until(is_in, pid, call)


class Terminal:
    """A terminal with a program that believes in it."""

    def __init__(self, argv: Sequence[str], **options: Any) -> None:
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-S", str(PROGRAMS / "in_terminal.py"), *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **os.environ,
                "PY": sys.executable,
                **{path.stem.upper(): str(path) for path in PROGRAMS.glob("*.py")},
            },
            **options,
        )
        os.close(slave)
        self.shown = ""

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def until(self, text: str) -> str:
        """Read until a text has been shown; gives all that was shown since the last time."""
        deadline = time.monotonic() + SECONDS_OF_COMMAND
        while text not in self.shown:
            # `select` and not the end of the test's time: what was shown instead is the answer.
            left = max(0.0, deadline - time.monotonic())
            piece = self._piece() if select.select([self.master], [], [], left)[0] else ""
            self.shown += piece or pytest.fail(f"{text!r} was not shown, but {self.shown!r}")
        end = self.shown.index(text) + len(text)
        seen, self.shown = self.shown[:end], self.shown[end:]
        return seen

    def rest(self) -> str:
        """Everything until the last program has left the terminal."""
        while piece := self._piece():
            self.shown += piece
        return self.shown.replace("\r\n", "\n")

    def settings(self) -> list[Any]:
        """How it is set, as `termios.tcgetattr` tells."""
        import termios

        return termios.tcgetattr(self.master)

    def status(self) -> int:
        """The returncode of the program, which has to end by itself."""
        return self.process.wait(SECONDS_OF_COMMAND)

    def hang_up(self) -> None:
        """Close the window."""
        if self.master >= 0:
            os.close(self.master)
        self.master = -1

    def close(self) -> None:
        """End what still runs in it, the program and what it has started."""
        _end(self.process)
        self.hang_up()

    def _piece(self) -> str:
        try:
            return os.read(self.master, 4096).decode()
        except OSError:
            return ""  # EIO: on Linux, the end of a terminal


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """`terminal(argv, **options)`: a program in a terminal of its own, which ends with the test. POSIX.

    `$PY` is a Python there, and each of tests/programs is a variable: `$SLEEPER` is tests/programs/sleeper.py.
    """
    opened: list[Terminal] = []

    def start(argv: Sequence[str], **options: Any) -> Terminal:
        opened.append(Terminal(argv, **options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[Any]:
    """Let nothing hang for ever: pytest-timeout interrupts a test once, and then its fixtures have no limit."""
    faulthandler.dump_traceback_later(SECONDS_OF_HANG, exit=True, file=sys.__stderr__)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


class OtherSystem(pytest.Module):
    """A test file for another operating system: reported as skipped, never imported."""

    def collect(self) -> Any:
        pytest.skip(f"tests/{self.path.parent.name} is for the other kind of system", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> Any:
    """Skip tests/posix on Windows and tests/windows elsewhere, before anything there is imported."""
    if OTHER_SYSTEM.get(module_path.parent.name):
        return OtherSystem.from_parent(parent, path=module_path)
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill_all_of(process)
    # Not `with`: it would wait for a stdin that a test has closed already.
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue  # What a test wrote and nobody reads any more.
    process.wait()


def _kill_all_of(process: subprocess.Popen[Any]) -> None:
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    if process.poll() is None:
        process.kill()
    for one in [*tree, *_session(process.pid)]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


def _session(leader: int) -> Iterator[psutil.Process]:
    for one in psutil.process_iter() if hasattr(os, "getsid") else ():
        try:
            if os.getsid(one.pid) == leader:
                yield one
        except ProcessLookupError:
            continue


def _belongings() -> dict[str, dict[Any, str]]:
    """What this process has, each with the text that names it in a failure."""
    return {
        "descriptor": _descriptors(),
        "thread": {thread: repr(thread) for thread in threading.enumerate()},
        "child process": _children(),
    }


def _added(before: dict[str, dict[Any, str]]) -> list[str]:
    """What is there now and was not before."""
    now = _belongings()
    return [f"{kind} {now[kind][key]}" for kind in now for key in now[kind] if key not in before[kind]]


def _let_end(before: dict[str, dict[Any, str]]) -> None:
    """Wait for threads that are about to end, and collect what only a cycle keeps open.

    Children are not waited for: who started one has to reap it.
    """
    deadline = time.monotonic() + SECONDS_TO_END
    for thread in threading.enumerate():
        if thread not in before["thread"]:
            thread.join(max(0.0, deadline - time.monotonic()))
    gc.collect()


def _descriptors() -> dict[Any, str]:
    """The open descriptors; on Windows none, since no call counts only this process's own files."""
    folder = next((path for path in ("/proc/self/fd", "/dev/fd") if not WINDOWS and Path(path).is_dir()), None)
    if folder is None:
        return {}
    found = {}
    for name in os.listdir(folder):
        try:
            found[name, os.fstat(int(name)).st_ino] = f"{name} -> {_target(folder, name)}"
        except OSError:
            continue  # the descriptor of the listing itself
    return found


def _target(folder: str, name: str) -> str:
    try:
        return os.readlink(f"{folder}/{name}")
    except OSError:
        return "?"  # /dev/fd has no links on macOS and BSD


def _children() -> dict[Any, str]:
    """The children of this process, also those that have ended and are not reaped."""
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return {}  # the usual case, and a hundred times faster than a look at every process
    found = {}
    for child in psutil.Process().children():
        try:
            name = f"{child.pid} ({child.status()}): {' '.join(child.cmdline())}"
        except psutil.Error:
            name = f"{child.pid} ({child})"
        found[child.pid, child.create_time()] = name
    return found
