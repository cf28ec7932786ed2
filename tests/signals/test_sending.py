"""`send` and `stop`: to numbers, psutil's processes and runs; whom they refuse; and to hard cases, all real."""

from __future__ import annotations

import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

import procrun
from procrun.errors import ProcessNotFound
from procrun.signals import ProtectedProcess, SignalError, SignalRefused, StopReport, send, sending, stop
from procrun.system import table

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking")
Program = Callable[..., Any]


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@posix_only
def test_send_to_a_number_and_to_psutil_s_process(tree: Any) -> None:
    pid, _ = tree.start("tidy_up", 3)
    send(pid, "STOP")
    send(psutil.Process(pid), signal.SIGCONT)
    send(pid, "term")
    assert tree.children[0].wait() == 3


@posix_only
def test_send_to_a_tree(tree: Any, until: Any) -> None:
    pid, line = tree.start("grandchild", "--stay")
    send(pid, "KILL", tree=True)
    tree.reap()
    until(lambda: not is_alive(int(line)))


@posix_only
@pytest.mark.parametrize("tree", [False, True])
def test_send_to_a_run(tree: bool, program: Program) -> None:
    with (program("sleeper") | program("sleeper")).start(stdout=procrun.NULL) as running:
        send(running, "KILL", tree=tree)
        assert [stage.status.signal for stage in running.wait().stages] == [9, 9]


@posix_only
def test_stop_a_run(program: Program) -> None:
    with program("hold_pipe").start() as running:
        report = stop(running)
        assert {one.pid: one.signal for one in report.ended} == {running.pids[0]: 15}
        assert report is running.wait().stop_report
    with program("exit_with", 0).start() as running:
        running.wait()
        assert stop(running) == StopReport()


@posix_only
@pytest.mark.parametrize("way", ["stop", "method"])
def test_stop_a_run_by_another_signal(way: str, program: Program) -> None:
    with program("hold_pipe").start() as running:
        report = stop(running, 60, signal="HUP") if way == "stop" else running.stop(60, signal="hup").stop_report
        assert report is not None
        assert [one.signal for one in report.ended] == [1]
        assert running.wait().status.signal == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"grace": "5"}, TypeError, "`grace` is a number of seconds, not '5'"),
        ({"grace": True}, TypeError, "`grace` is a number of seconds, not True"),
        ({"grace": -1}, ValueError, "`grace` is a number of seconds from 0 up, not -1"),
        ({"grace": math.nan}, ValueError, "`grace` is a number of seconds from 0 up, not nan"),
        (
            {"signal": "CHLD"},
            SignalError,
            "SIGCHLD does not ask a process to end: a child has ended, stopped or continued\n"
            "  to signal it all the same: `send`, or the system's `kill`",
        ),
    ],
)
def test_a_wrong_way_to_stop_stops_nothing(
    options: Any, error: type[Exception], message: str, program: Program
) -> None:
    with program("hold_pipe").start(stdin=procrun.PIPE) as running:
        for call in (
            lambda: running.stop(**options),
            lambda: stop(running, **options),
            lambda: stop(running.pids[0], **options),
        ):
            with pytest.raises(error) as raised:
                call()
            assert str(raised.value) == message
        assert running.poll() is None


@posix_only
@pytest.mark.parametrize("whole", [False, True])
def test_stop_a_process(whole: bool, tree: Any) -> None:
    pid, line = tree.start("grandchild", "--stay")
    tree.others.append(int(line))
    report = stop(pid, 60, tree=whole)
    assert {one.pid: one.signal for one in report.ended} == {pid: 15, **({int(line): 15} if whole else {})}
    assert is_alive(int(line)) is not whole


@posix_only
def test_stop_by_another_signal(tree: Any) -> None:
    pid, _ = tree.start("sleeper")
    assert [one.signal for one in stop(pid, 60, signal="HUP").ended] == [1]
    with pytest.raises(SignalError) as raised:
        stop(pid, signal="CONT")
    assert str(raised.value) == (
        "SIGCONT does not ask a process to end: it continues after a stop\n"
        "  to signal it all the same: `send`, or the system's `kill`"
    )


@pytest.mark.parametrize(
    ("pid", "reason"),
    [
        (0, "the whole system hangs on it"),
        (1, "the whole system hangs on it"),
        (os.getpid(), "it is this one"),
        (os.getppid(), "this process was started by it"),
    ],
    ids=["zero", "one", "itself", "ancestor"],
)
def test_protected_processes_are_not_stopped(pid: int, reason: str) -> None:
    with pytest.raises(ProtectedProcess) as raised:
        stop(pid, 0)
    reason = "the whole system hangs on it" if pid == 1 else reason
    assert str(raised.value) == (f"process {pid} is not signalled: {reason}\n  if you mean it: force=True (`--force`)")


@posix_only
def test_an_ancestor_is_stopped_if_it_is_meant(tree: Any) -> None:
    """The first of three stops the second, which has started the third: that one, which says so, is not signalled."""
    code = (
        "import os, subprocess, sys\n"
        "inner = 'import os; from procrun.signals import stop; from procrun.errors import ProcrunError\\n"
        "try: stop(os.getppid(), 0)\\nexcept ProcrunError as e: print(type(e).__name__, flush=True)\\n"
        "r = stop(os.getppid(), 0, force=True); print([one.signal for one in r.ended], flush=True)'\n"
        "subprocess.run([sys.executable, '-c', inner])"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -9
    assert done.stdout == "ProtectedProcess\n[9]\n"


def test_ancestors() -> None:
    assert sending.ancestors()[0] == os.getppid()
    assert sending.ancestors() == tuple(process.pid for process in psutil.Process().parents())


def test_nobody_is_there(tree: Any) -> None:
    pid, _ = tree.start("exit_with", 0, "done")
    process = psutil.Process(pid)
    tree.reap()
    for call in (lambda: send(pid, "TERM"), lambda: stop(pid), lambda: stop(process), lambda: send(10**12, 15)):
        with pytest.raises(ProcessNotFound):
            call()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no such numbers")
def test_the_number_of_a_thread_is_no_process() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    assert thread.native_id is not None
    number = thread.native_id
    for call in (lambda: send(number, "TERM"), lambda: stop(number)):
        with pytest.raises(ProcessNotFound):
            call()
    ended.set()
    thread.join()


@posix_only
def test_a_zombie_has_ended_already(tree: Any) -> None:
    _, line = tree.start("leave_zombie")
    for call in (lambda: send(int(line), "TERM"), lambda: stop(int(line))):
        with pytest.raises(ProcessNotFound) as raised:
            call()
        assert str(raised.value) == (
            f"process {line} has ended already\n  it is a zombie until its parent asks how it ended, or ends"
        )
        assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@pytest.mark.parametrize("wrong", ["1", None, True, 1.5])
def test_who_is_meant_is_not_guessed(wrong: Any) -> None:
    for call in (lambda: send(wrong, "TERM"), lambda: stop(wrong)):
        with pytest.raises(TypeError, match=r"give the number of a process, a psutil\.Process or a Running, not"):
            call()


def test_a_group_is_not_meant() -> None:
    with pytest.raises(ValueError, match="a process is a number from 0 up, not -1; for kill"):
        send(-1, "TERM")


@posix_only
def test_a_psutil_process_whose_number_a_stranger_has(tree: Any) -> None:
    pid, _ = tree.start("sleeper")
    process = psutil.Process(pid)
    process._ident = (pid, process._ident[1] - 1)
    with pytest.raises(ProcessNotFound):
        stop(process)
    assert is_alive(pid)


AS_NOBODY = """
import os, sys
from procrun.signals import SignalRefused, send, stop
from procrun.system import ends, table
os.setgroups([]); os.setgid(65534); os.setuid(65534)
report = stop({pid}, 60)
print([one.pid for one in report.ended], [str(one).partition(": ")[2] for one in report.survivors], flush=True)
try:
    send({pid}, "TERM")
except SignalRefused as error:
    print(error.exit_code, error.errno, error.pids, str(error).splitlines()[0])
"""


@posix_only
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_s_process_is_reported(tree: Any) -> None:
    pid, _ = tree.start("sleeper")
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY.format(pid=pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "[] ['it belongs to another user, and the system refused the signal']",
        f"1 1 ({pid},) SIGTERM did not reach process {pid}",
    ]
    assert is_alive(pid)


@posix_only
def test_refused_signals_are_told_after_all_others_were_sent(
    tree: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid, line = tree.start("grandchild", "--stay")
    real = table.send

    def refuse_first(row: Any, number: int, handle: int | None = None) -> None:
        if row.pid == pid:
            raise PermissionError(pid)
        real(row, number, handle)

    monkeypatch.setattr(table, "send", refuse_first)
    with pytest.raises(SignalRefused) as raised:
        send(pid, "KILL", tree=True)
    assert raised.value.pids == (pid,)
    until(lambda: not is_alive(int(line)))


RUN_OF_TWO_USERS = """
import os, sys
from procrun import PIPE, cmd
from procrun.signals import SignalRefused, send
cmd("true").run()  # So that all is loaded that could not be read any more.
become = "os.setgroups([]); os.setgid(65534); os.setuid(65534)"
other = cmd(sys.executable, "-S", "-c", f"import os, sys; {become}; print('ready', flush=True); sys.stdin.read()")
running = (cmd("cat") | other | cmd("cat")).start(stdin=PIPE, stdout=PIPE)
print(running.stdout.readline().decode().strip())
exec(become)
try:
    send(running, "KILL")
except SignalRefused as error:
    print([running.pids.index(pid) for pid in error.pids])
running.stdin.close()
print([stage.status.returncode for stage in running.wait().stages])
running.close()
"""


@posix_only
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else")
def test_of_a_run_all_are_signalled_of_whom_the_system_does_not_refuse_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_OF_TWO_USERS],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["ready", "[0, 2]", "[0, -9, 0]"]


@posix_only
def test_a_hundred_runs_are_stopped_at_once(program: Program) -> None:
    runs = [program("hold_pipe").start(stdout=procrun.PIPE) for _ in range(100)]
    results: dict[int, Any] = {}

    def stop_one(place: int) -> None:
        results[place] = stop(runs[place], 60)

    threads = [threading.Thread(target=stop_one, args=(place,)) for place in range(100)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 60
    for place, running in enumerate(runs):
        assert {one.pid for one in results[place].ended} == {running.pids[0]}
        assert results[place].is_complete
        running.close()
        assert running.wait().status.signal in (15, 9)
