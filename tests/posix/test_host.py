"""Hosts that are not as they should be: signals ignored, streams closed, threads, forks, no room left."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

Host = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[[str], Any]


def test_a_host_that_ignores_sigchld_hears_that_the_status_is_lost(host: Host) -> None:
    done = host("""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for make in (lambda: program("exit_with", 0).run(), lambda: (cmd("true") | cmd("cat")).capture(timeout=60)):
            try:
                make()
            except ProcrunError as error:
                say(type(error).__name__, error.exit_code, str(error).splitlines()[1])
    """)
    assert done.stdout == (
        "ProcrunError 125   do not ignore SIGCHLD and do not call os.wait() while procrun runs programs\n" * 2
    )


def test_a_host_that_reaps_everybodys_children(host: Host) -> None:
    done = host("""
        running = program("exit_with", 3).start(stdout=NULL)
        os.wait()
        result = running.wait()
        say(result.status.code, type(result.error).__name__, result.is_success)
        try:
            result.check()
        except ProcrunError as error:
            say(str(error).replace(str(running.pids[0]), "PID"))
    """)
    assert done.stdout == (
        "125 ProcrunError False\n"
        "the status of process PID was taken by another part of this program\n"
        "  do not ignore SIGCHLD and do not call os.wait() while procrun runs programs\n"
    )


CLOSED = [closed for count in (1, 2, 3) for closed in itertools.combinations(("stdin", "stdout", "stderr"), count)]


@pytest.mark.parametrize("closed", CLOSED, ids="+".join)
def test_a_host_without_some_of_its_standard_streams(closed: tuple[str, ...], host: Host) -> None:
    reading, writing = os.pipe()
    try:
        host(
            f"""
            numbers = {{"stdin": 0, "stdout": 1, "stderr": 2}}
            for name in {closed!r}:
                os.close(numbers[name])

            def copy(stdin, stdout, stderr):
                stderr.write(b"f")
                stdout.write(stdin.read())

            seen = []
            seen.append((program("cat") | program("cat")).read(input=b"bytes"))
            seen.append((program("cat") | copy | program("cat")).read(input=iter([b"pie", b"ces"])))
            seen.append(list((program("lines", 2) | program("upper")).lines()))
            result = (program("exit_with", 0, "o", "e") | program("noisy_cat", 1)).capture()
            seen.append((result.stdout, result.stderr))
            result = program("exit_with", 0, "o", "e").run(stdout=[INHERIT, CAPTURE], stderr=[INHERIT, CAPTURE])
            seen.append((result.stdout, result.stderr))
            with program("upper").start(stdin=PIPE, stdout=PIPE) as running:
                running.stdin.write(b"x")
                running.stdin.close()
                seen.append(running.stdout.read().decode())
            cmd("true").run()
            (copy | program("count")).run(stdout=NULL, stderr=NULL)
            left = [n for n in descriptors() if n not in (0, 1, 2, {writing})]
            os.write({writing}, json.dumps([seen, left, children()]).encode())
            """,
            pass_fds=[writing],
        )
    finally:
        os.close(writing)
        with open(reading, encoding="utf-8") as file:
            told = file.read()
    assert json.loads(told) == [
        ["bytes", "pieces", ["LINE 1", "LINE 2"], ["o", "ee"], ["o", "e"], "X"],
        [],
        [],
    ]


def test_runs_in_a_thread(host: Host) -> None:
    done = host("""
        results = []
        def work():
            results.append((program("cat") | program("upper")).read(input="in a thread", timeout=60))
            results.append(list(program("lines", 2).lines()))
            try:
                program("hold_pipe").run(timeout=0.1)
            except RunTimeout:
                results.append("timed out")
            with program("hold_pipe").start(stdout=CAPTURE) as running:
                results.append(running.stop().status.signal)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        say(results, children(), descriptors())
    """)
    assert done.stdout == "['IN A THREAD', ['line 1', 'line 2'], 'timed out', 15] [] [0, 1, 2]\n"


def test_a_forked_copy_of_the_host_works_and_disturbs_nobody(host: Host) -> None:
    done = host("""
        import warnings
        warnings.simplefilter("ignore")
        with program("upper").start(stdin=PIPE, stdout=PIPE) as running:
            copy = os.fork()
            if copy == 0:
                running.stdin.close()
                text = (program("cat") | program("upper")).read(input="copy")
                say(text, running.poll() is not None)
                try:
                    program("hold_pipe").run(timeout=0.1)
                except RunTimeout:
                    say("timed out")
                os._exit(0)
            os.waitpid(copy, 0)
            running.stdin.write(b"original")
            running.stdin.close()
            say(running.stdout.read().decode(), running.wait().status.code)
    """)
    assert done.stdout.splitlines()[0].startswith("COPY")
    assert done.stdout.splitlines()[1:] == ["timed out", "ORIGINAL 0"]


def test_a_host_whose_stdout_is_a_closed_pipe(host: Host) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = host(
            """
            code = "import signal, os; signal.signal(13, signal.SIG_DFL)\\nwhile True: os.write(1, b'x' * 1000)"
            seen = [cmd(*PYTHON, "-c", code).run(check=False).status.signal]
            try:
                program("lines").run(stdout=[INHERIT, CAPTURE], stderr=NULL)
            except BrokenPipeError:
                seen.append("broken")
            seen.append(children())
            sys.stderr.write(json.dumps(seen))
            """,
            stdout=writing,
        )
    finally:
        os.close(writing)
    assert done.stderr == '[13, "broken", []]'


def test_a_host_that_ends_without_waiting(host: Host) -> None:
    """Nothing hangs and nothing is printed; the programs go on, as those of `subprocess` do."""
    # Whether `cat` still has something to write when its reader is gone, and then says so, is a
    # matter of who is faster: its stderr is not the host's.
    done = host("""
        import warnings
        warnings.simplefilter("ignore")
        running = [
            program("exit_with", 0).start(),
            program("cat").start(stdin=PIPE, stdout=PIPE, stderr=NULL),
            program("cat").start(input="x" * 1_000_000, stdout=CAPTURE, stderr=NULL),
            (program("cat") | (lambda i, o, e: o.write(i.read()))).start(stdin=PIPE, stdout=CAPTURE, stderr=NULL),
            program("hold_pipe").start(stdout=CAPTURE, stderr=NULL, timeout=0.2),
        ]
        say(*[pid for one in running for pid in one.pids])
    """)
    assert done.stderr == ""
    pids = [int(word) for word in done.stdout.split()]
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, 10)


def test_a_handler_that_stops_the_run(started: Start) -> None:
    host = started("""
        running = (program("sleeper") | program("cat")).start(stdout=[INHERIT, CAPTURE])
        second = program("sleeper").start()
        def end(number, frame):
            running.stop()
            second.stop()
        signal.signal(signal.SIGTERM, end)
        first = running.wait()
        second.wait()
        say(first.stages[0].status.signal, second.wait().status.signal, children())
    """)
    for _ in range(2):
        assert host.readline().startswith("ready")
    host.process.terminate()
    out, err = host.finish()
    assert out.splitlines()[-1] == "15 15 []", err


def test_no_room_for_another_thread(host: Host) -> None:
    done = host("""
        import resource
        def copy(stdin, stdout, stderr):
            stdout.write(stdin.read())
        attempts = {
            "function": lambda: (program("hold_pipe") | copy | copy).run(),
            "input": lambda: program("hold_pipe").run(input=iter([b"x"])),
            "start": lambda: program("hold_pipe").start(stdout=CAPTURE),
            "lines": lambda: list(program("hold_pipe").lines()),
        }
        (program("cat") | copy).capture(input=b"x", timeout=60)
        list(program("lines", 1).lines())
        with program("hold_pipe").start() as running:
            pass
        before = descriptors()
        # A thread wants a stack for which there is no address space.
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 200 * 2**20,) * 2)
        threading.stack_size(512 * 2**20)
        for name, attempt in attempts.items():
            try:
                attempt()
                say(name, "ran")
            except Exception as error:
                say(name, type(error).__name__, getattr(error, "exit_code", None), str(error).splitlines()[-1].strip())
            gc.collect()
            if descriptors() != before or children():
                say(name, "left", descriptors(), children())
    """)
    hint = "ProgramNotRunnable 126 run less at the same time, or raise the limit (`ulimit -u`)"
    assert done.stdout.splitlines() == [f"{name} {hint}" for name in ("function", "input", "start", "lines")]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody whose processes are few")
def test_no_room_for_another_process(host: Host) -> None:
    done = host("""
        import resource, psutil
        import procrun.signals.ending
        cmd("/bin/true").run()
        with cmd("/bin/cat").start() as running:
            pass
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        os.setgroups([])
        os.setresuid(64000, 64000, 64000)
        try:
            (cmd("/bin/cat") | cmd("/bin/cat") | cmd("/bin/cat")).run()
        except ProgramNotRunnable as error:
            say(error.errno, error.exit_code)
            say(str(error))
        say(children(), descriptors())
    """)
    lines = done.stdout.splitlines()
    assert lines[0] == f"{errno.EAGAIN} 126"
    assert lines[1].startswith("`/bin/cat` cannot be started: the system has no room for another process (")
    assert lines[2:] == ["  run less at the same time, or raise the limit (`ulimit -u`)", "[] [0, 1, 2]"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody who may not enter a folder")
def test_a_folder_that_may_not_be_entered(host: Host) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # tmp_path stands in folders that may not be entered either.
        Path(folder).chmod(0o755)
        locked = Path(folder, "locked")
        locked.mkdir(mode=0o700)
        done = host(f"""
            os.setgroups([])
            os.setresuid(64000, 64000, 64000)
            try:
                cmd("/bin/true", cwd={str(locked)!r}).run()
            except FileError as error:
                say(error.errno, error.filename == {str(locked)!r})
                say(str(error))
        """)
    assert done.stdout == (
        "13 True\n"
        f"`{locked}` cannot be entered: Permission denied (in `/bin/true`)\n"
        "  look at its permissions, or name another folder\n"
    )
