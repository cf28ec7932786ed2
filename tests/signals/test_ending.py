"""Ending processes: how they are asked, frozen, killed, and what is said of each."""

from __future__ import annotations

import os
import time
from typing import Any

import psutil
import pytest

from procrun.signals import ending
from procrun.signals.report import Ended
from procrun.system import table
from procrun.system.facts import Row

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking")


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def start_stubborn(tree: Any) -> tuple[int, int]:
    """A process that ends when it is asked to, and its child that does not."""
    parent, line = tree.start("grandchild", "--stay", "ignore_term")
    # Either may write first, and only the child that is ready ignores the signal.
    lines = {line, tree.children[-1].stdout.readline().decode().strip()} - {"ready"}
    return parent, int(lines.pop())


def signals(report: Any) -> dict[int, int | None]:
    return {one.pid: one.signal for one in report.ended}


def test_what_has_ended_is_nothing_to_stop(tree: Any) -> None:
    tree.start("exit_with", 0, "done")
    tree.reap()
    report = tree.stop()
    assert (report.ended, report.survivors, report.holders) == ((), (), ())


@posix_only
def test_who_listens_is_asked_once_and_gets_the_time_to_tidy_up(tree: Any) -> None:
    pid, _ = tree.start("tidy_up", 7)
    report = tree.stop()
    (child,) = tree.children
    assert (child.stdout.read(), child.wait()) == (b"tidied\n", 7)
    assert signals(report) == {pid: 15}
    assert report.is_complete
    assert 0 < report.seconds < 60


@posix_only
@pytest.mark.parametrize("grace", [0, 0.2])
def test_who_does_not_listen_is_killed(grace: float, tree: Any) -> None:
    pid, _ = tree.start("ignore_term")
    report = tree.stop(grace)
    assert signals(report) == {pid: 9}
    assert report.seconds >= grace
    assert tree.children[0].wait() == -9


@posix_only
def test_each_is_told_by_what_it_ended(tree: Any) -> None:
    parent, child = start_stubborn(tree)
    names = {row.pid: row.name for row in tree.members().find({})}
    report = tree.stop(0.3)
    assert signals(report) == {parent: 15, child: 9}
    assert {one.pid: one.name for one in report.ended} == names
    assert not is_alive(child)


@posix_only
def test_a_daemon_is_ended_too(tree: Any) -> None:
    mark = f"test.{os.getpid()}"
    _, line = tree.start("daemon", mark=mark)
    tree.reap()
    assert signals(tree.stop()) == {int(line): 15}
    assert not is_alive(int(line))


@posix_only
def test_a_stopped_process_hears_that_it_shall_end(tree: Any) -> None:
    pid, _ = tree.start("tidy_up", 0)
    os.kill(pid, 19)
    assert signals(tree.stop()) == {pid: 15}
    assert tree.children[0].wait() == 0


@posix_only
def test_what_tidies_up_is_not_asked_to_end(tree: Any) -> None:
    """A shell's trap starts a program in the grace; it is let finish."""
    _, _ = tree.start("tidy_up_by_program")
    report = tree.stop()
    (child,) = tree.children
    assert child.stdout.read() == b"tidied by a program\n"
    assert report.is_complete


def test_what_is_left_by_one_that_was_asked_is_asked_too(tree: Any) -> None:
    mark = f"left.{os.getpid()}"
    tree.start("tidy_up_by_program", "--leave", mark=mark)
    assert [one.signal for one in tree.stop(mark=mark).ended] == [15, 15]


def test_who_refuses_is_named(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")

    def refuse(row: Row, number: int, handle: int | None) -> None:
        raise PermissionError(row.pid)

    monkeypatch.setattr(table, "send", refuse)
    report = tree.stop(grace=60)
    # Asking again would not help, and so the grace is not waited for.
    assert report.seconds < 30
    (survivor,) = report.survivors
    assert (survivor.pid, survivor.reason) == (pid, "it belongs to another user, and the system refused the signal")


def test_who_is_not_ended_by_being_killed_is_named(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")
    monkeypatch.setattr(table, "send", lambda row, number, handle: None)
    monkeypatch.setattr(ending, "_PATIENCE", 0.2)
    (survivor,) = tree.stop(grace=0).survivors
    assert (survivor.pid, survivor.reason) == (
        pid,
        "it was killed, but the system has not ended it yet (it may wait for a device)",
    )


@posix_only
@pytest.mark.parametrize("has_pidfd", [True, False])
def test_a_number_that_was_given_to_a_stranger_is_not_signalled(
    has_pidfd: bool, tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the signal: the table shows a process that started earlier than who has the number now."""
    pid, _ = tree.start("sleeper")
    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    find = ending.Members.find

    def find_earlier(members: Any, known: Any, seen: Any) -> list[Row]:
        return [row._replace(start=row.start - 1) for row in find(members, {})]

    monkeypatch.setattr(ending.Members, "find", find_earlier)
    monkeypatch.setattr(ending, "_PATIENCE", 0.2)
    report = tree.stop(grace=0.01)
    assert is_alive(pid)
    assert psutil.Process(pid).status() != psutil.STATUS_STOPPED
    # Who was meant has gone, and not by a signal of ours.
    assert report.ended == report.by_themselves
    assert report.survivors == () or report.survivors[0].pid == pid


@posix_only
def test_without_handles_it_is_the_same(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "most_handles", lambda: 0)
    parent, child = start_stubborn(tree)
    assert signals(tree.stop(0.3)) == {parent: 15, child: 9}


@posix_only
def test_without_pidfds_it_is_the_same(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    parent, child = start_stubborn(tree)
    assert signals(tree.stop(0.3)) == {parent: 15, child: 9}


@posix_only
def test_a_process_that_ends_before_the_signal_has_ended_by_itself(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")
    send = table.send

    def end_first(row: Row, number: int, handle: int | None) -> None:
        if row.pid == pid and is_alive(pid):
            tree.children[0].kill()
            tree.children[0].wait()
        send(row, number, handle)

    monkeypatch.setattr(table, "send", end_first)
    report = tree.stop()
    assert report.by_themselves == report.ended == (Ended(pid, report.ended[0].name, None),)


@posix_only
def test_nothing_is_left_open(tree: Any) -> None:
    before = len(os.listdir("/dev/fd"))
    tree.start("grandchild", "--stay")
    opened = len(os.listdir("/dev/fd"))
    start = time.monotonic()
    tree.stop(0)
    assert len(os.listdir("/dev/fd")) == opened > before
    assert time.monotonic() - start < 30
