"""Why real processes hang that wait for each other, for a lock, a child or the network: the cause, told whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun.system import processes as system

linux = pytest.mark.skipif(not system.KNOWS_WAITS, reason="only Linux tells what a process waits for")

READ = "waits for data on stdin (pipe {pipe}, which {by} can write)"
LOOK = "look where it stands: `gdb -p {pid}`, for Python `py-spy dump --pid {pid}`"
# How Python sleeps (time.sleep): since 3.11 by a call of its own.
SLEEP = "clock_nanosleep" if sys.version_info >= (3, 11) else "pselect6"
OWN = "a lock or an event of its own threads"


# Pipes.

HOWS = {"read": "read", "poll": "poll", "choose": "pselect6", "epoll": "epoll_wait", "wait_in_thread": "read"}


@linux
@pytest.mark.parametrize("how", HOWS)
def test_who_waits_for_input_from_us(how: str, ward: Any) -> None:
    process = ward.start(how)
    ward.stands(process.pid, HOWS[how])
    wait = READ.format(pipe=ward.number(process.stdin), by=os.getpid())
    assert ward.cause(process) == (
        "asks",
        f"{ward.who(process.pid)} {wait}, and {ward.me} is the one that asks",
        "write to the pipe in the process that asks, or close it there",
    )


@linux
def test_who_waits_for_us_to_read(ward: Any) -> None:
    process = ward.start("write")
    ward.stands(process.pid, "write")
    wait = f"waits for room in stdout (pipe {ward.number(process.stdout)}, full, which {os.getpid()} can read)"
    assert ward.cause(process) == (
        "asks",
        f"{ward.who(process.pid)} {wait}, and {ward.me} is the one that asks",
        "read the pipe in the process that asks, or close it there",
    )


@linux
def test_who_waits_for_both_directions(ward: Any) -> None:
    process = ward.start("poll_both")
    ward.stands(process.pid, "poll")
    us = os.getpid()
    one = READ.format(pipe=ward.number(process.stdin), by=us)
    other = f"room in stdout (pipe {ward.number(process.stdout)}, full, which {us} can read)"
    assert ward.cause(process)[1] == f"{ward.who(process.pid)} {one} or {other}, and {ward.me} is the one that asks"


@linux
def test_a_reader_waits_for_a_stopped_writer(ward: Any) -> None:
    writer = ward.start("pause")
    reader = ward.start("read", stdin=writer.stdout)
    pipe = ward.number(writer.stdout)
    assert writer.stdout is not None
    writer.stdout.close()
    ward.stands(reader.pid, "read")
    writer.send_signal(signal.SIGSTOP)
    ward.has_state(writer.pid, psutil.STATUS_STOPPED)
    wait = READ.format(pipe=pipe, by=writer.pid)
    assert ward.cause(reader, writer) == (
        "stopped",
        f"{ward.who(writer.pid)} is stopped (SIGSTOP); {ward.who(reader.pid)} {wait}",
        f"let it go on: `kill -CONT {writer.pid}`",
    )
    # The same from the reader's side alone.
    assert (
        ward.cause(reader)[1]
        == f"{ward.who(writer.pid)}, outside of the tree, is stopped (SIGSTOP); {ward.who(reader.pid)} {wait}"
    )


@linux
def test_a_writer_waits_for_a_reader_that_does_not_read(ward: Any) -> None:
    reader = ward.start("lock", stdout=subprocess.DEVNULL)
    writer = ward.start("write", stdout=reader.stdin)
    pipe = ward.number(reader.stdin)
    assert reader.stdin is not None
    reader.stdin.close()
    ward.stands(writer.pid, "write")
    ward.stands(reader.pid, "futex")
    wait = f"waits for room in stdout (pipe {pipe}, full, which {reader.pid} can read)"
    assert ward.cause(writer, reader) == (
        "lock",
        f"{ward.who(reader.pid)} waits for {OWN}; {ward.who(writer.pid)} {wait}",
        f"its threads wait for each other, or for ever; {LOOK.format(pid=reader.pid)}",
    )


@linux
def test_a_stranger_keeps_a_pipe_open(ward: Any) -> None:
    """The pipe that never ends (docs/gotchas.md#pipe-inherited)."""
    stranger = ward.start("sleep")
    reader = ward.start("read", stdin=stranger.stdout)
    pipe = ward.number(stranger.stdout)
    ward.stands(reader.pid, "read")
    ward.stands(stranger.pid, SLEEP)
    kind, text, advice = ward.cause(reader)
    wait = READ.format(pipe=pipe, by=stranger.pid)
    assert (kind, text) == (
        "buffered",
        f"{ward.who(stranger.pid)}, outside of the tree, waits for a time that it has set itself, and has written "
        "nothing since its start: its output may be in a buffer, because stdout is a pipe; "
        f"{ward.who(reader.pid)} {wait}",
    )
    assert advice == "let it write every line at once: `python -u`, `stdbuf -oL`, `grep --line-buffered`"


@linux
def test_a_stranger_has_inherited_a_pipe(ward: Any) -> None:
    reader = ward.start("read")
    assert reader.stdin is not None
    stranger = ward.start("pause", stdout=subprocess.DEVNULL, pass_fds=[reader.stdin.fileno()])
    pipe = ward.number(reader.stdin)
    reader.stdin.close()
    ward.stands(reader.pid, "read")
    ward.stands(stranger.pid, "pause")
    wait = READ.format(pipe=pipe, by=stranger.pid)
    assert ward.cause(reader) == (
        "signal",
        f"{ward.who(stranger.pid)}, outside of the tree, waits for a signal; {ward.who(reader.pid)} {wait}",
        f"process {stranger.pid} keeps the pipe open: if it has only inherited it, end it, "
        "or start it without the pipe",
    )


@linux
def test_a_reader_that_holds_the_writing_end(ward: Any) -> None:
    process = ward.start("own_pipe")
    ward.stands(process.pid, "read")
    pipe = next(pipe.name for pipe in ward.look(process).pipes if pipe.writers[0].process == pipe.readers[0].process)
    assert ward.cause(process) == (
        "deadlock",
        f"{ward.who(process.pid)} waits for data on descriptor 3 ({pipe}, which only it itself can write): "
        "it cannot go on",
        "close the writing end in the process that reads: it has made or inherited both ends",
    )


@linux
def test_a_thread_may_write_what_another_reads(ward: Any) -> None:
    process = ward.start("own_pipe_in_thread")
    ward.stands(process.pid, "pause")
    ward.stands(process.pid, "read")
    assert ward.cause(process)[:2] == ("signal", f"{ward.who(process.pid)} waits for a signal")


@linux
def test_nobody_reads_what_it_writes(ward: Any) -> None:
    process = ward.start("read")
    ward.stands(process.pid, "read")
    pipe = ward.number(process.stdout)
    assert process.stdout is not None
    process.stdout.close()
    assert [finding.text for finding in ward.look(process).findings if finding.kind == "unread"] == [
        f"nobody that can be seen reads stdout (pipe {pipe}) of {ward.who(process.pid)}"
    ]


@linux
@pytest.mark.parametrize(
    ("how", "other"), [("open_to_read", "writing"), ("open_to_write", "reading")], ids=["read", "write"]
)
def test_nobody_opens_the_other_end_of_a_fifo(how: str, other: str, ward: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "a fifo"
    os.mkfifo(fifo)
    process = ward.start(how, fifo)
    ward.stands(process.pid, "openat")
    assert ward.cause(process) == (
        "fifo",
        f"{ward.who(process.pid)} waits for somebody to open `{fifo}` for {other}",
        "start the program at the other end, or take an ordinary file",
    )


@linux
def test_nobody_else_can_write_a_fifo(ward: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = ward.start("open_both_ways", fifo)
    ward.stands(process.pid, "read")
    text = f"waits for data on descriptor 3 (`{fifo}`, which only it itself can write): it cannot go on"
    assert ward.cause(process)[:2] == ("deadlock", f"{ward.who(process.pid)} {text}")


@linux
def test_a_socket_to_another_process(ward: Any) -> None:
    ours, its = socket.socketpair()
    with ours, its:
        process = ward.start("read", stdin=its)
        ward.stands(process.pid, "read")
        inode = os.fstat(its.fileno()).st_ino
        its.close()
        wait = f"waits for data on stdin (socket {inode}, to {os.getpid()})"
        assert ward.cause(process)[:2] == (
            "asks",
            f"{ward.who(process.pid)} {wait}, and {ward.me} is the one that asks",
        )


# Deadlocks.


@linux
def test_the_parent_waits_before_it_reads(ward: Any) -> None:
    parent = ward.start("wait_with_full_pipe")
    child = int(ward.said(parent))
    ward.stands(child, "write")
    ward.stands(parent.pid, "wait4")
    kind, text, advice = ward.cause(parent)
    pipe = next(pipe.name for pipe in ward.look(parent).pipes if [end.process for end in pipe.writers] == [child])
    wait = f"waits for room in stdout ({pipe}, full, which {parent.pid} can read)"
    assert kind == "deadlock"
    assert (
        text == f"{ward.who(parent.pid)} waits for its child {child}; {ward.who(child)} {wait}: none of them can go on"
    )
    assert advice == "read the pipe to its end before waiting for the child (`procrun.capture`, `communicate`)"


@linux
def test_the_deadlock_is_seen_from_the_child_too(ward: Any) -> None:
    parent = ward.start("wait_with_open_pipe")
    child = int(ward.said(parent))
    ward.stands(child, "read")
    ward.stands(parent.pid, "wait4")
    found = ward.look(child)
    wait = READ.format(pipe=found.pipes[0].name.split()[1], by=parent.pid)
    assert (found.cause.kind, found.cause.text, found.cause.advice) == (
        "deadlock",
        f"{ward.who(child)} {wait}; {ward.who(parent.pid)}, outside of the tree, waits for its child {child}: "
        "none of them can go on",
        "close the writing end of the pipe before waiting for the child",
    )


@linux
def test_two_processes_wait_for_each_other(ward: Any) -> None:
    first = ward.start("read")
    assert first.stdin is not None
    second = ward.start("read", stdin=first.stdout, stdout=first.stdin)
    pipes = ward.number(first.stdin), ward.number(first.stdout)
    for stream in (first.stdin, first.stdout):
        assert stream is not None
        stream.close()
    ward.stands(first.pid, "read")
    ward.stands(second.pid, "read")
    one = READ.format(pipe=pipes[0], by=second.pid)
    other = READ.format(pipe=pipes[1], by=first.pid)
    assert ward.cause(first, second) == (
        "deadlock",
        f"{ward.who(first.pid)} {one}; {ward.who(second.pid)} {other}: none of them can go on",
        "close the ends that are not used, and let nobody keep in a buffer what the other waits for",
    )


# Locks.


@linux
@pytest.mark.parametrize(("how", "call"), [("flock", "flock"), ("lockf", "fcntl")])
def test_who_has_the_lock(how: str, call: str, ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = ward.start(how, path)
    assert ward.said(holder) == "locked"
    ward.stands(holder.pid, "pause")
    waiter = ward.start(how, path)
    ward.stands(waiter.pid, call)
    assert ward.cause(waiter) == (
        "signal",
        f"{ward.who(holder.pid)}, outside of the tree, waits for a signal; "
        f"{ward.who(waiter.pid)} waits for the lock of `{path}`, which {holder.pid} has",
        "it goes on when somebody sends it a signal",
    )


@linux
def test_who_has_inherited_the_lock(ward: Any, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    taker = ward.start("flock_in_child", path)
    heir = int(ward.said(taker))
    taker.wait()
    try:
        ward.stands(heir, "pause")
        waiter = ward.start("flock", path)
        ward.stands(waiter.pid, "flock")
        text = ward.cause(waiter)[1]
        assert text.endswith(f"; {ward.who(waiter.pid)} waits for the lock of `{path}`, which {heir} has")
    finally:
        os.kill(heir, signal.SIGKILL)


@linux
def test_a_lock_that_processes_share(ward: Any) -> None:
    process = ward.start("shared_lock")
    ward.stands(process.pid, "futex")
    assert ward.cause(process) == (
        "shared lock",
        f"{ward.who(process.pid)} waits for a lock or an event in memory, which other processes may share",
        "look at the processes that share the lock: one may have ended without giving it back",
    )


# Children.


@linux
def test_the_cause_is_what_the_child_waits_for(ward: Any) -> None:
    parent = ward.start("wait_for", "pause", stdout=subprocess.DEVNULL)
    child = int(ward.said(parent))
    ward.stands(child, "pause")
    ward.stands(parent.pid, "wait4")
    assert ward.cause(parent) == (
        "signal",
        f"{ward.who(child)} waits for a signal; {ward.who(parent.pid)} waits for its child {child}",
        "it goes on when somebody sends it a signal",
    )


@linux
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="there are no pidfds here")
def test_a_child_that_is_waited_for_in_poll(ward: Any) -> None:
    parent = ward.start("pidfd", stdout=subprocess.DEVNULL)
    ward.stands(parent.pid, "poll")
    (child,) = psutil.Process(parent.pid).children()
    ward.stands(child.pid, "pause")
    text = f"{ward.who(child.pid)} waits for a signal; {ward.who(parent.pid)} waits for the end of process {child.pid}"
    assert ward.cause(parent)[1] == text


@linux
def test_an_event_loop_does_not_wait_for_itself(ward: Any) -> None:
    """asyncio has a socket to wake itself, of which it holds both ends."""
    parent = ward.start("loop")
    child = int(ward.said(parent))
    ward.stands(child, "read")
    ward.stands(parent.pid, "epoll_wait")
    wait = READ.format(pipe=ward.number(parent.stdin), by=os.getpid())
    assert ward.cause(parent)[:2] == ("asks", f"{ward.who(child)} {wait}, and {ward.me} is the one that asks")


@linux
def test_a_child_whose_end_nobody_asks_for(ward: Any) -> None:
    parent = ward.start("keep_zombie")
    child = int(ward.said(parent))
    ward.stands(parent.pid, "pause")
    name = psutil.Process(child).name()
    assert ward.cause(parent) == (
        "unreaped",
        f"process {child} (`[{name}]`) has ended, but {ward.who(parent.pid)} has not asked how",
        f"nothing of it runs, and no signal changes that: process {parent.pid} has to wait for it, or to end",
    )


@linux
def test_a_program_that_is_being_started(ward: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    parent = ward.start("vfork", fifo)
    children = psutil.Process(parent.pid).children
    while not children():
        assert parent.poll() is None
    (child,) = children()
    ward.stands(child.pid, "openat")
    assert ward.cause(parent)[1] == (
        f"{ward.who(child.pid)} waits for somebody to open `{fifo}` for writing; "
        f"{ward.who(parent.pid)} waits for its child {child.pid}"
    )


# The network.


@linux
def test_a_connection(ward: Any) -> None:
    server = ward.start("accept")
    port = int(ward.said(server))
    ward.stands(server.pid, "accept4")
    assert ward.cause(server) == (
        "network",
        f"{ward.who(server.pid)} waits for a connection on 127.0.0.1:{port}, where it listens (descriptor 3)",
        "look whether the other side answers, and give the program a limit of time",
    )
    client = ward.start("connected", port)
    assert ward.said(server) == "accepted"
    ward.stands(server.pid, "pause")
    ward.stands(client.pid, "recvfrom")
    kind, text, _ = ward.cause(client)
    assert kind == "signal"
    assert text.startswith(
        f"{ward.who(server.pid)}, outside of the tree, waits for a signal; {ward.who(client.pid)} waits for data"
    )
    assert text.endswith(f", to {server.pid})")
