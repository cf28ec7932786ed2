"""Signals and the end of processes: names, handlers, forwarding, deadlines, alarms and waiting; `send` and `stop`.

Names are looked up when they are first used: a run that is only started and awaited loads none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrun.signals.alarms import alarm as alarm
    from procrun.signals.deadlines import (
        Deadline as Deadline,
        DeadlineExceeded as DeadlineExceeded,
        check as check,
        deadline as deadline,
        time_left as time_left,
    )
    from procrun.signals.forwarding import forward as forward
    from procrun.signals.handlers import (
        WrongThread as WrongThread,
        handle as handle,
        ignored as ignored,
        restored as restored,
    )
    from procrun.signals.names import (
        SIGNALS as SIGNALS,
        Signal as Signal,
        SignalError as SignalError,
        find as find,
        from_status as from_status,
        name as name,
        number as number,
    )
    from procrun.signals.report import (
        Ended as Ended,
        Holder as Holder,
        StopReport as StopReport,
        Survivor as Survivor,
    )
    from procrun.signals.sending import (
        ProtectedProcess as ProtectedProcess,
        SignalRefused as SignalRefused,
        send as send,
        stop as stop,
    )
    from procrun.signals.waiting import pause as pause, sleep as sleep

# No file here is called like a name: importing it would put the module in the name's place.
_HOMES = {
    "alarms": ("alarm",),
    "deadlines": ("Deadline", "DeadlineExceeded", "check", "deadline", "time_left"),
    "forwarding": ("forward",),
    "handlers": ("WrongThread", "handle", "ignored", "restored"),
    "names": ("SIGNALS", "Signal", "SignalError", "find", "from_status", "name", "number"),
    "report": ("Ended", "Holder", "StopReport", "Survivor"),
    "sending": ("ProtectedProcess", "SignalRefused", "send", "stop"),
    "waiting": ("pause", "sleep"),
}

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


if not TYPE_CHECKING:
    # Hidden from type checkers, which would else take every misspelt name for an `object`.

    def __getattr__(name: str) -> object:
        """Import a public name from its home when it is first asked for (PEP 562)."""
        from importlib import import_module

        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module `procrun.signals` has no attribute `{name}`")
        value = getattr(import_module(f"procrun.signals.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
