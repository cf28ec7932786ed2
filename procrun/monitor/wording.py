"""What is said about each kind of finding, and what to do about it: two tables.

Only words: what was found is decided in `cause.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from procrun.monitor.examine import Examined
from procrun.monitor.waits import Wait
from procrun.system import processes as system

_WAITS = "{who} waits for {what}"

SENTENCES = {
    "background": "{who} was stopped ({detail}) because it used its terminal from the background",
    "stopped": "{who} is stopped{brackets}",
    "traced": "{who} is held by a debugger{debugger}",
    "terminal": _WAITS,
    "fifo": _WAITS,
    "nobody": _WAITS,
    "uninterruptible": "{who} is in the kernel and cannot be interrupted{brackets}",
    "device": _WAITS,
    "asks": "{who} is the one that asks",
    "busy": "{who} computes: it used {share} of a CPU for {interval}",
    "works": "{who} is at work: in {interval} it read {read} and wrote {written} bytes",
    "network": _WAITS,
    "unreaped": "{who} has ended, but {parent} has not asked how",
    "watch": _WAITS,
    "shared lock": _WAITS,
    "lock": _WAITS,
    "time": _WAITS,
    "signal": _WAITS,
    "unread": "nobody that can be seen reads {what} of {who}",
    "hidden": "what {who} waits for cannot be seen{brackets}",
    "gone": "{who} ended while it was looked at",
}
"""For each kind the sentence, without its full stop."""

_LOOK = "look where it stands: `gdb -p {pid}`, for Python `py-spy dump --pid {pid}`"

ADVICE = {
    "background": "bring it to the foreground (`fg`), or keep it from the terminal (`< /dev/null`)",
    "stopped": "let it go on: `kill -CONT {pid}`",
    "traced": "let it go on in the debugger, or end the debugger",
    "terminal": "type something, or end the input with Ctrl-D; start it with `< /dev/null` if it should not ask",
    "terminal output": "let the terminal go on (Ctrl-Q), or look at the program that shows it",
    "fifo": "start the program at the other end, or take an ordinary file",
    "nobody": "whoever can do that is in another container, or what is needed is on its way through a socket",
    "nobody seen": "somebody may that we may not look into: ask again as root",
    "uninterruptible": "look at the disk or the network file system; before that answers, no signal ends the process",
    "device": "look at what is behind that file",
    "asks": "nothing waits for anything but this diagnosis",
    "asks to read": "read the pipe in the process that asks, or close it there",
    "asks to write": "write to the pipe in the process that asks, or close it there",
    "buffered": "let it write every line at once: `python -u`, `stdbuf -oL`, `grep --line-buffered`",
    "busy": "if that is not its work, it is in an endless loop; " + _LOOK,
    "works": "nothing hangs here; wait, or look again",
    "network": "look whether the other side answers, and give the program a limit of time",
    "unreaped": "nothing of it runs, and no signal changes that: process {parent_pid} has to wait for it, or to end",
    "watch": "it goes on when one of these files changes",
    "shared lock": "look at the processes that share the lock: one may have ended without giving it back",
    "lock": "its threads wait for each other, or for ever; " + _LOOK,
    "time": "wait, or " + _LOOK,
    "signal": "it goes on when somebody sends it a signal",
    "unread": "what it writes next ends it (SIGPIPE), or fails; start it again with a reader",
    "inherited": "process {pid} keeps the pipe open: if it has only inherited it, end it, or start it without the pipe",
    "hidden": _LOOK,
    "hidden from us": "ask again as its user or as root",
    "hidden by the system": "this system does not tell; " + _LOOK,
    "gone": "look again",
}
"""For each kind, and some cases of it, what to do."""

_DEADLOCKS = (
    ({"child", "pipe out"}, "read the pipe to its end before waiting for the child (`procrun.capture`, `communicate`)"),
    ({"child", "pipe in"}, "close the writing end of the pipe before waiting for the child"),
    ({"alone", "pipe in"}, "close the writing end in the process that reads: it has made or inherited both ends"),
    ({"file lock"}, "take the locks in the same order everywhere, or with a limit of time"),
    ({"pipe out"}, "serve both pipes at the same time (`procrun.capture`, threads, `poll`)"),
    ({"pipe in"}, "close the ends that are not used, and let nobody keep in a buffer what the other waits for"),
)
"""What to do about a deadlock, by the waits that are in it."""


def sentence(
    kind: str, one: Examined, parent: Examined | None, what: str, interval: float, *, writes: bool, refused: bool
) -> tuple[str, str]:
    """What is said of a process, and what to do."""
    activity = one.activity
    words = {
        "who": one,
        "pid": one.entry.pid,
        "what": what,
        "detail": one.detail,
        "brackets": f" ({one.detail})" if one.detail else "",
        "debugger": f", process {one.detail}" if one.detail else "",
        "parent": parent or (f"process {one.entry.parent}" if one.entry.parent else "its parent"),
        "parent_pid": one.entry.parent or "",
        "share": percent(activity.share),
        "interval": f"{interval:g} s",
        "read": activity.read or 0,
        "written": activity.written or 0,
    }
    advice = ADVICE[_case(kind, one, writes=writes, refused=refused)]
    return SENTENCES[kind].format(**words), advice.format(**words)


def percent(share: float | None) -> str:
    """A share of a CPU, as people write it."""
    return "an unknown part" if share is None else f"{share:.0%}"


def deadlock_advice(waits: Iterable[Wait], *, is_alone: bool) -> str:
    """What to do about processes that wait so for each other, or about one that waits for itself."""
    kinds = {_direction(wait) for wait in waits} | ({"alone"} if is_alone else set())
    return next((advice for wanted, advice in _DEADLOCKS if wanted <= kinds), "end one of them")


def _direction(wait: Wait) -> str:
    if wait.kind in ("pipe", "socket"):
        return "pipe out" if wait.writes else "pipe in"
    return "child" if wait.kind == "process" else wait.kind


def _case(kind: str, one: Examined, *, writes: bool, refused: bool) -> str:
    """The row of `ADVICE` for a finding."""
    if kind == "terminal" and writes:
        return "terminal output"
    if kind == "nobody" and refused:
        return "nobody seen"
    if kind == "hidden" and not system.KNOWS_WAITS:
        return "hidden by the system"
    if kind == "hidden" and refused:
        return "hidden from us"
    return kind
