"""Ending a whole process tree: who belongs to it, how it is asked, and who is left."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from procrun import system
from procrun.signals.stop import Survivor, find_tree, stop_tree

Argv = Callable[..., list[str]]
POSIX = os.name == "posix"
posix_only = pytest.mark.skipif(not POSIX, reason="Windows ends processes without asking")

MARK = f"test.{os.getpid()}"


class Tree:
    """Processes of a test, which are reaped at its end."""

    def __init__(self, argv: Argv) -> None:
        self.since = time.time()
        self._argv = argv
        self._children: list[subprocess.Popen[bytes]] = []
        self.others: list[int] = []

    def start(self, name: str, *args: object, mark: str | None = None) -> tuple[int, str]:
        """Start a program and wait for the first line it writes."""
        variables = {**os.environ, **({} if mark is None else {system.MARK: mark})}
        child = subprocess.Popen(self._argv(name, *args), stdout=subprocess.PIPE, env=variables)
        self._children.append(child)
        assert child.stdout is not None
        return child.pid, child.stdout.readline().decode().strip()

    def settle(self, deadline: float) -> bool:
        """Reap what has ended, until all have or the deadline has passed."""
        while any(child.poll() is None for child in self._children):
            if time.monotonic() >= deadline:
                return False
            system.await_exit(next(c for c in self._children if c.returncode is None), 0.01)
        return True

    def roots(self) -> list[int]:
        return [child.pid for child in self._children if child.poll() is None]

    def close(self) -> None:
        for pid in self.others:
            if psutil.pid_exists(pid):
                psutil.Process(pid).kill()
        for child in self._children:
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


@pytest.fixture
def tree(python_program: Argv) -> Iterator[Tree]:
    tree = Tree(python_program)
    yield tree
    tree.close()


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def found(tree: Tree, mark: str = MARK) -> set[int]:
    return {process.pid for process in find_tree(tree.roots(), mark, tree.since)}


def stop(tree: Tree, grace: float = 60, mark: str = MARK) -> tuple[Survivor, ...]:
    return stop_tree(tree.roots, mark, tree.since, grace=grace, settle=tree.settle)


def test_a_tree_is_its_roots_and_what_they_started(tree: Tree) -> None:
    pid, line = tree.start("grandchild", "--stay")
    assert found(tree) == {pid, int(line)}
    processes = find_tree(tree.roots(), MARK, tree.since)
    assert [process.pid for process in processes] == [pid, int(line)]


def test_an_orphan_is_found_by_its_mark(tree: Tree) -> None:
    _, line = tree.start("grandchild", mark=f"before {MARK} behind")
    orphan = int(line)
    assert tree.settle(time.monotonic() + 60)
    assert tree.roots() == []
    assert found(tree) == {orphan}
    assert found(tree, "another mark") == set()
    assert found(tree, MARK[:-1]) == set()
    assert stop(tree) == ()
    assert not is_alive(orphan)


def test_what_was_started_before_the_run_is_not_of_it(tree: Tree) -> None:
    pid, _ = tree.start("sleeper", mark=MARK)
    tree.since = time.time() + 60
    assert {process.pid for process in find_tree((), MARK, tree.since)} == set()
    assert {process.pid for process in find_tree((), MARK, time.time() - 3600)} == {pid}


@posix_only
def test_one_that_has_left_its_session_is_found(tree: Tree) -> None:
    _, line = tree.start("daemon", mark=MARK)
    daemon = int(line)
    assert tree.settle(time.monotonic() + 60)
    assert found(tree) == {daemon}
    assert stop(tree) == ()
    assert not is_alive(daemon)


@posix_only
def test_one_that_hides_is_found_while_its_parent_lives(tree: Tree) -> None:
    pid, line = tree.start("daemon", "--clean", "--stay", mark=MARK)
    assert found(tree) == {pid, int(line)}
    assert stop(tree) == ()
    assert not is_alive(int(line))


@posix_only
def test_one_that_hides_and_has_no_parent_escapes(tree: Tree) -> None:
    _, line = tree.start("daemon", "--clean", mark=MARK)
    tree.others.append(int(line))
    assert tree.settle(time.monotonic() + 60)
    assert found(tree) == set()
    assert stop(tree) == ()
    assert is_alive(int(line))


def test_a_tree_that_has_ended_is_nothing_to_stop(tree: Tree) -> None:
    tree.start("exit_with", 0, "done")
    assert tree.settle(time.monotonic() + 60)
    assert found(tree) == set()
    assert stop(tree) == ()


def test_a_zombie_is_no_survivor(tree: Tree) -> None:
    pid, _ = tree.start("exit_with", 0, "done")
    system.await_exit(tree._children[0], None)
    assert {process.pid for process in find_tree([pid], MARK, tree.since)} == set()


def test_this_process_is_never_part_of_the_tree(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {process.pid for process in find_tree([os.getpid()], MARK, 0)} & {os.getpid()} == set()


@posix_only
def test_who_listens_is_asked_once_and_gets_the_time_to_tidy_up(tree: Tree) -> None:
    tree.start("tidy_up", 7)
    assert stop(tree) == ()
    (child,) = tree._children
    assert child.stdout is not None
    assert (child.stdout.read(), child.returncode) == (b"tidied\n", 7)


@posix_only
@pytest.mark.parametrize("grace", [0, 0.2])
def test_who_does_not_listen_is_killed(grace: float, tree: Tree) -> None:
    tree.start("ignore_term")
    start = time.monotonic()
    assert stop(tree, grace) == ()
    assert time.monotonic() - start >= grace
    assert tree._children[0].returncode == -9


def test_the_whole_tree_ends(tree: Tree) -> None:
    pid, line = tree.start("grandchild", "--stay", "ignore_term")
    assert stop(tree, 0.2) == ()
    assert not is_alive(pid)
    assert not is_alive(int(line))


def test_who_refuses_is_named(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")

    def refuse(number: int) -> None:
        raise PermissionError(number)

    monkeypatch.setattr(system, "send_terminate", refuse)
    monkeypatch.setattr(system, "send_kill", refuse)
    start = time.monotonic()
    (survivor,) = stop(tree, grace=60)
    # Asking again would not help, and so the grace is not waited for.
    assert time.monotonic() - start < 30
    assert survivor.pid == pid
    assert survivor.reason == "it belongs to another user, and the system refused the signal"
    command = psutil.Process(pid).cmdline()
    assert str(survivor) == f"process {pid} (`{' '.join(command)}`): {survivor.reason}"


def test_who_is_not_ended_by_being_killed_is_named(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")
    monkeypatch.setattr(system, "send_kill", lambda number: None)
    (survivor,) = stop(tree, grace=0)
    assert (survivor.pid, survivor.reason) == (
        pid,
        "it was killed, but the system has not ended it yet (it may wait for a device)",
    )


def test_a_pid_that_was_given_to_a_stranger_is_not_signalled(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, _ = tree.start("sleeper")
    sent: list[int] = []
    monkeypatch.setattr(psutil.Process, "is_running", lambda process: False)
    monkeypatch.setattr(system, "send_kill", sent.append)
    monkeypatch.setattr(system, "send_terminate", sent.append)
    stop(tree, grace=0.01)
    assert sent == []
    assert is_alive(pid)


def test_a_process_that_ends_while_it_is_looked_at(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.start("sleeper")

    def vanish(process: Any) -> str:
        raise psutil.NoSuchProcess(process.pid)

    monkeypatch.setattr(psutil.Process, "status", vanish)
    assert find_tree(tree.roots(), MARK, tree.since) == []


def test_a_function_of_this_process_as_a_survivor() -> None:
    assert str(Survivor(None, "f", "it goes on")) == "`f`: it goes on"
