"""The words: every kind of finding has a sentence and advice, and every case the right one."""

from __future__ import annotations

import pytest

from procrun.monitor.activity import Activity
from procrun.monitor.cause import ORDER
from procrun.monitor.examine import Examined
from procrun.monitor.tree import Entry
from procrun.monitor.waits import Wait
from procrun.monitor.wording import ADVICE, SENTENCES, deadlock_advice, percent, sentence
from procrun.system import processes as system

ONE = Examined(
    Entry(7, 6, 0, "sleeping", 1.0, 1, 1.0, ("a", "b c"), "a"),
    True,
    "hidden",
    "here",
    Activity(0.25, 10, 20, 30),
)

NOT_OF_ONE_PROCESS = {"deadlock", "buffered", "self"}


def say(kind: str, *, writes: bool = False, refused: bool = False) -> tuple[str, str]:
    return sentence(kind, ONE, None, "it", 0.5, writes=writes, refused=refused)


@pytest.mark.parametrize("kind", [kind for kind in ORDER if kind not in NOT_OF_ONE_PROCESS])
def test_every_kind_has_a_sentence_and_advice(kind: str) -> None:
    text, advice = say(kind)
    assert "process 7 (`a 'b c'`)" in text
    for words in (text, advice):
        assert words and not words.endswith(".") and "{" not in words
        assert "None" not in words


def test_nothing_is_in_the_tables_for_nobody() -> None:
    assert set(SENTENCES) == set(ORDER) - NOT_OF_ONE_PROCESS


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("uninterruptible", "process 7 (`a 'b c'`) is in the kernel and cannot be interrupted (here)"),
        ("traced", "process 7 (`a 'b c'`) is held by a debugger, process here"),
        ("unreaped", "process 7 (`a 'b c'`) has ended, but process 6 has not asked how"),
        ("works", "process 7 (`a 'b c'`) is at work: in 0.5 s it read 10 and wrote 20 bytes"),
        ("busy", "process 7 (`a 'b c'`) computes: it used 25% of a CPU for 0.5 s"),
        ("hidden", "what process 7 (`a 'b c'`) waits for cannot be seen (here)"),
        ("gone", "process 7 (`a 'b c'`) ended while it was looked at"),
    ],
)
def test_sentences(kind: str, text: str) -> None:
    assert say(kind)[0] == text


@pytest.mark.parametrize(
    ("kind", "writes", "refused", "row"),
    [
        ("terminal", False, False, "terminal"),
        ("terminal", True, False, "terminal output"),
        ("nobody", False, False, "nobody"),
        ("nobody", False, True, "nobody seen"),
    ],
)
def test_cases_of_advice(kind: str, writes: bool, refused: bool, row: str) -> None:
    assert say(kind, writes=writes, refused=refused)[1] == ADVICE[row]


@pytest.mark.parametrize(
    ("knows", "refused", "row"),
    [(True, False, "hidden"), (True, True, "hidden from us"), (False, False, "hidden by the system")],
)
def test_why_something_cannot_be_seen(knows: bool, refused: bool, row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "KNOWS_WAITS", knows)
    assert say("hidden", refused=refused)[1] == ADVICE[row].format(pid=7)


def wait(kind: str, writes: bool = False) -> Wait:
    return Wait(kind, "it", 7, writes=writes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("waits", "is_alone", "start"),
    [
        ([wait("child"), wait("pipe", True)], False, "read the pipe to its end"),
        ([wait("process"), wait("socket", True)], False, "read the pipe to its end"),
        ([wait("child"), wait("pipe")], False, "close the writing end of the pipe before"),
        ([wait("pipe")], True, "close the writing end in the process that reads"),
        ([wait("pipe", True), wait("pipe", True)], False, "serve both pipes"),
        ([wait("pipe"), wait("pipe")], False, "close the ends that are not used"),
        ([wait("file lock"), wait("file lock")], False, "take the locks in the same order"),
        ([wait("process"), wait("child")], False, "end one of them"),
    ],
)
def test_what_to_do_about_a_deadlock(waits: list[Wait], is_alone: bool, start: str) -> None:
    assert deadlock_advice(waits, is_alone=is_alone).startswith(start)


@pytest.mark.parametrize(("share", "text"), [(None, "an unknown part"), (0.5, "50%"), (1.996, "200%")])
def test_a_share_of_a_cpu(share: float | None, text: str) -> None:
    assert percent(share) == text
