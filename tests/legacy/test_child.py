"""Processes of the old modules: raw statuses, and who takes them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from procrun.legacy import child as child_module
from procrun.legacy.child import PIPE, Child

Python = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="its programs are commands of sh, and look at wait statuses")


@pytest.mark.parametrize(
    "command",
    ["true", "exit 3", "kill -9 $$", "ulimit -c 0; kill -SEGV $$", "ulimit -c 100000 2>/dev/null; kill -ABRT $$"],
)
def test_the_status_is_that_of_wait(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # for the core, if the machine dumps one; so what is right is asked of the system
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", command], os.environ)
    expected = os.waitpid(pid, 0)[1]
    assert Child(command).wait() == expected


def test_every_thread_that_waits_gets_the_status() -> None:
    child = Child("read x; exit 4", stdin=PIPE)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(child.wait) for _ in range(4)]
        child.stdin.close()
        assert [future.result() for future in waiting] == [1024] * 4
    assert child.poll() == 1024


def test_poll_does_not_wait_for_a_thread_that_waits() -> None:
    child = Child("read x", stdin=PIPE)
    thread = threading.Thread(target=child.wait)
    thread.start()
    assert child.poll() is None
    child.stdin.close()
    thread.join()
    assert child.poll() == 256


def test_a_signal_handler_may_take_the_status_while_the_main_thread_waits_for_it() -> None:
    child = Child("read x; exit 5", stdin=PIPE)
    found = []

    def handler(number: int, frame: object) -> None:
        child.stdin.close()
        found.append(child.wait())

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        assert child.wait() == 1280
    finally:
        signal.signal(signal.SIGALRM, before)
    assert found == [1280]


def test_a_status_that_another_took_is_an_error() -> None:
    child = Child("exit 3")
    os.waitpid(child.pid, 0)
    with pytest.raises(ChildProcessError):
        child.poll()
    with pytest.raises(ChildProcessError):
        child.wait()
    del child
    gc.collect()
    assert Child("true").wait() == 0
    assert child_module._dropped == []


def test_a_dropped_child_keeps_its_pipes_and_is_reaped_by_the_next() -> None:
    read_end, write_end = os.pipe()
    child = Child(f"echo unread; echo done >&{write_end}; exit 0", stdout=PIPE)
    os.close(write_end)
    os.close(read_end)
    pid = child.pid
    del child
    (kept,) = child_module._dropped
    assert kept.pid == pid
    assert not kept.stdout.closed
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert Child("true").wait() == 0
    assert child_module._dropped == []
    kept.stdout.close()


def test_abandoning_ends_the_descendants_too() -> None:
    child = Child("(while :; do sleep 1; done) & echo started; wait", stdout=PIPE)
    with child.stdout:
        assert child.stdout.readline() == b"started\n"
        child.abandon()
        assert child.poll() == signal.SIGTERM
        # The pipe has ended: nobody is left who could write.
        assert child.stdout.read() == b""


def test_abandoning_lets_a_shell_remove_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_ABANDON_GRACE", 30.0)
    path = tmp_path / "temporary"
    child = Child(f"trap 'rm -f {path}; exit' 15; : > {path}; echo ready; cat", stdin=PIPE, stdout=PIPE)
    with child.stdin, child.stdout:
        assert child.stdout.readline() == b"ready\n"
        # Until `cat` runs, the shell's copy that is about to become it may take the signal, and forget it.
        child.stdin.write(b"cat\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"cat\n"
        child.abandon()
        assert not path.exists()


def test_a_missing_program_names_itself_and_leaves_nothing() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Child(["no-such-program"], stdin=PIPE, stdout=PIPE)
    assert caught.value.filename == "no-such-program"


def test_no_python_code_forks(python: Python) -> None:
    code = """
import os
for name in ("fork", "forkpty", "popen", "system"):
    setattr(os, name, None)
from procrun.legacy import commands, os_popen, pipes, popen2
print(commands.getoutput("echo a"))
for start in (popen2.popen2, popen2.popen4, lambda command: os_popen.popen2(command)[::-1]):
    child_stdout, child_stdin = start("cat")
    with child_stdout:
        child_stdin.close()
        print(child_stdout.read() == "")
template = pipes.Template()
template.append("cat", "--")
print(template.copy("/dev/null", "/dev/null"))
"""
    done = python(code, options=("-W", "ignore::DeprecationWarning"))
    assert done.stdout == "a\nTrue\nTrue\nTrue\n0\n"


# Each call with no descriptor left, with one, and so on until it succeeds: nothing more is open then than before.
NO_ROOM = """
import gc, os, resource, tempfile
from procrun.legacy import child, commands, os_popen, pipes, popen2

tempfile.tempdir = os.getcwd()
template = pipes.Template()
template.append("cat", "--")
template.append("cat $IN", "f-")

def both(start, *arguments):
    for stream in start(*arguments):
        stream.close()

calls = {
    "popen2": lambda: both(popen2.popen2, "true"),
    "popen3": lambda: both(popen2.popen3, ["true"]),
    "popen4": lambda: both(popen2.popen4, "true"),
    "no such program": lambda: both(popen2.popen3, ["no-such-program"]),
    "os.popen3": lambda: both(os_popen.popen3, "true"),
    "getstatusoutput": lambda: commands.getstatusoutput("true"),
    "open": lambda: template.open("/dev/null", "r").close(),
    "copy": lambda: template.copy("/dev/null", "/dev/null"),
}

def open_now():
    gc.collect()
    return sorted(os.listdir("/dev/fd")), os.listdir()

def tried(call, free):
    used = []
    while len(used) < 200:
        try:
            used.append(os.dup(0))
        except OSError:
            break
    for descriptor in used[len(used) - free:]:
        os.close(descriptor)
    try:
        call()
        return True
    except OSError as error:
        assert error.errno == 24, error
        return False
    finally:
        for descriptor in used[:len(used) - free]:
            os.close(descriptor)

for call in calls.values():
    call()
resource.setrlimit(resource.RLIMIT_NOFILE, (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
for name, call in calls.items():
    before = open_now()
    failures = next(free for free in range(20) if tried(call, free))
    for kept in [*popen2._active, *child._dropped]:
        kept.wait()
    popen2._cleanup()
    child._reap_dropped()
    try:
        left = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        left = None
    print(name, failures > 0, open_now() == before, left)
"""


def test_without_room_for_descriptors_nothing_is_left(python: Python) -> None:
    done = python(NO_ROOM, options=("-W", "ignore::DeprecationWarning"))
    names = ("popen2", "popen3", "popen4", "no such program", "os.popen3", "getstatusoutput", "open", "copy")
    assert done.stdout == "".join(f"{name} True True None\n" for name in names)


def test_children_share_no_pipes() -> None:
    # Each `cat` ends when its own stdin is closed, whichever others were started meanwhile.
    def run(number: int) -> bytes:
        child = Child("cat", stdin=PIPE, stdout=PIPE)
        child.stdin.write(b"%d" % number)
        child.stdin.close()
        with child.stdout:
            answer: bytes = child.stdout.read()
        assert child.wait() == 0
        return answer

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(run, range(64))) == [b"%d" % number for number in range(64)]
