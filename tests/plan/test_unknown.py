"""What is said of an option that does not exist."""

from __future__ import annotations

import inspect
import subprocess
from typing import Any

import pytest

from procrun import Options, cmd
from procrun.plan import unknown
from procrun.plan.unknown import explain_unknown

ALL = (
    "check, clean_env, cwd, die_with_parent, encoding, env, errors, grace, idle_timeout, input, limits, max_output, "
    "ok, pipefail, stderr, stdin, stdout, timeout"
)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ({"time_out": 5}, "did you mean `timeout`?"),
        ({"stdinn": None}, "did you mean `stdin`?"),
        ({"colour": 5}, f"the options are: {ALL}"),
        (
            {"shell": True},
            "there is no shell; write run(TEXT) for a text of the pipeline language, or cmd('sh', '-c', TEXT)",
        ),
        (
            {"text": True},
            "output is text anyway: `Result.stdout`, and as bytes `Result.stdout_bytes`; "
            "`encoding` says how it is made",
        ),
        (
            {"universal_newlines": True},
            "output is text anyway: `Result.stdout`, and as bytes `Result.stdout_bytes`; "
            "`encoding` says how it is made",
        ),
        ({"capture_output": True}, "write capture(…) instead of run(…), or stdout=CAPTURE, stderr=CAPTURE"),
    ],
)
def test_an_unknown_option_is_answered_with_what_to_write(option: dict[str, Any], hint: str) -> None:
    message = f"unknown option `{next(iter(option))}`; {hint}"
    for make in (Options().with_, lambda **options: cmd("a", **options), cmd("a").pipeline.run):
        with pytest.raises(TypeError) as raised:
            make(**option)
        assert str(raised.value) == message


def test_those_of_subprocess_are_such_and_none_of_ours() -> None:
    theirs = {*inspect.signature(subprocess.Popen).parameters, *inspect.signature(subprocess.run).parameters}
    # One came with Python 3.11.
    assert set(unknown._OF_SUBPROCESS) <= theirs | {"capture_output", "process_group"}
    assert not set(unknown._OF_SUBPROCESS) & set(ALL.split(", "))


def test_the_options_are_told_in_order() -> None:
    assert explain_unknown("zzz", ["b", "a"]) == "unknown option `zzz`; the options are: a, b"
