"""Signals are found by every form of their names and numbers; what is none is answered with those that there are."""

from __future__ import annotations

import pickle
import re
import signal
from pathlib import Path

import pytest

from procrun.signals import SIGNALS, Signal, SignalError, find, from_status, name, number
from procrun.status import ExitStatus, signal_name

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "signals.md"
HERE = " ".join(known.name.removeprefix("SIG") for known in SIGNALS if known.number is not None)


@pytest.mark.parametrize(
    "form", ["TERM", "SIGTERM", "term", "SigTerm", " TERM ", "15", 15, signal.SIGTERM, find("TERM")], ids=repr
)
def test_a_signal_is_found_by_every_form(form: int | str | Signal) -> None:
    assert (number(form), name(form)) == (15, "SIGTERM")


@pytest.mark.parametrize(("wanted", "value"), [("HUP", 1), ("QUIT", 3), ("KILL", 9), ("PIPE", 13), ("ALRM", 14)])
def test_numbers_that_are_the_same_on_every_unix_are_known_everywhere(wanted: str, value: int) -> None:
    assert number(wanted) == value
    assert name(value) == f"SIG{wanted}"


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="this system has no real-time signals")
@pytest.mark.parametrize(
    ("form", "usual", "offset"),
    [
        ("RTMIN", "SIGRTMIN", 0),
        ("rtmin+3", "SIGRTMIN+3", 3),
        ("SIGRTMAX", "SIGRTMAX", 30),
        ("RTMAX-29", "SIGRTMIN+1", 1),
    ],
)
def test_real_time_signals_have_names(form: str, usual: str, offset: int) -> None:
    if signal.SIGRTMAX - signal.SIGRTMIN != 30:
        pytest.skip("another number of real-time signals")
    assert (number(form), name(form)) == (signal.SIGRTMIN + offset, usual)
    assert signal_name(number(form)) == usual


@pytest.mark.skipif(not hasattr(signal, "SIGCLD"), reason="this system has no second names")
def test_a_second_name_gives_the_usual_one() -> None:
    assert [name("CLD"), name("IOT"), name("POLL")] == ["SIGCHLD", "SIGABRT", "SIGIO"]


def test_every_signal_of_this_system_is_in_the_table() -> None:
    here = {kind.name for kind in signal.Signals if kind.name.startswith("SIG")}
    assert here - {known.name for known in SIGNALS if known.number == getattr(signal, known.name, None)} == set()


def test_a_row_says_everything() -> None:
    assert find("pipe") == Signal(
        name="SIGPIPE",
        number=13,
        meaning="it writes to a pipe or connection that nobody reads any more",
        default="end",
        on_windows="the write fails (EINVAL, EPIPE)",
    )


@pytest.mark.parametrize(
    ("form", "shown", "hint"),
    [
        ("TREM", "TREM", "did you mean `TERM` or `VTALRM`?"),
        ("sigkil", "sigkil", "did you mean `KILL` or `ILL`?"),
        ("nothing", "nothing", "give one of these names, with or without `SIG`, or a number"),
        ("", "", "give one of these names, with or without `SIG`, or a number"),
        ("SIG", "SIG", "give one of these names, with or without `SIG`, or a number"),
        (0, "0", "give a name, or a number from 1 to {last}"),
        (-15, "-15", "give a name, or a number from 1 to {last}"),
        ("999", "999", "give a name, or a number from 1 to {last}"),
    ],
)
def test_an_unknown_signal_is_answered_with_those_there_are(form: int | str, shown: str, hint: str) -> None:
    with pytest.raises(SignalError) as caught:
        number(form)
    hint = hint.format(last=max(signal.valid_signals()))
    assert str(caught.value) == f"no signal `{shown}`\n  the signals of this system: {HERE}\n  {hint}"
    assert isinstance(caught.value, ValueError) and caught.value.exit_code == 2


@pytest.mark.skipif(hasattr(signal, "SIGBREAK"), reason="Windows has it")
def test_a_signal_of_another_system_says_what_it_is() -> None:
    assert find("BREAK").number is None
    with pytest.raises(SignalError) as caught:
        number("BREAK")
    assert str(caught.value) == (
        "this system has no signal `SIGBREAK`\n"
        "  elsewhere it means: Ctrl-Break, or its console is closed (Windows)\n"
        "  on Windows: it can be handled\n"
        '  ask first: `find("SIGBREAK").number` is None here'
    )


@pytest.mark.parametrize("form", [None, 1.5, True, b"TERM", ["TERM"]], ids=repr)
def test_what_is_no_signal_at_all_is_a_type_error(form: object) -> None:
    with pytest.raises(TypeError) as caught:
        number(form)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"a signal is a name such as `TERM`, a number or a member of `signal.Signals`, not {form!r}"
    )


def test_the_error_is_pickled_whole() -> None:
    with pytest.raises(SignalError) as caught:
        number("TREM")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.details, again.hint) == (str(caught.value), caught.value.details, caught.value.hint)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (-15, "SIGTERM"),
        (143, "SIGTERM"),
        (137, "SIGKILL"),
        (ExitStatus(signal=13), "SIGPIPE"),
        (ExitStatus(143), "SIGTERM"),
        (0, None),
        (1, None),
        (127, None),
        (128, None),
        (255, None),
        (ExitStatus(3), None),
        (0xC000013A, "SIGINT"),
        (0xC000013A - 2**32, "SIGINT"),
        (0xC0000005, "SIGSEGV"),
        (0xC0000409, None),
    ],
)
def test_a_status_tells_the_signal(status: int | ExitStatus, expected: str | None) -> None:
    found = from_status(status)
    assert (None if found is None else found.name) == expected


def test_a_negative_status_that_no_signal_gives_is_an_error() -> None:
    with pytest.raises(SignalError, match=r"^no signal `77`\n"):
        from_status(-77)


def test_the_document_has_the_table() -> None:
    rows = re.findall(r"^\| `(SIG\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert rows == [(known.name, known.meaning, known.default, known.on_windows) for known in SIGNALS]
