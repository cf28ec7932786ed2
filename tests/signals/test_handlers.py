"""Handlers are what the block says while it runs, and what they were afterwards, whichever way and order."""

from __future__ import annotations

import ctypes
import itertools
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from procrun.signals import SignalError, WrongThread, handle, ignored, name, restored
from procrun.signals.handlers import Layer, can_handle_signals
from procrun.system import signals as system

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
USR1, USR2 = getattr(signal, "SIGUSR1", 0), getattr(signal, "SIGUSR2", 0)


class Record:
    """A handler that remembers what it was called with."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:
        assert frame is not None
        self.calls.append(f"{name(number)} in {frame.f_code.co_name}")


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_the_handler_is_called_and_then_gone() -> None:
    record, before = Record(), signal.getsignal(signal.SIGINT)
    with handle("INT", record):
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is record
    assert signal.getsignal(signal.SIGINT) is before
    assert record.calls == ["SIGINT in test_the_handler_is_called_and_then_gone"]


@posix
def test_one_handler_for_several_signals() -> None:
    record = Record()
    with handle(["USR1", signal.SIGUSR2, "sigusr1"], record):
        send(USR1)
        send(USR2)
    assert [call.split()[0] for call in record.calls] == ["SIGUSR1", "SIGUSR2"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_it_is_gone_after_an_exception_too(error: type[BaseException]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(error), handle("INT", Record()):
        raise error
    assert signal.getsignal(signal.SIGINT) is before


def test_an_exception_of_the_handler_comes_out_and_leaves_it_behind() -> None:
    before = signal.getsignal(signal.SIGINT)

    def refuse(number: int, frame: FrameType | None) -> None:
        raise LookupError(name(number))

    with pytest.raises(LookupError, match="SIGINT"), handle("INT", refuse):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@posix
def test_the_default_can_be_asked_for() -> None:
    with ignored("CHLD"), handle("CHLD", signal.SIG_DFL):
        assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL


@posix
def test_an_ignored_signal_does_nothing() -> None:
    with ignored("TERM", "INT"):
        send(signal.SIGTERM)
        send(signal.SIGINT)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@posix
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_blocks_may_be_left_in_any_order(order: tuple[int, ...]) -> None:
    records = [Record() for _ in range(3)]
    blocks = [handle("USR1", record) for record in records]
    for block in blocks:
        block.__enter__()
    inside = [0, 1, 2]
    for left in order:
        assert signal.getsignal(USR1) is records[inside[-1]]
        blocks[left].__exit__(None, None, None)
        inside.remove(left)
    assert signal.getsignal(USR1) is signal.SIG_DFL


def test_what_the_block_sets_itself_is_gone_too() -> None:
    before = signal.getsignal(signal.SIGINT)
    with handle("INT", Record()):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGINT) is before


@posix
@pytest.mark.parametrize("names", [["USR1", "USR2"], []], ids=["named", "all"])
def test_restored_puts_back_what_the_block_sets(names: list[str]) -> None:
    record = Record()
    with handle("USR2", record):
        with restored(*names):
            assert signal.getsignal(USR2) is record
            signal.signal(USR1, signal.SIG_IGN)
            signal.signal(USR2, signal.SIG_DFL)
        assert (signal.getsignal(USR1), signal.getsignal(USR2)) == (signal.SIG_DFL, record)


@posix
def test_restored_leaves_others_alone() -> None:
    with restored("USR1"):
        signal.signal(USR2, signal.SIG_IGN)
    assert signal.signal(USR2, signal.SIG_DFL) is signal.SIG_IGN


@posix
def test_restored_may_be_left_before_a_block_within_it() -> None:
    outer, inner = restored("USR1"), handle("USR1", Record())
    outer.__enter__()
    signal.signal(USR1, signal.SIG_IGN)
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert callable(signal.getsignal(USR1))
    inner.__exit__(None, None, None)
    assert signal.getsignal(USR1) is signal.SIG_DFL


@posix
@pytest.mark.parametrize(
    "block", [lambda: handle("USR1", Record()), lambda: restored("USR1")], ids=["handle", "restored"]
)
def test_a_handler_that_c_has_set_is_back(block: Callable[[], Any]) -> None:
    library = ctypes.CDLL(None)
    set_handler = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(("signal", library))
    # A function that may be called by a signal, and does nothing.
    harmless = ctypes.cast(library.abs, ctypes.c_void_p).value
    before = set_handler(USR1, harmless)
    try:
        with block():
            signal.signal(USR1, signal.SIG_IGN)
            assert set_handler(USR1, 1) == 1
        assert set_handler(USR1, harmless) == harmless
        send(USR1)
    finally:
        set_handler(USR1, before)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="knows the place of the flags in glibc's structure only")
def test_flags_that_python_forgets_are_back() -> None:
    def flags() -> bytes:
        return (system.save_action(USR1) or b"")[136:140]

    with handle("USR1", Record()):
        usual = flags()
        signal.siginterrupt(USR1, False)
        restarting = flags()
        with handle("USR1", Record()):
            assert flags() == usual
        assert flags() == restarting != usual


FOREIGN = """
#include <signal.h>
#include <unistd.h>
static void tell(int number) { (void)number; if (write(1, "C\\n", 2) != 2) _exit(9); }
__attribute__((constructor)) static void set(void) { signal(SIGUSR1, tell); }
"""

WITH_FOREIGN = """
import os, signal
from procrun.signals import handle, restored
def send(): os.kill(os.getpid(), signal.SIGUSR1)
def say(number, frame): os.write(1, b"Python\\n")
assert signal.getsignal(signal.SIGUSR1) is None
with restored():
    send()
assert signal.getsignal(signal.SIGUSR1) is None
with handle("USR1", say):
    send()
    with handle("USR1", signal.SIG_IGN):
        send()
    send()
send()
assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
with handle("USR1", say):
    send()
send()
"""


@pytest.mark.skipif(not (shutil.which("cc") and Path("/proc").is_dir()), reason="needs a C compiler and LD_PRELOAD")
def test_a_handler_from_before_python_is_back(
    tmp_path: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    source, library = tmp_path / "foreign.c", tmp_path / "foreign.so"
    source.write_text(FOREIGN)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    done = run_python(WITH_FOREIGN, env={**os.environ, "LD_PRELOAD": str(library)})
    assert done.stdout.split() == ["C", "Python", "Python", "C", "Python", "C"]


@posix
@pytest.mark.parametrize(
    ("below", "status"),
    [("signal.SIG_DFL", -10), ("signal.SIG_IGN", 3), ("lambda number, frame: sys.exit(number)", 10)],
)
def test_a_layer_can_pass_a_signal_on(
    below: str, status: int, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = f"""
import os, signal, sys
from procrun.signals.handlers import Layer
signal.signal(10, {below})
layer = Layer(10, lambda number, frame: layer.pass_on(frame))
layer.enter()
os.kill(os.getpid(), 10)
os.kill(os.getpid(), 10)
sys.exit(3)
"""
    done = run_python(code, check=False)
    assert (done.returncode, done.stderr) == (status, "")


@posix
def test_a_layer_on_top_stays_there() -> None:
    first, second, third, top = Record(), Record(), Record(), Record()
    layer = Layer(USR1, top, on_top=True)
    with handle("USR1", first):
        layer.enter()
        with handle("USR1", second):
            with handle("USR1", third):
                assert signal.getsignal(USR1) is top
                layer.pass_on(sys._getframe())
            send(USR1)
            layer.pass_on(sys._getframe())
        layer.pass_on(sys._getframe())
        late = handle("USR1", third)
        late.__enter__()
        layer.leave()
        assert signal.getsignal(USR1) is third
        late.__exit__(None, None, None)
        assert signal.getsignal(USR1) is first
    assert [len(record.calls) for record in (first, second, third, top)] == [1, 1, 1, 1]


def test_leaving_a_layer_twice_or_never_entered_does_nothing() -> None:
    layer = Layer(signal.SIGINT, Record())
    layer.leave()
    layer.enter()
    layer.leave()
    layer.leave()


@pytest.mark.parametrize("block", [lambda: handle("INT", Record()), lambda: ignored("INT"), lambda: restored("INT")])
def test_another_thread_is_told_what_to_do(
    in_thread: Callable[[Callable[[], Any]], Any], block: Callable[[], Any]
) -> None:
    def enter() -> None:
        with block():
            raise AssertionError("entered")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(WrongThread) as caught:
        in_thread(enter)
    what = str(caught.value).split("`")[1]
    assert what in ("handle", "ignored", "restored")
    assert str(caught.value) == (
        f"`{what}` was called in the thread `worker`: Python handles signals in the main thread only\n"
        "  enter it in the main thread, around the work, and hand the news to other threads by an Event or a Queue"
    )
    assert isinstance(caught.value, ValueError)
    assert signal.getsignal(signal.SIGINT) is before


def test_leaving_in_another_thread_is_told_too(in_thread: Callable[[Callable[[], Any]], Any]) -> None:
    layer = Layer(signal.SIGINT, Record())
    layer.enter()
    with pytest.raises(WrongThread) as caught:
        in_thread(layer.leave)
    layer.leave()
    assert str(caught.value) == (
        "a block that handles signals was left in the thread `worker`: Python handles signals in the main thread only\n"
        "  leave it in the main thread, where it was entered"
    )


def test_a_subinterpreter_is_told_what_to_do(run_in_subinterpreter: Callable[[str], str]) -> None:
    code = """
from procrun.signals import ignored
try:
    with ignored("INT"):
        pass
except ValueError as error:
    print(error)
"""
    assert run_in_subinterpreter(code) == (
        "`ignored` was called in a sub-interpreter: Python handles signals in the main interpreter only\n"
        "  enter it in the main thread, around the work, and hand the news to other threads by an Event or a Queue\n"
    )


def test_who_can_handle_signals(in_thread: Callable[[Callable[[], bool]], bool]) -> None:
    assert (can_handle_signals(), in_thread(can_handle_signals)) == (True, False)


def test_a_signal_that_cannot_be_handled_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SignalError) as caught, handle(["INT", "KILL"], Record()):
        raise AssertionError("entered")
    assert str(caught.value) == (
        "`SIGKILL` cannot be handled or ignored here\n"
        "  it means: somebody ends it; it cannot be handled\n"
        "  on Windows: TerminateProcess, which cannot be handled either\n"
        "  leave it out; handle `SIGTERM` or `SIGINT` to be asked before the end"
    )
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("handler", [None, "print", 5], ids=repr)
def test_what_is_no_handler_is_a_type_error(handler: Any) -> None:
    with pytest.raises(TypeError) as caught, handle("INT", handler):
        raise AssertionError("entered")
    assert str(caught.value) == (
        "a handler is a function of the signal's number and the interrupted frame, or SIG_IGN or SIG_DFL, "
        f"not {handler!r}; write handle(…, lambda number, frame: …)"
    )
