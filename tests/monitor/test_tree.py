"""Snapshots of real processes: who is below whom, in which state, and what may not or can no longer be read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from procrun.errors import ProcessNotFound
from procrun.monitor.tree import Entry, read as read_process, snapshot

CHECKOUT = Path(__file__).resolve().parents[2]


def entry(pid: int) -> Entry:
    return next(one for one in snapshot().processes if one.pid == pid)


def test_a_tree_and_its_part(ward: Any) -> None:
    parent = ward.start("wait_for", "wait_for", "pause")
    child = int(ward.said(parent))
    ward.until(lambda: len(psutil.Process(parent.pid).children(recursive=True)) == 2)
    (grandchild,) = psutil.Process(child).children()
    whole = snapshot()
    part = whole.below([parent.pid]).processes
    assert [(one.pid, one.parent, one.depth) for one in part] == [
        (parent.pid, os.getpid(), 0),
        (child, parent.pid, 1),
        (grandchild.pid, child, 2),
    ]
    depths = {one.pid: one.depth for one in whole.processes}
    assert depths[child] == depths[parent.pid] + 1 == depths[os.getpid()] + 2
    # A root below another is not told twice, in whatever order they are asked for.
    assert whole.below([child, parent.pid]).processes == part
    assert [one.depth for one in whole.below([child]).processes] == [0, 1]


def test_children_stand_in_the_order_of_their_start(ward: Any) -> None:
    children = [ward.start("pause").pid for _ in range(3)]
    part = snapshot().below([os.getpid()]).processes
    assert [one.pid for one in part if one.pid in children] == children


def test_what_is_told_of_a_process(ward: Any) -> None:
    process = ward.start("pause")
    ward.until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING)
    tree = snapshot()
    (told,) = tree.below([process.pid]).processes
    real = psutil.Process(process.pid)
    assert (told.state, told.command, told.started) == ("sleeping", tuple(process.args), real.create_time())
    assert told.memory is not None and told.memory > 1 << 20
    assert told.cpu is not None and told.cpu < 5
    assert abs(tree.taken - time.time()) < 60
    assert json.loads(json.dumps(tree.below([process.pid]).as_json())) == {
        "format": "procrun-tree",
        "version": 1,
        "taken": tree.taken,
        "processes": [
            {
                "pid": process.pid,
                "parent": os.getpid(),
                "depth": 0,
                "state": "sleeping",
                "cpu_seconds": told.cpu,
                "memory_bytes": told.memory,
                "started": told.started,
                "age_seconds": max(0.0, tree.taken - real.create_time()),
                "command": process.args,
                "name": real.name(),
            }
        ],
    }


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="there are no zombies here")
def test_a_zombie(ward: Any) -> None:
    process = ward.start("nothing")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    told = entry(process.pid)
    assert (told.state, told.parent, told.command) == ("zombie", os.getpid(), ())
    assert told.title == f"[{told.name}]" != "[?]"


def test_a_process_that_does_not_exist(ward: Any) -> None:
    process = ward.start("nothing")
    process.wait()
    with pytest.raises(ProcessNotFound) as caught:
        snapshot().below([os.getpid(), process.pid])
    assert (caught.value.pid, caught.value.errno) == (process.pid, 3)


def test_a_process_that_ends_before_it_is_looked_at(ward: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    process = ward.start("nothing")
    process.wait()
    pids = [*psutil.pids(), process.pid]
    monkeypatch.setattr(psutil, "pids", lambda: pids)
    assert process.pid not in [one.pid for one in snapshot().processes]


def test_a_process_that_ends_while_it_is_looked_at(ward: Any) -> None:
    process = ward.start("pause")
    real = psutil.Process(process.pid)
    process.kill()
    process.wait()
    seen = read_process(real, os.getpid())
    assert (seen.pid, seen.parent, seen.state, seen.memory) == (process.pid, os.getpid(), "gone", None)


def test_a_command_shows_nothing_that_a_terminal_obeys(ward: Any) -> None:
    process = ward.start("pause", "\x1b[31mred\nline\udcff")
    (told,) = snapshot().below([process.pid]).processes[:1]
    assert told.command[-1] == "\x1b[31mred\nline\udcff"
    assert told.title.endswith(r" pause $'\e[31mred\nline\xff'")


def test_a_tree_deeper_than_recursion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth is in the data only, so that a chain of thousands needs no recursion in whoever reads or writes it."""
    from procrun.monitor import tree

    seen = {pid: tree._Seen(pid, pid - 1 or None, "sleeping") for pid in range(1, 5001)}
    monkeypatch.setattr(psutil, "pids", lambda: list(seen))
    monkeypatch.setattr(tree, "_look", seen.get)
    whole = snapshot()
    assert [(one.pid, one.depth) for one in whole.processes] == [(pid, pid - 1) for pid in range(1, 5001)]
    assert len(json.dumps(whole.as_json())) > 5000


@pytest.mark.parametrize(
    ("parents", "starts", "told"),
    [
        # The parent's number has been given to a younger process.
        ({1: None, 2: 3, 3: 1}, {1: 1.0, 2: 2.0, 3: 3.0}, [(1, 0), (3, 1), (2, 0)]),
        # Whether it is older is not told: then it counts.
        ({1: None, 2: 3, 3: 1}, {1: 1.0}, [(1, 0), (3, 1), (2, 2)]),
        ({2: 3, 3: 2}, {}, [(3, 0), (2, 1)]),
        ({4: 4}, {}, [(4, 0)]),
    ],
    ids=["younger parent", "times unknown", "circle", "own parent"],
)
def test_a_number_that_was_given_again(
    parents: dict[int, int | None],
    starts: dict[int, float],
    told: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from procrun.monitor import tree

    seen = {pid: tree._Seen(pid, parent, "sleeping", started=starts.get(pid)) for pid, parent in parents.items()}
    monkeypatch.setattr(psutil, "pids", lambda: list(seen))
    monkeypatch.setattr(tree, "_look", seen.get)
    assert [(one.pid, one.depth) for one in snapshot().processes] == told


UNPRIVILEGED = """
import json, os, sys
import psutil, click
import procrun.cli.tree as cli, procrun.cli.render
from procrun.monitor import doctor, tree
os.setgroups([]); os.setgid(65534); os.setuid(65534)
# Some modules are only imported when they are used, from folders that this user may not read.
os.environ.clear()
whole = tree.snapshot()
said = {"lines": cli.table(whole, None), "mine": os.getpid()}
json.dump({**whole.as_json(), **said}, sys.stdout)
"""


def unprivileged(*prefix: str) -> dict[str, Any]:
    """What the user `nobody` sees."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", UNPRIVILEGED], env=environment, capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


is_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.skipif(not is_root, reason="only root can become somebody else")
def test_processes_of_other_users(ward: Any) -> None:
    process = ward.start("pause")
    said = unprivileged()
    told = next(one for one in said["processes"] if one["pid"] == process.pid)
    assert told["parent"] == os.getpid()


@pytest.mark.skipif(not is_root or not shutil.which("unshare"), reason="wants root and `unshare`")
def test_processes_that_may_not_be_looked_at(ward: Any) -> None:
    """/proc with `hidepid=1` shows that a process of another user is there, and nothing else of it."""
    process = ward.start("pause")
    mount = ["unshare", "--mount", "sh", "-c", 'mount -t proc -o hidepid=1 proc /proc && exec "$@"', "sh"]
    if subprocess.run([*mount, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no /proc can be mounted here")
    said = unprivileged(*mount)
    told = next(one for one in said["processes"] if one["pid"] == process.pid)
    assert told == {
        "pid": process.pid,
        "parent": None,
        "depth": 0,
        "state": "unknown",
        "cpu_seconds": None,
        "memory_bytes": None,
        "started": None,
        "age_seconds": None,
        "command": [],
        "name": "",
    }
    (line,) = [line for line in said["lines"] if line.split()[0] == str(process.pid)]
    assert line.split() == [str(process.pid), "unknown", "-", "-", "-", "[?]"]
    own = next(one for one in said["processes"] if one["pid"] == said["mine"])
    assert own["state"] == "running" and own["memory_bytes"] > 0


def test_the_processes_of_a_snapshot_have_their_own_order() -> None:
    """Every process stands behind its parent, and is there once."""
    whole = snapshot().processes
    places = {one.pid: place for place, one in enumerate(whole)}
    assert len(places) == len(whole)
    for one in whole:
        if one.depth:
            assert places[one.parent or 0] < places[one.pid]
            assert whole[places[one.parent or 0]].depth == one.depth - 1
