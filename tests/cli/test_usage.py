"""Mistakes on the command line, worded."""

from __future__ import annotations

import click
import pytest

from procrun import Limits
from procrun.cli import usage


@click.command("made", cls=usage.Command)
@click.argument("word")
@click.option("--seconds", "-s", callback=usage.seconds, metavar="SECONDS")
@click.option("--name", callback=usage.name)
@click.option("--some", callback=usage.some_seconds)
@click.option("--limit", multiple=True, callback=usage.limits)
@click.option("--flag", is_flag=True)
def made(word: str, **options: object) -> None:
    """A command."""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "WORD is missing"),
        (["--secnds", "1", "a"], "there is no option `--secnds`; did you mean `--seconds`?"),
        (["--nothing", "a"], "there is no option `--nothing`"),
        (["-x", "a"], "there is no option `-x`"),
        (["a", "--seconds"], "`--seconds` wants a value: --seconds SECONDS"),
        (["a", "-s"], "`-s` wants a value: -s SECONDS"),
        (["a", "--name"], "`--name` wants a value: --name VALUE"),
        (["a", "--flag=1"], "`--flag` takes no value"),
        (["a", "-s", "x"], "-s: `x` is not a number of seconds, such as 1.5"),
        (["a", "--name", ""], "--name: the name is empty"),
        (["a", "--some", "0"], "--some: `0` is no time to wait in, such as 1.5 is"),
        (
            ["a", "--limit", "ram=1G"],
            "--limit: `ram` is no limit; there are memory, cpu, files, processes, file_size, nice",
        ),
        (["a", "--limit", "cpu=1", "--limit", "cpu=2"], "--limit: `cpu` is given twice"),
        (["a", "--limit", "memory"], "--limit: `memory` has no whole number as its amount, such as memory=512M"),
        (
            ["a", "--limit", "memory=1.5G"],
            "--limit: `memory=1.5G` has no whole number as its amount, such as memory=512M",
        ),
        (["a", "--limit", "cpu=1K"], "--limit: `cpu=1K` has no whole number as its amount, such as cpu=10"),
        (["a", "--limit", "cpu=0"], "--limit: the limit `cpu` is a whole number of seconds from 1 up, not 0"),
    ],
)
def test_a_mistake(args: list[str], message: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        made.make_context("program made", args)
    assert usage.explain_mistake(caught.value) == f"{message}\n  see `program made --help`"


@pytest.mark.parametrize(("text", "number"), [("0", 0.0), ("1.5", 1.5), ("1e3", 1000.0), (" 2 ", 2.0)])
def test_seconds(text: str, number: float) -> None:
    assert made.make_context("made", ["a", "-s", text]).params["seconds"] == number


def test_what_is_not_given() -> None:
    assert made.make_context("made", ["a"]).params == {
        "word": "a",
        "seconds": None,
        "name": None,
        "some": None,
        "limit": None,
        "flag": False,
    }


def test_limits() -> None:
    args = ["a", "--limit", "memory=2G", "--limit", "file_size=3K", "--limit", "nice=-5", "--limit", "cpu=7"]
    assert made.make_context("made", args).params["limit"] == Limits(memory=2**31, file_size=3072, nice=-5, cpu=7)


def test_what_a_shell_completes() -> None:
    context = made.make_context("made", ["a"])
    (file,) = usage.complete_files(context, made.params[0], "x")
    (folder,) = usage.complete_folders(context, made.params[0], "x")
    assert (file.value, file.type, folder.value, folder.type) == ("x", "file", "x", "dir")
