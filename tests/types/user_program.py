"""What a user writes, checked by `mypy --strict` and never run.

`assert_type` says what the checker must find; a line with `type: ignore` must be an error,
since an ignore that is not needed is one itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from typing_extensions import assert_type

import procrun
from procrun import CAPTURE, INHERIT, MERGE, NULL, PIPE, Command, Pipeline, Result, Running, cmd, each_line


def upper(stdin: BinaryIO, stdout: BinaryIO, stderr: BinaryIO) -> None:
    for line in stdin:
        stdout.write(line.upper())


def commands() -> None:
    listing = cmd("ls", "-l", Path("a"), 3, cwd=Path("b"), env={"LANG": "C", "HOME": None})
    assert_type(listing, Command)
    assert_type(listing | cmd("sort"), Pipeline)
    assert_type(listing | cmd("sort") | upper, Pipeline)
    assert_type(upper | listing, Pipeline)
    assert_type(listing | each_line(str.upper), Pipeline)
    assert_type(listing.with_(timeout=3), Command)
    assert_type((listing | cmd("sort")).with_(check=False), Pipeline)
    assert_type(listing.read(), str)
    assert_type((listing | upper).capture(), Result)

    cmd("ls", ["-l"])  # type: ignore[arg-type]
    cmd("ls", timout=3)  # type: ignore[call-arg]
    cmd("ls", env={"A": 1})  # type: ignore[dict-item]
    listing | 3  # type: ignore[operator]
    listing | str.upper  # type: ignore[operator]
    str.upper | listing  # type: ignore[operator]


def verbs() -> None:
    assert_type(procrun.run("true"), Result)
    assert_type(procrun.run(["ls", "-l"]), Result)
    assert_type(procrun.run(cmd("ls")), Result)
    assert_type(procrun.read("grep $1 $2", "a", Path("b")), str)
    assert_type(procrun.capture("cat", input=b"a"), Result)
    assert_type(procrun.capture("cat", input=["a", "b"]), Result)
    assert_type(procrun.capture("cat", input=bytearray(b"a")), Result)
    assert_type(procrun.capture("cat", input=memoryview(b"a")), Result)
    assert_type(procrun.capture("cat", input=(piece for piece in ("a", b"b", bytearray(b"c")))), Result)
    assert_type(procrun.capture("cat", stdin=NULL, stdout=[INHERIT, CAPTURE], stderr=MERGE), Result)
    assert_type(procrun.run("cat", stdin=Path("a"), stdout="b", ok={0, 1}), Result)
    assert_type(procrun.lines("yes"), Iterator[str])
    with procrun.start("cat", stdin=PIPE, stdout=PIPE) as running:
        assert_type(running, Running)
        assert_type(running.wait(), Result)

    procrun.rnu("true")  # type: ignore[attr-defined]
    procrun.run(3)  # type: ignore[arg-type]
    procrun.run("true", timeout="3")  # type: ignore[arg-type]
    procrun.run("cat", input=[1])  # type: ignore[list-item]


def results(result: Result) -> None:
    assert_type(result.stdout, str)
    assert_type(result.status.code, int | None)
    assert_type([stage.duration for stage in result.stages], list[float])


def errors() -> None:
    try:
        procrun.run("false")
    except procrun.RunFailed as error:
        assert_type(error.result, Result)
        assert_type(error.returncode, int)
    except procrun.ProgramNotFound as error:
        assert_type(error.searched, tuple[str, ...])
