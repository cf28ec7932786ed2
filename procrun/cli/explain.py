"""`procrun explain`: say what a text would run, and run nothing.

`interp.explain` finds it out; here it becomes a tree for people, or JSON (docs/cli.md#explain).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from procrun.cli import render, text as texts, usage

if TYPE_CHECKING:
    from procrun.errors import ProcrunError
    from procrun.interp.explain import ExplainedList, ExplainedPipeline, ExplainedStage
    from procrun.plan import Redirect

FORMAT, VERSION = "procrun-explanation", 1
"""What the JSON says of itself; the version grows when a reader of an older one would be misled."""

_STREAMS = ("stdin", "stdout", "stderr")
_CONNECTIONS = {"": "", ";": "then: ", "&&": "if that succeeds: ", "||": "if that fails: "}


@click.command(
    "explain",
    cls=usage.Command,
    context_settings=texts.SETTINGS,
    epilog="Example: procrun explain 'grep $1 *.txt | sort > found' pattern",
)
@texts.takes_text
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON, for programs.")
def command(
    text: str,
    args: tuple[str, ...],
    *,
    is_file: bool,
    cwd: str | None,
    variables: dict[str, str | None],
    is_json: bool,
) -> int:
    """Say what TEXT would run with these ARGS, as things are now, and run nothing.

    The exit status is 0 if everything could run, 2 for a wrong text, 127 for a missing program, and so
    on: that of the first error.
    """
    from procrun.interp.explain import explain
    from procrun.plan import Options

    if is_file:
        text = texts.read_text(text)
    explained = explain(text, args, Options().with_(cwd=cwd, env=variables))
    errors = list(explained.errors())
    status = errors[0].exit_code if errors else 0
    if is_json:
        import json

        said = {"format": FORMAT, "version": VERSION, "text": text, "status": status}
        render.out(json.dumps({**said, "pipelines": _data(explained)}, indent=2))
    else:
        for line in _tree(explained):
            render.out(line)
    render.flush()
    for error in errors:
        render.error(str(error))
    return status


def _tree(explained: ExplainedList, margin: str = "") -> Iterator[str]:
    for pipeline in explained.pipelines:
        negation = " (`!`: success and failure exchanged)" if pipeline.is_negated else ""
        yield f"{margin}{_CONNECTIONS[pipeline.operator]}{_shown(pipeline.source)}{negation}"
        bars = (*pipeline.with_stderr, False)
        for stage, with_stderr in zip(pipeline.stages, bars):
            yield from _stage_lines(stage, margin + "  ", with_stderr=with_stderr)


def _stage_lines(stage: ExplainedStage, margin: str, *, with_stderr: bool) -> Iterator[str]:
    yield f"{margin}- {_head(stage)}"
    margin += "  "
    for source, inner in zip(stage.substitutions, stage.inner):
        yield f"{margin}first    {_shown(source)}"
        yield from _tree(inner, margin + "         ")
    for label, fact in _facts(stage, with_stderr=with_stderr):
        yield f"{margin}{label:8} {fact}"
    if stage.body is not None:
        yield from _tree(stage.body, margin)


def _head(stage: ExplainedStage) -> str:
    """What the stage calls, expanded where that is known."""
    from procrun.quoting import quote_word

    if stage.kind == "group":
        return "group ( )" if stage.source.startswith("(") else "group { }"
    if stage.kind == "program" and stage.argv and not stage.is_unknown:
        return " ".join(map(quote_word, stage.argv))
    return _shown(stage.source)


def _facts(stage: ExplainedStage, *, with_stderr: bool) -> Iterator[tuple[str, str]]:
    from procrun.quoting import printable, quote_word

    if stage.program is not None:
        yield "program", printable(stage.program)
    for name, value in stage.assignments:
        yield "sets", f"{name}={quote_word(value) if value else ''}"
    for redirect in stage.redirects:
        yield _STREAMS[redirect.descriptor], _leads(redirect)
    if with_stderr:
        yield "stderr", "where stdout goes"
    if stage.is_unknown:
        yield "unknown", "what $( ) prints decides"
    if stage.error is not None:
        reason = _reason(stage.error)
        yield ("now", f"{reason}; what runs before may change that") if stage.may_change else ("error", reason)


def _leads(redirect: Redirect) -> str:
    """Where a redirection leads, and what becomes of a file."""
    from procrun.quoting import quote_word

    if redirect.action == "copy":
        return f"where {_STREAMS[int(redirect.target)]} goes"
    name = quote_word(
        _text(redirect.target).removesuffix("\n") if redirect.action == "text" else _text(redirect.target)
    )
    if redirect.action in ("text", "read"):
        return f"the text {name}" if redirect.action == "text" else name
    if not os.path.exists(str(redirect.target)):
        return f"{name}, new"
    return f"{name}, added to" if redirect.action == "append" else f"{name}, replaced"


def _shown(source: str) -> str:
    """A piece of the text in one line, safe for a terminal."""
    from procrun.quoting import printable

    return printable(" ".join(source.split()) if "\n" in source else source)


def _data(explained: ExplainedList) -> list[dict[str, Any]]:
    return [_pipeline_data(pipeline) for pipeline in explained.pipelines]


def _pipeline_data(pipeline: ExplainedPipeline) -> dict[str, Any]:
    bars = (*pipeline.with_stderr, False)
    return {
        "source": pipeline.source,
        "operator": pipeline.operator,
        "negated": pipeline.is_negated,
        "stages": [{**_stage_data(stage), "with_stderr": bar} for stage, bar in zip(pipeline.stages, bars)],
    }


def _stage_data(stage: ExplainedStage) -> dict[str, Any]:
    return {
        "source": stage.source,
        "kind": stage.kind,
        "argv": stage.argv,
        "program": stage.program,
        "assignments": [{"name": name, "value": value} for name, value in stage.assignments],
        "redirections": [
            {
                "descriptor": item.descriptor,
                "action": item.action,
                "target": item.target if isinstance(item.target, int) else _text(item.target),
            }
            for item in stage.redirects
        ],
        "writes": stage.writes,
        "substitutions": [
            {"source": source, "pipelines": _data(inner)} for source, inner in zip(stage.substitutions, stage.inner)
        ],
        "pipelines": None if stage.body is None else _data(stage.body),
        "unknown": stage.is_unknown,
        "error": None if stage.error is None else {**_error_data(stage.error), "may_change": stage.may_change},
    }


def _error_data(error: ProcrunError) -> dict[str, Any]:
    from procrun.errors import TextError

    data: dict[str, Any] = {"status": error.exit_code, "reason": _reason(error)}
    if isinstance(error, TextError):
        data |= {"details": error.details, "hint": error.hint, "start": error.start, "end": error.end}
    return data


def _reason(error: ProcrunError) -> str:
    return str(getattr(error, "reason", error))


def _text(target: str | bytes | int) -> str:
    if isinstance(target, bytes):
        return target.decode(sys.getfilesystemencoding(), "surrogateescape")
    return str(target)
