"""Ctrl-C and other exceptions of signals' handlers: the run ends, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

Start = Callable[[str], Any]

WAYS = {
    "run": "program('sleeper').run(grace=30)",
    "pipeline": "(program('sleeper') | program('cat')).run(grace=30)",
    "capture": "(program('sleeper', stderr=INHERIT) | program('cat')).capture(grace=30, stdout=[INHERIT, CAPTURE])",
    # Not a comprehension: its frame would keep the generator, and so the run, as long as the exception.
    "lines": """
        for line in (program('sleeper') | program('cat')).lines(grace=30):
            say(line)
    """,
    "start": """
        with (program('sleeper') | program('cat')).start(stdout=[INHERIT, CAPTURE], grace=30) as running:
            running.wait()
    """,
    "function": """
        def copy(stdin, stdout, stderr):
            for line in stdin:
                stdout.write(line)
                stdout.flush()
        (program('sleeper') | copy | program('cat')).run(grace=30)
    """,
    "input": """
        def endless():
            while True:
                yield 'x' * 100
        (program('noisy_cat', 0, stdout=NULL) | program('sleeper')).run(input=endless(), grace=30)
    """,
    "text": "procrun.run('$1 $2 $3 | $1 $2 $4', *PYTHON, PROGRAMS + '/sleeper.py', PROGRAMS + '/cat.py', grace=30)",
    "group": """
        procrun.run('($1 $2 $3; echo never) | $1 $2 $4', *PYTHON, PROGRAMS + '/sleeper.py', PROGRAMS + '/cat.py',
            grace=30)
    """,
}

HOST = """
try:
    if True:
        {way}
except KeyboardInterrupt:
    gc.collect()
    tasks = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    for task in tasks:
        task.join(10)
    say("interrupted", children(), [task.name for task in tasks if task.is_alive()], descriptors())
"""


def host_of(way: str) -> str:
    import textwrap

    return HOST.format(way=textwrap.indent(textwrap.dedent(way), "        ").strip())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("to", ["everybody", "the host"])
def test_ctrl_c(way: str, to: str, started: Start) -> None:
    host = started(host_of(WAYS[way]))
    assert host.readline().startswith("ready")
    descendants = host.descendants()
    assert descendants
    send = os.killpg if to == "everybody" else os.kill
    start = time.monotonic()
    send(host.process.pid, signal.SIGINT)
    # What `sleeper` says of SIGINT is not of interest.
    out, err = host.finish()
    assert out.splitlines()[-1:] == ["interrupted [] [] [0, 1, 2]"], err
    assert time.monotonic() - start < 20
    assert not any(process.is_running() for process in descendants)


def test_an_interrupted_program_ends_as_python_ends_it(started: Start) -> None:
    host = started("program('sleeper').run()")
    host.readline()
    os.killpg(host.process.pid, signal.SIGINT)
    _, err = host.finish()
    assert host.process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in err


def test_a_child_that_ends_well_by_ctrl_c_may_do_so(started: Start) -> None:
    host = started("""
        code = "import signal, sys, threading; e = threading.Event(); signal.signal(2, lambda *_: e.set());" \\
               "print('ready', flush=True)\\nwhile not e.wait(.05): pass\\nprint('tidied', flush=True)"
        try:
            cmd(*PYTHON, "-c", code).run()
        except KeyboardInterrupt:
            say("interrupted")
    """)
    host.readline()
    os.killpg(host.process.pid, signal.SIGINT)
    out, _ = host.finish()
    assert out == "tidied\ninterrupted\n"


def test_a_second_ctrl_c_kills(started: Start) -> None:
    host = started("""
        try:
            program('ignore_term').run(grace=1000)
        except KeyboardInterrupt:
            say("interrupted", children())
    """)
    assert host.readline() == "ready"
    (child,) = host.descendants()
    os.killpg(host.process.pid, signal.SIGINT)
    # It has been told once it is asked to end; what it is told, it ignores.
    while child.is_running() and host.process.poll() is None:
        os.killpg(host.process.pid, signal.SIGINT)
        psutil.wait_procs([child], 3)
    out, err = host.finish()
    assert out == "interrupted []\n", err


@pytest.mark.parametrize("way", ["stop", "leave", "lines"])
def test_ctrl_c_while_a_stop_waits_for_the_grace(way: str, started: Start) -> None:
    host = started(f"""
        try:
            if {way!r} == "lines":
                # Not by `break`: what is raised while Python forgets a generator, it does not pass on.
                lines = program("ignore_term").lines(grace=1000)
                try:
                    say(next(lines))
                finally:
                    # Ctrl-C may come before the block is left, and the generator is then still open.
                    lines.close()
            else:
                with program("ignore_term").start(stdout=PIPE, grace=1000) as running:
                    say(running.stdout.readline().decode().strip())
                    if {way!r} == "stop":
                        running.stop()
        except KeyboardInterrupt:
            say("interrupted", children(), descriptors())
    """)
    assert host.readline() == "ready"
    (child,) = host.descendants()
    while child.is_running() and host.process.poll() is None:
        os.kill(host.process.pid, signal.SIGINT)
        psutil.wait_procs([child], 3)
    out, err = host.finish()
    assert out == "interrupted [] [0, 1, 2]\n", err


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["run", "capture", "lines"])
def test_a_deadline_of_the_caller_may_come_at_any_moment(verb: str, started: Start) -> None:
    """SIGALRM raises at random moments: within the start, the waiting and the end."""
    host = started(f"""
        import random
        class Boom(BaseException): pass
        def boom(*_): raise Boom
        def act():
            pipeline = cmd("true") | cmd("cat")
            {"list(pipeline.lines())" if verb == "lines" else f"pipeline.{verb}()"}
        signal.signal(signal.SIGALRM, boom)
        for _ in range(3):
            act()
        with cmd("cat").start(stdin=PIPE) as running: pass
        gc.collect(); gc.disable()
        before, booms, left = descriptors(), 0, []
        random.seed(7)
        for turn in range(150):
            try:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.008))
                act()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Boom:
                booms += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            if children() or descriptors() != before:
                left.append((turn, children(), [os.readlink("/proc/self/fd/%d" % number) for number in descriptors()]))
                break
        say(booms > 15, left)
    """)
    out, err = host.finish()
    assert out == "True []\n", err
