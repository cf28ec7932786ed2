"""Pipelines as values: what `|` makes of two sides, and where options end up."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from procrun import CAPTURE, MERGE, NULL, Command, Function, Options, Pipeline, cmd, each_line
from procrun.plan.pipeline import Runnable

A, B, C, D = (cmd(name) for name in "abcd")


def shout(stdin: Any, stdout: Any, stderr: Any) -> None:
    """A function for a stage."""


def names(pipeline: Pipeline) -> str:
    return " ".join(str(stage) for stage in pipeline.stages)


def options(pipeline: Pipeline) -> list[dict[str, Any]]:
    """What each stage says, and last what the whole says."""
    return [*(stage.options.given() for stage in pipeline.stages), pipeline.options.given()]


@pytest.mark.parametrize(
    ("make", "stages"),
    [
        (lambda: A | B, "a b"),
        (lambda: (A | B) | (C | D), "a b c d"),
        (lambda: A | (B | C), "a b c"),
        (lambda: A | shout, "a shout"),
        (lambda: shout | A, "shout a"),
        (lambda: print | A, "print a"),
        (lambda: Function(shout) | Function(shout), "shout shout"),
        (lambda: A | each_line(str.upper) | B, "a each_line(str.upper) b"),
        (lambda: A.pipeline | B.pipeline, "a b"),
    ],
)
def test_the_bar_puts_stages_side_by_side(make: Callable[[], Pipeline], stages: str) -> None:
    assert names(make()) == stages


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("sort", "a stage is a command, a pipeline or a function, not 'sort'; write cmd('sort') for a program"),
        (
            "sort -u",
            "a stage is a command, a pipeline or a function, not 'sort -u'; write cmd('sort', '-u') for a program",
        ),
        ("", "a stage is a command, a pipeline or a function, not ''; write cmd('') for a program"),
        (
            ["sort", "-u"],
            "a stage is a command, a pipeline or a function, not ['sort', '-u']; "
            "write cmd('sort', '-u') for a program with its arguments",
        ),
        ([], "a stage is a command, a pipeline or a function, not []; cmd(program, *args) makes a command"),
        (5, "a stage is a command, a pipeline or a function, not 5; cmd(program, *args) makes a command"),
        (None, "a stage is a command, a pipeline or a function, not None; cmd(program, *args) makes a command"),
    ],
)
def test_what_is_no_stage(other: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        A | other
    assert str(raised.value) == message
    with pytest.raises(TypeError) as raised:
        other | A
    assert str(raised.value) == message


def test_a_pipeline_without_stages() -> None:
    with pytest.raises(ValueError) as raised:
        Pipeline(())
    assert str(raised.value) == "a pipeline has at least one stage; make them with cmd() and connect them with `|`"


@pytest.mark.parametrize(
    ("pipeline", "text"),
    [
        (A.pipeline, "a"),
        (cmd("tr", "a b", "c") | cmd("sort", "-u"), "tr 'a b' c | sort -u"),
        (replace(A, with_stderr=True) | B, "a |& b"),
        (A | shout | B, "a | shout | b"),
    ],
)
def test_a_pipeline_reads_as_the_language_writes_it(pipeline: Pipeline, text: str) -> None:
    assert str(pipeline) == text


def test_a_stage_keeps_its_own_options_and_gives_up_those_of_the_run() -> None:
    command = cmd("a", cwd="f", env={"X": "1"}, ok=[1], stderr=NULL, clean_env=True, timeout=3, check=False)
    assert options(command.pipeline) == [
        {"cwd": "f", "env": (("X", "1"),), "ok": frozenset({1}), "stderr": NULL, "clean_env": True},
        {"timeout": 3, "check": False},
    ]


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        (cmd("a", timeout=3) | B, [{}, {}, {"timeout": 3}]),
        (A | cmd("b", timeout=3), [{}, {}, {"timeout": 3}]),
        (cmd("a", timeout=3) | cmd("b", timeout=3), [{}, {}, {"timeout": 3}]),
        (cmd("a", timeout=3) | cmd("b", check=False), [{}, {}, {"timeout": 3, "check": False}]),
        (cmd("a", check=True) | cmd("b", check=True), [{}, {}, {"check": True}]),
        (cmd("a", timeout=3, check=False).with_(timeout=None, check=True) | B, [{}, {}, {"check": True}]),
        (cmd("a", clean_env=False) | B, [{"clean_env": False}, {}, {}]),
        (cmd("a", input=b"x") | B, [{}, {}, {"input": b"x"}]),
        (cmd("a", stdout="f") | B, [{"stdout": "f"}, {}, {}]),
        (A | cmd("b", stdin="f"), [{}, {"stdin": "f"}, {}]),
        (
            (A | B).with_(stdin="i", stdout="o", stderr="e") | C,
            [{"stdin": "i", "stderr": "e"}, {"stdout": "o", "stderr": "e"}, {}, {}],
        ),
        (
            (A | B).with_(cwd="x", env={"K": "1"}, ok=[1], clean_env=True) | C,
            [*[{"cwd": "x", "env": (("K", "1"),), "ok": frozenset({1}), "clean_env": True}] * 2, {}, {}],
        ),
    ],
)
def test_where_options_end_up_after_a_bar(pipeline: Pipeline, expected: list[dict[str, Any]]) -> None:
    assert options(pipeline) == expected


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        (
            cmd("a", timeout=1),
            cmd("b", timeout=2),
            "both sides of `|` set `timeout` (1 and 2); set it once, on the whole: (a | b).with_(timeout=…)",
        ),
        (
            cmd("a", encoding="latin-1"),
            cmd("b", encoding="utf-16"),
            "both sides of `|` set `encoding` ('latin-1' and 'utf-16'); set it once, on the whole: "
            "(a | b).with_(encoding=…)",
        ),
        (
            cmd("a", check=False),
            cmd("b", check=True),
            "both sides of `|` set `check` (False and True); set it once, on the whole: (a | b).with_(check=…)",
        ),
        (
            cmd("a", grace=5.0) | B,
            cmd("b", grace=1) | C,
            "both sides of `|` set `grace` (5.0 and 1); set it once, on the whole: (a | b).with_(grace=…)",
        ),
        (
            A,
            cmd("b", input=b"x"),
            "`input` is for the first stage; the right side of `|` reads the left side's output",
        ),
        (
            (A | B).with_(stderr=MERGE),
            C,
            "a pipeline with stderr=MERGE cannot become part of another; "
            "set it on the stages that are meant, or on the whole: (a | b | c).with_(stderr=MERGE)",
        ),
        (
            A,
            (B | C).with_(stderr=MERGE),
            "a pipeline with stderr=MERGE cannot become part of another; "
            "set it on the stages that are meant, or on the whole: (a | b | c).with_(stderr=MERGE)",
        ),
    ],
)
def test_sides_that_contradict_each_other(left: Runnable, right: Runnable, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        left | right
    assert str(raised.value) == message


def test_merge_of_one_stage_stays_with_it() -> None:
    assert options(cmd("a", stderr=MERGE) | B) == [{"stderr": MERGE}, {}, {}]
    assert options((A | B).with_(stderr=MERGE)) == [{}, {}, {"stderr": MERGE}]


def test_settling_writes_the_defaults_into_the_stages() -> None:
    whole = (cmd("a", cwd="own") | B | cmd("c", stderr="own", env={"E": "own"})).with_(
        cwd="all", stderr="all", env={"E": "all", "F": "all"}, stdin="i", stdout=CAPTURE, timeout=1
    )
    first, second, third, rest = options(whole.settled())
    env = (("E", "all"), ("F", "all"))
    assert first == {"cwd": "own", "stderr": "all", "env": env, "stdin": "i"}
    assert second == {"cwd": "all", "stderr": "all", "env": env}
    assert third == {"cwd": "all", "stderr": "own", "env": (*env, ("E", "own")), "stdout": CAPTURE}
    assert rest == {"timeout": 1}


def test_settling_twice_changes_nothing_more() -> None:
    settled = (A | B).with_(cwd="x", stdin="i", env={"A": "1"}, timeout=2).settled()
    assert settled.settled() == settled


def test_what_a_stage_says_itself_wins() -> None:
    settled = (cmd("a", stdin="own") | cmd("b", stdout="own")).with_(stdin="all", stdout="all").settled()
    assert options(settled) == [{"stdin": "own"}, {"stdout": "own"}, {}]


def test_a_pipeline_is_a_value() -> None:
    pipeline = (A | B).with_(timeout=3)
    assert pipeline == (cmd("a") | cmd("b", timeout=3))
    assert hash(pipeline) == hash((A | B).with_(timeout=3))
    assert pickle.loads(pickle.dumps(pipeline)) == pipeline
    assert pickle.loads(pickle.dumps(A | shout)) == (A | shout)
    with pytest.raises(AttributeError):
        pipeline.stages = ()  # type: ignore[misc]


def test_with_leaves_the_pipeline_it_is_made_from() -> None:
    plain = A | B
    assert plain.with_(cwd="x").options == Options(cwd="x")
    assert plain.options == Options()


def test_a_pipeline_is_its_own_pipeline() -> None:
    pipeline = A | B
    assert pipeline.pipeline is pipeline
    assert Command(("a",)).pipeline == Pipeline((Command(("a",)),))
