"""Who belongs to a run: by parentage, by the mark, and who does not."""

from __future__ import annotations

import os
from typing import Any

import pytest

from procrun.signals.members import Members
from procrun.system import table

MARK = f"test.{os.getpid()}"
posix_only = pytest.mark.skipif(os.name == "nt", reason="only POSIX has daemons")


def test_a_tree_is_its_roots_and_what_they_started(tree: Any) -> None:
    pid, line = tree.start("grandchild", "--stay")
    assert [row.pid for row in tree.members().find({})] == [pid, int(line)]


def test_without_the_tree_it_is_the_roots_alone(tree: Any) -> None:
    pid, _ = tree.start("grandchild", "--stay")
    assert [row.pid for row in Members(tree.roots, is_tree=False).find({})] == [pid]


def test_an_orphan_is_found_by_its_mark(tree: Any) -> None:
    _, line = tree.start("grandchild", mark=f"before {MARK} behind")
    tree.reap()
    assert tree.roots() == []
    assert tree.found() == {int(line)}
    assert tree.found("another mark") == set()
    assert tree.found(MARK[:-1]) == set()
    tree.stop()


def test_what_was_started_before_the_run_is_not_of_it(tree: Any) -> None:
    pid, _ = tree.start("sleeper", mark=MARK)
    assert {row.pid for row in Members(tuple, mark=MARK, since=tree.since).find({})} == {pid}
    later = table.find_row(pid)
    assert later is not None
    assert Members(tuple, mark=MARK, since=later.start + 1).find({}) == []


@posix_only
def test_one_that_has_left_its_session_is_found(tree: Any) -> None:
    _, line = tree.start("daemon", mark=MARK)
    tree.reap()
    assert tree.found() == {int(line)}
    tree.stop()


@posix_only
def test_one_that_hides_is_found_while_its_parent_lives(tree: Any) -> None:
    pid, line = tree.start("daemon", "--clean", "--stay", mark=MARK)
    assert tree.found() == {pid, int(line)}
    tree.stop()


@posix_only
def test_one_that_hides_and_has_no_parent_is_not_found(tree: Any) -> None:
    _, line = tree.start("daemon", "--clean", mark=MARK)
    tree.others.append(int(line))
    tree.reap()
    assert tree.found() == set()


def test_one_that_was_found_stays_a_member_without_its_parent(tree: Any) -> None:
    _, line = tree.start("grandchild", "--stay")
    rows = {row.pid: row for row in tree.members().find({})}
    tree.children[0].kill()
    tree.reap()
    assert tree.found() == set()
    assert [row.pid for row in tree.members().find(rows)] == [int(line)]
    # A number that was given to a stranger: the time of the start is another.
    stranger = {int(line): rows[int(line)]._replace(start=rows[int(line)].start - 1)}
    assert tree.members().find(stranger) == []
    tree.others.append(int(line))


def test_only_new_ones_are_looked_for(tree: Any) -> None:
    pid, line = tree.start("grandchild", "--stay")
    rows = {row.pid: row for row in tree.members().find({})}
    everybody = {row.pid for row in table.read_table()}
    assert tree.members().find_new(rows, set(everybody)) == []
    parent = {pid: rows[pid]}
    assert [row.pid for row in tree.members().find_new(parent, everybody - {int(line)})] == [int(line)]
    # The parent's number is a stranger's by now, and so are its children.
    assert tree.members().find_new({pid: rows[pid]._replace(start=rows[pid].start - 1)}, everybody - {int(line)}) == []


def test_this_process_is_never_a_member() -> None:
    us = table.find_row(os.getpid())
    assert us is not None
    assert Members(lambda: [os.getpid()], tops={us.pid: us}, is_tree=False).find({}) == []


def test_orphans_that_were_brought_to_us(tree: Any) -> None:
    pid, _ = tree.start("sleeper")
    assert [row.pid for row in Members(tuple, since=tree.since, started_by_us=()).find({})] == [pid]
    assert Members(tuple, since=table.clock() + 1000, started_by_us=()).find({}) == []


@posix_only
def test_a_zombie_is_no_member(tree: Any) -> None:
    pid, _ = tree.start("exit_with", 0, "done")
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert Members(lambda: [pid]).find({}) == []
