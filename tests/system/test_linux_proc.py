"""What /proc tells of real processes: their threads, descriptors and locks, with and without the right to all of it."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun.system import processes
from procrun.system.facts import Descriptor, Interest, Task, Waiting

if not processes.KNOWS_WAITS:
    pytest.skip("only Linux has this /proc", allow_module_level=True)

from procrun.system import linux_proc

Hang = Callable[..., "subprocess.Popen[bytes]"]


def only(pid: int) -> Task:
    (task,) = linux_proc.tasks(pid)
    return task


# How Python sleeps (time.sleep): since 3.11 by a call of its own.
SLEEP = "clock_nanosleep" if sys.version_info >= (3, 11) else "pselect6"

CALLS = [
    ("read", "read", Waiting("descriptor", "read", (Interest(0, False),))),
    ("write", "write", Waiting("descriptor", "write", (Interest(1, True),))),
    ("poll", "poll", Waiting("descriptor", "poll", (Interest(0, False),))),
    ("poll_both", "poll", Waiting("descriptor", "poll", (Interest(0, False), Interest(1, True)))),
    ("choose", "pselect6", Waiting("descriptor", "pselect6", (Interest(0, False),), has_limit=True)),
    ("epoll", "epoll_wait", Waiting("descriptor", "epoll_wait", (Interest(0, False),))),
    ("lock", "futex", Waiting("futex", "futex", is_private=True)),
    ("wait_a_while", "futex", Waiting("futex", "futex", is_private=True, has_limit=True)),
    ("shared_lock", "futex", Waiting("futex", "futex")),
    ("sleep", SLEEP, Waiting("time", SLEEP, has_limit=SLEEP == "pselect6")),
    ("pause", "pause", Waiting("signal", "pause")),
]


@pytest.mark.parametrize(("how", "call", "waiting"), CALLS)
def test_what_a_thread_waits_for(
    how: str, call: str, waiting: Waiting, hang: Hang, stands: Callable[..., None]
) -> None:
    process = hang(how)
    stands(process.pid, call)
    task = only(process.pid)
    assert (task.number, task.state, task.waiting) == (process.pid, "S", waiting)
    assert task.channel


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ("read", Waiting("descriptor", "", (Interest(0, False),))),
        ("write", Waiting("descriptor", "", (Interest(1, True),))),
        # It may poll nothing, and only sleep.
        ("poll", Waiting("descriptor", "", (Interest(0, False),), is_exact=False)),
        ("epoll", Waiting("descriptor", "", (Interest(0, False),))),
        ("lock", Waiting("futex", "")),
        ("pause", Waiting("signal", "")),
        ("wait_for", Waiting("child", "")),
    ],
)
def test_without_the_system_call_the_kernel_s_function_tells(
    how: str, wanted: Waiting, hang: Hang, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine whose calls are not known, or where Yama does not let us see them."""
    monkeypatch.setattr(linux_proc, "_MACHINE", "vax")
    # No other pipe or socket that it could be: one fits.
    streams = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")}
    streams |= {"stdout": subprocess.PIPE} if how == "write" else {"stdin": subprocess.PIPE}
    process = hang(how, *(["pause"] if how == "wait_for" else []), **streams)

    def stands() -> bool:
        task = only(process.pid)
        return task.waiting is not None and task.waiting.on == wanted.on

    until(stands)
    found = only(process.pid).waiting
    assert found is not None and found.call == only(process.pid).channel.partition(".")[0]
    assert found == replace(wanted, call=found.call)


def test_several_that_fit_are_told_as_such(
    hang: Hang, stands: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = hang("own_pipe")
    stands(process.pid, "read")
    monkeypatch.setattr(linux_proc, "_MACHINE", "vax")
    waiting = only(process.pid).waiting
    assert waiting is not None
    assert (waiting.is_exact, waiting.interests) == (False, (Interest(0, False), Interest(3, False)))


def test_poll_after_it_was_stopped(hang: Hang, stands: Callable[..., None], until: Callable[..., Any]) -> None:
    """The kernel then shows `restart_syscall`, with the arguments of before."""
    process = hang("poll")
    stands(process.pid, "poll")
    process.send_signal(signal.SIGSTOP)
    until(lambda: only(process.pid).state == "T")
    process.send_signal(signal.SIGCONT)
    until(lambda: only(process.pid).state == "S")
    assert only(process.pid).waiting == Waiting("descriptor", "poll", (Interest(0, False),))


def test_state_d(hang: Hang, tmp_path: Path, until: Callable[..., Any]) -> None:
    """Who starts a program as vfork(2) does cannot be interrupted until that has been done."""
    os.mkfifo(tmp_path / "fifo")
    process = hang("vfork", tmp_path / "fifo")
    until(lambda: only(process.pid).state == "D")
    waiting = only(process.pid).waiting
    assert waiting is not None and waiting.on == "child"


def test_threads(hang: Hang, stands: Callable[..., None]) -> None:
    process = hang("wait_in_thread")
    stands(process.pid, "read")
    stands(process.pid, "futex")
    main, other = linux_proc.tasks(process.pid)
    assert main.number == process.pid != other.number
    assert main.waiting is not None and main.waiting.on == "futex"
    assert other.waiting == Waiting("descriptor", "read", (Interest(0, False),))


def test_a_running_thread_waits_for_nothing() -> None:
    assert next(task for task in linux_proc.tasks(os.getpid()) if task.state == "R").waiting is None


def test_descriptors(hang: Hang, stands: Callable[..., None], tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w") as file:
        process = hang("pidfd", stderr=file)
        stands(process.pid, "poll")
        (child,) = psutil.Process(process.pid).children()
        assert process.stdin is not None and process.stdout is not None
        pipes = [os.fstat(stream.fileno()).st_ino for stream in (process.stdin, process.stdout)]
        assert linux_proc.descriptors(process.pid)[:3] == (
            Descriptor(0, "pipe", f"pipe:[{pipes[0]}]", True, False),
            Descriptor(1, "pipe", f"pipe:[{pipes[1]}]", False, True),
            Descriptor(2, "file", str(path), False, True),
        )
        assert [one.process for one in linux_proc.descriptors(process.pid) if one.kind == "process"] == [child.pid]


def test_kinds_of_descriptors() -> None:
    made = {os.eventfd(0): "event"} if hasattr(os, "eventfd") else {}
    pairs = [os.pipe(), os.openpty()]
    made |= {number: kind for pair, kind in zip(pairs, ("pipe", "")) for number in pair if kind}
    made[pairs[1][1]] = "terminal"
    made[pairs[1][0]] = "file"
    made[os.open(os.devnull, os.O_RDWR)] = "file"
    try:
        kinds = {one.number: one.kind for one in linux_proc.descriptors(os.getpid())}
        assert {number: kinds[number] for number in made} == made
    finally:
        for number in made:
            os.close(number)


def test_a_fifo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    number = os.open(tmp_path / "fifo", os.O_RDWR)
    other = os.open(os.devnull, os.O_RDONLY)
    try:
        assert linux_proc.is_fifo(os.getpid(), number)
        assert not linux_proc.is_fifo(os.getpid(), other)
        assert not linux_proc.is_fifo(os.getpid(), 99999)
    finally:
        os.close(number)
        os.close(other)


def name_of(path: Path) -> str:
    """The kernel's name for a file in its list of locks."""
    found = path.stat()
    return f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"


@pytest.mark.parametrize(("how", "names"), [("flock", ("FLOCK", "flock")), ("lockf", ("POSIX", "fcntl"))])
def test_locks(how: str, names: tuple[str, str], hang: Hang, stands: Callable[..., None], tmp_path: Path) -> None:
    kind, call = names
    path = tmp_path / "lock"
    holder = hang(how, path)
    stands(holder.pid, "pause")
    waiter = hang(how, path)
    stands(waiter.pid, call)
    found = {lock.process: lock for lock in linux_proc.file_locks() if lock.process in (holder.pid, waiter.pid)}
    told = {pid: (lock.kind, lock.file, lock.is_waiting) for pid, lock in found.items()}
    assert told == {holder.pid: (kind, name_of(path), False), waiter.pid: (kind, name_of(path), True)}
    assert linux_proc.locked_files(holder.pid) == ((kind, name_of(path)),)
    assert linux_proc.locked_files(waiter.pid) == ()


def test_a_lock_of_an_open_file_has_no_process(tmp_path: Path) -> None:
    if not hasattr(fcntl, "F_OFD_SETLK"):
        pytest.skip("this Python does not know such locks")
    path = tmp_path / "lock"
    with path.open("w") as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        (lock,) = [lock for lock in linux_proc.file_locks() if lock.file == name_of(path)]
        assert (lock.kind, lock.process, lock.is_waiting) == ("OFDLCK", -1, False)
        assert linux_proc.locked_files(os.getpid()) == (("OFDLCK", name_of(path)),)


def test_the_signal_that_stopped_it(hang: Hang, until: Callable[..., Any]) -> None:
    process = hang("pause")
    assert linux_proc.stop_signal(process.pid) == 0
    # Not SIGTSTP: the kernel drops it in an orphaned process group, as a test run without a shell is (POSIX, 2.4.3).
    process.send_signal(signal.SIGSTOP)
    until(lambda: only(process.pid).state == "T")
    assert linux_proc.stop_signal(process.pid) == signal.SIGSTOP
    os.waitpid(process.pid, os.WUNTRACED)
    assert linux_proc.stop_signal(process.pid) == 0


def test_the_tracer(hang: Hang, until: Callable[..., Any]) -> None:
    process = hang("traced")
    assert process.stderr is not None
    child = int(process.stderr.readline())
    until(lambda: only(child).state == "t")
    assert linux_proc.tracer(child) == process.pid
    assert linux_proc.tracer(process.pid) == 0


ASKED = [
    linux_proc.tasks,
    linux_proc.descriptors,
    linux_proc.locked_files,
    linux_proc.stop_signal,
    linux_proc.tracer,
]


@pytest.mark.parametrize("ask", ASKED)
def test_a_process_that_has_gone(ask: Callable[[int], Any], hang: Hang) -> None:
    process = hang("nothing")
    process.wait()
    with pytest.raises(ProcessLookupError) as caught:
        ask(process.pid)
    assert str(caught.value) == f"there is no process {process.pid}"


def test_a_command_s_name_may_hold_anything(hang: Hang, tmp_path: Path, stands: Callable[..., None]) -> None:
    """A name with brackets and blanks, in front of the fields that count from its end."""
    path = tmp_path / "a) S 1 (b\n"
    os.symlink(sys.executable, path)
    process = subprocess.Popen([path, "-S", "-c", "import os; os.read(0, 1)"], stdin=subprocess.PIPE)
    with process:
        try:
            stands(process.pid, "read")
            assert only(process.pid).state == "S"
            assert linux_proc.stop_signal(process.pid) == 0
        finally:
            process.kill()


UNPRIVILEGED = """
import os, sys
from procrun.system import linux_proc
pid = int(sys.argv[1])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for ask in (linux_proc.descriptors, linux_proc.locked_files):
    try:
        ask(pid)
    except PermissionError:
        sys.stdout.write("refused ")
(task,) = linux_proc.tasks(pid)
sys.stdout.write(f"{task.state} {task.waiting} {linux_proc.stop_signal(pid)} {linux_proc.is_fifo(pid, 0)}")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_process_of_another_user(hang: Hang, stands: Callable[..., None]) -> None:
    process = hang("read")
    stands(process.pid, "read")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", UNPRIVILEGED, str(process.pid)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("refused refused S None 0 False", "")
