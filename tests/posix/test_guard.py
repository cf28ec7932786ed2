"""`die_with_parent`: this process is killed, at any moment, and nothing of its runs is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from procrun import NULL, NotSupported, ProcrunError, cmd, system
from procrun.engine.guard import Guard

Until = Callable[..., Any]

ATTEMPTS = 50

TREE = """
    tree = "(setsid sleep 1000 &) ; sleep 1000 & sleep 1000"
    options = {"die_with_parent": True, "grace": 0.2}
"""
"""A daemon, an orphan and a child."""

WAYS = {
    "a pipeline": '(cmd("sh", "-c", tree) | cmd("sh", "-c", tree)).run(**options)',
    "a text": 'procrun.run("(sh -c $1; true) | cat", tree, **options)',
    "a run in a thread that has ended": """
    thread = threading.Thread(target=lambda: cmd("sh", "-c", tree).start(**options))
    thread.start()
    thread.join()
    say("started")
    time.sleep(1000)
    """,
    "a run that is forgotten": """
    import gc
    cmd("sh", "-c", tree).start(**options)
    gc.collect()
    say("started")
    time.sleep(1000)
    """,
    "one that forgets its environment": 'cmd("env", "-i", "sh", "-c", "sleep 1000 & sleep 1000").run(**options)',
    "one with limits": 'cmd("sh", "-c", tree).run(limits=Limits(files=50), **options)',
}


@pytest.fixture
def mark() -> Iterator[str]:
    """A variable of the environment, of all that a test has started; what is left is killed."""
    value = uuid.uuid4().hex
    yield value
    for process in marked(value):
        process.kill()


def marked(value: str) -> list[psutil.Process]:
    """The living processes that carry a mark, but for those who forgot it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TEST_GUARD") == value:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@contextmanager
def begin(code: str, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    prelude = "import procrun, sys, threading, time\nfrom procrun import *\ndef say(w): print(w, flush=True)\n"
    with subprocess.Popen(
        [sys.executable, "-c", prelude + textwrap.dedent(TREE) + textwrap.dedent(code)],
        env={**os.environ, "TEST_GUARD": mark},
        stdout=subprocess.PIPE,
    ) as host:
        try:
            yield host
        finally:
            host.kill()


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="only Linux shows environments of all programs")
@pytest.mark.parametrize("way", WAYS)
def test_nothing_outlives_a_process_that_is_killed(way: str, mark: str, until: Until) -> None:
    with begin(WAYS[way], mark) as host:
        # The host, the guard, and the last one of the tree; with `env -i` those are not seen.
        until(lambda: len(marked(mark)) >= (2 if "environment" in way else 5))
        if "environment" in way:
            until(lambda: any(child.name() == "sh" for child in psutil.Process(host.pid).children()))
        tree = psutil.Process(host.pid).children(recursive=True)
        host.kill()
        until(lambda: not marked(mark))
        until(lambda: not any(process.is_running() and process.status() != "zombie" for process in tree))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="elsewhere it waits for the copy, too")
def test_a_forked_copy_of_the_parent_does_not_hold_up_the_guard(mark: str, until: Until) -> None:
    code = """
    import os, select
    running = cmd("sleep", "1000").start(**options)
    if os.fork() == 0:
        # It has the guard's pipe until the program has ended.
        select.select([os.pidfd_open(running.pids[0])], [], [])
        os._exit(0)
    say("started")
    time.sleep(1000)
    """
    with begin(code, mark) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"started\n"
        host.kill()
        until(lambda: not marked(mark))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="only Linux shows environments of all programs")
def test_killed_at_fifty_random_moments(mark: str, until: Until) -> None:
    # Runs that are stopped, one after the other, so that any moment of a run may be hit: start, work, stop.
    code = """
    say("ready")
    while True:
        try:
            (cmd("sh", "-c", tree) | cmd("cat")).run(timeout=0.03, **options)
        except RunTimeout:
            pass
    """
    for _ in range(ATTEMPTS):
        with begin(code, mark) as host:
            assert host.stdout is not None
            assert host.stdout.readline() == b"ready\n"
            try:
                host.wait(random.uniform(0, 0.3))
            except subprocess.TimeoutExpired:
                host.send_signal(signal.SIGKILL)
        assert host.returncode == -signal.SIGKILL
        until(lambda: not marked(mark))


def test_a_run_that_ends_leaves_no_guard(mark: str) -> None:
    before = {child.pid for child in psutil.Process().children()}
    assert cmd("echo", "here").read(die_with_parent=True, env={"TEST_GUARD": mark}) == "here"
    assert {child.pid for child in psutil.Process().children()} == before


def test_a_daemon_outlives_a_run_that_ends_by_itself(mark: str, doomed: list[int]) -> None:
    text = cmd("sh", "-c", "setsid sleep 1000 > /dev/null 2>&1 & echo $!").read(die_with_parent=True)
    doomed.append(int(text))
    assert psutil.Process(int(text)).is_running()


def test_the_start_that_fails_leaves_no_guard(tmp_path: Any) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nonexistent/interpreter\n")
    script.chmod(0o755)
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(OSError):
        (cmd("cat") | cmd(str(script))).run(die_with_parent=True)
    assert {child.pid for child in psutil.Process().children()} == before


@pytest.mark.parametrize("number", ["INT", "TERM", "HUP"])
def test_the_guard_stays_when_all_are_told_to_end(number: str, mark: str, until: Until) -> None:
    # What the host makes of the signal is its business; that it can still be killed later is the guard's.
    code = f'signal.signal(signal.SIG{number}, signal.SIG_IGN)\ncmd("sh", "-c", tree).run(**options)'
    with begin("import signal\n" + code, mark) as host:
        until(lambda: len(marked(mark)) >= 5)
        (guard,) = [process for process in marked(mark) if "-I" in process.cmdline()]
        until(lambda: is_ignoring(guard.pid, getattr(signal, f"SIG{number}")))
        guard.send_signal(getattr(signal, f"SIG{number}"))
        host.kill()
        until(lambda: not marked(mark))


def is_ignoring(pid: int, number: int) -> bool:
    with open(f"/proc/{pid}/status") as file:
        masks = dict(line.split(":", 1) for line in file)
    return bool(int(masks["SigIgn"], 16) >> number - 1 & 1)


def test_a_system_without_guards_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "HAS_GUARD", False)
    with pytest.raises(NotSupported) as raised:
        cmd("true").run(die_with_parent=True)
    assert str(raised.value) == (
        "`die_with_parent` is not kept on this system\n"
        "  leave it out; a run that is left by an exception or a signal is ended all the same"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/bin/false", "it has ended"), ("/no/python", "[Errno 2] No such file or directory: '/no/python'")],
)
def test_a_guard_that_does_not_work_is_named(
    path: str, reason: str, tmp_path: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", path)
    # What is to be the guard has ended before it is told anything.
    real = Guard.tell

    def tell(guard: Guard, pid: int) -> None:
        until(lambda: psutil.Process(guard._process.pid).status() == psutil.STATUS_ZOMBIE)
        real(guard, pid)

    monkeypatch.setattr(Guard, "tell", tell)
    with pytest.raises(ProcrunError) as raised:
        cmd("cat").run(die_with_parent=True, stdin=NULL)
    assert str(raised.value) == (
        f"the helper that ends a run with its parent, `{path} -I -S -c …`, does not work: {reason}\n"
        "  it is this program's own Python, from `sys.executable`; look whether that can still be started"
    )


def test_in_a_folder_that_has_gone(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend("")
    folder.rmdir()
    assert cmd("true").run(die_with_parent=True).is_success


def test_a_run_that_is_forgotten_goes_on(mark: str, until: Until) -> None:
    with begin(WAYS["a run that is forgotten"], mark) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"started\n"
        (guard,) = [child for child in psutil.Process(host.pid).children() if "-I" in child.cmdline()]
        # It would act at once, and end then.
        with pytest.raises(psutil.TimeoutExpired):
            guard.wait(1.5)
        host.kill()
        until(lambda: not marked(mark))
