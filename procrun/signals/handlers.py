"""Handlers of signals for the time of a block: `handle`, `ignored`, `restored`.

Each block keeps what it has replaced, Python's handler and what C has set, as a layer of its signal. Layers may
be left in any order: whoever leaves hands what lay below it to the layer above. Nothing here sends a signal.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, NamedTuple, Union

from procrun.errors import ProcrunError, explain
from procrun.signals import names
from procrun.signals.names import AnySignal, Signal, SignalError
from procrun.system import signals as system

Handler = Union[Callable[[int, "FrameType | None"], Any], int, signal.Handlers]
"""A function of the signal's number and the interrupted frame, or SIG_IGN or SIG_DFL of `signal`."""

_WITHOUT = "hand the news to other threads by an Event or a Queue"


class WrongThread(ProcrunError, ValueError):
    """Signals were to be handled where Python cannot: outside the main thread, or in a sub-interpreter."""

    def __init__(self, reason: str, hint: str) -> None:
        self.reason = reason
        """What was called, and where."""
        self.hint = hint
        """What to do."""
        super().__init__(reason, hint)

    def __str__(self) -> str:
        return explain(self.reason, hint=self.hint)


@contextmanager
def handle(signals: AnySignal | Iterable[AnySignal], handler: Handler) -> Iterator[None]:
    """Have a function called for one or several signals while the block runs; then what was there is back.

    That holds on any exit, for blocks within each other and such that end in another order, and for
    what `signal.getsignal` does not know: C's own handlers, masks and flags (POSIX, by sigaction(2)). A signal whose
    handler was set outside Python (`getsignal` is None) has that back as well; Python then shows SIG_IGN for it.

    Python runs handlers in the main thread, between two steps of its bytecode, so a long call into C delays them.
    SIGALRM may be handled inside a `deadline` too. Windows: SIGINT, SIGBREAK, what a program raises in itself,
    and SIGALRM of `procrun.signals.alarm`, which takes the place of SIGILL.

    Raises SignalError for a signal that cannot be handled here, WrongThread outside the main thread of the main
    interpreter; nothing has changed then.

    >>> import os
    >>> with handle("INT", lambda number, frame: print("got", names.name(number))):
    ...     signal.raise_signal(signal.SIGINT)
    got SIGINT
    """
    if not callable(handler) and handler not in (signal.SIG_IGN, signal.SIG_DFL):
        raise TypeError(
            "a handler is a function of the signal's number and the interrupted frame, or SIG_IGN or SIG_DFL, "
            f"not {handler!r}; write handle(…, lambda number, frame: …)"
        )
    with _entered("handle", [Layer(number, handler) for number in numbers_of(signals)]):
        yield


@contextmanager
def ignored(*signals: AnySignal) -> Iterator[None]:
    """Ignore the signals while the block runs; otherwise as `handle`.

    Programs that are started meanwhile ignore them too, for as long as they live (POSIX, `exec`).
    """
    with _entered("ignored", [Layer(number, signal.SIG_IGN) for number in numbers_of(signals)]):
        yield


@contextmanager
def restored(*signals: AnySignal) -> Iterator[None]:
    """Put back, when the block is left, what the signals did when it was entered; without names: all signals.

    For calls into code that sets handlers and leaves them. Raises as `handle`.
    """
    every = [known.number for known in names.SIGNALS if known.number is not None and system.slot(known.number)]
    with _entered("restored", [Layer(number, None) for number in numbers_of(signals) or every]):
        yield


def numbers_of(signals: AnySignal | Iterable[AnySignal]) -> list[int]:
    """The numbers of signals, each once. Raises SignalError for one that cannot be handled here."""
    several = [signals] if isinstance(signals, (int, str, Signal)) else signals
    return list(dict.fromkeys(_handled(names.find(given)) for given in several))


def can_handle_signals() -> bool:
    """Whether Python lets the caller set handlers: only the main thread of the main interpreter."""
    try:
        # The interpreter's own answer, and harmless: this check comes before that of the handler, which is none.
        signal.signal(signal.SIGINT, None)
    except TypeError:
        return True
    except ValueError:
        return False
    raise AssertionError("`signal.signal` took None for a handler")


def require_main_thread(what: str, hint: str) -> None:
    """Raise WrongThread, with what to do, unless the caller can handle signals."""
    if can_handle_signals():
        return
    require_main_interpreter(what, hint)
    thread = threading.current_thread().name
    raise WrongThread(f"{what} in the thread `{thread}`: Python handles signals in the main thread only", hint)


def require_main_interpreter(what: str, hint: str) -> None:
    """Raise WrongThread, with what to do, in the main thread of another interpreter than the main one."""
    if threading.current_thread() is threading.main_thread() and not can_handle_signals():
        raise WrongThread(f"{what} in a sub-interpreter: Python handles signals in the main interpreter only", hint)


class _Below(NamedTuple):
    """What a layer has replaced."""

    handler: Any
    """What `signal.getsignal` said; None for a handler that was set outside Python."""
    action: bytes | None
    """What the system said, where it tells."""


class Layer:
    """What one block does to one signal. Its methods are for the main thread."""

    def __init__(self, number: int, handler: Handler | None, *, on_top: bool = False) -> None:
        """A handler of None changes nothing. With `on_top`, layers that come later go below this one."""
        self.number = number
        self._slot = system.slot(number) or number
        self._handler = handler
        self._on_top = on_top
        self._below = _Below(None, None)

    def enter(self) -> None:
        """Replace what is there, and remember it."""
        layers = _layers.setdefault(self._slot, [])
        top = layers[-1] if layers else None
        if top is not None and top._on_top:
            self._below = top._below
            layers.insert(-1, self)
            if self._handler is not None:
                top._below = _Below(self._handler, None)
            return
        self._below = _Below(signal.getsignal(self._slot), system.save_action(self._slot))
        layers.append(self)
        self._take()

    def leave(self) -> None:
        """Put back what was there; nothing when it was not entered, or has been left."""
        layers = _layers.get(self._slot, [])
        if self not in layers:
            return
        require_main_thread(
            "a block that handles signals was left", "leave it in the main thread, where it was entered"
        )
        above = layers.index(self) + 1
        if above < len(layers):
            layers[above]._below = self._below
        else:
            self._put_back()
        layers.remove(self)

    def pass_on(self, frame: FrameType | None) -> None:
        """Do with a signal that has come what would have been done without this layer."""
        handler = self._below.handler
        if callable(handler):
            handler(self.number, frame)
            return
        # Ignored, the default, or C's own: the system knows how.
        self._put_back()
        try:
            signal.raise_signal(self._slot)
        finally:
            self._take()

    def _take(self) -> None:
        handler = self._handler
        if handler is None:
            return
        if callable(handler) and self._slot != self.number:
            signal.signal(self._slot, lambda _, frame: handler(self.number, frame))
        else:
            signal.signal(self._slot, handler)

    def _put_back(self) -> None:
        handler, action = self._below
        if signal.getsignal(self._slot) is not handler:
            # Python cannot be told None. To ignore, for the moment until the action is back, loses
            # a signal at worst, where the default would end the process.
            signal.signal(self._slot, signal.SIG_IGN if handler is None else handler)
        if action is not None:
            system.put_back_action(self._slot, action)


_layers: dict[int, list[Layer]] = {}
"""The layers of each signal that have been entered and not left, the one in effect last."""


@contextmanager
def _entered(what: str, layers: list[Layer]) -> Iterator[None]:
    require_main_thread(f"`{what}` was called", f"enter it in the main thread, around the work, and {_WITHOUT}")
    with ExitStack() as stack:
        for layer in layers:
            # First, so that an exception from another handler finds it; a layer that was not entered is left at once.
            stack.callback(layer.leave)
            layer.enter()
        yield


def _handled(found: Signal) -> int:
    """The number of a signal if it can be handled here. Raises SignalError."""
    number = names.number(found)
    if system.slot(number) is None:
        raise SignalError(
            f"`{found.name}` cannot be handled or ignored here",
            (f"it means: {found.meaning}", f"on Windows: {found.on_windows}"),
            "leave it out; handle `SIGTERM` or `SIGINT` to be asked before the end",
        )
    return number
