"""What to say of an option that is none: the name that comes near, or what `subprocess` calls by that name."""

from __future__ import annotations

from collections.abc import Iterable

_TEXT = "output is text anyway: `Result.stdout`, and as bytes `Result.stdout_bytes`; `encoding` says how it is made"
_GROUP = "programs stay in this process's group, for Ctrl-C; `stop`, `timeout` and `die_with_parent` end all of a run"

_OF_SUBPROCESS = {
    "bufsize": "leave it out: the streams of `start` are buffered, and bytes between programs pass through no buffer",
    "capture_output": "write capture(…) instead of run(…), or stdout=CAPTURE, stderr=CAPTURE",
    "close_fds": "leave it out: a program gets its three streams and nothing else",
    "executable": "the first word of a command is its program, by name or path",
    "pass_fds": "a program gets its three streams and nothing else; give it a path, or the data as `input`",
    "preexec_fn": "nothing runs between fork and exec; `cwd`, `env` and `limits` do what it is mostly used for",
    "process_group": _GROUP,
    "shell": "there is no shell; write run(TEXT) for a text of the pipeline language, or cmd('sh', '-c', TEXT)",
    "start_new_session": _GROUP,
    "text": _TEXT,
    "universal_newlines": _TEXT,
}


def explain_unknown(name: str, known: Iterable[str]) -> str:
    """The message for an option that does not exist, among those that do.

    >>> explain_unknown("time_out", ["stdin", "timeout"])
    'unknown option `time_out`; did you mean `timeout`?'
    """
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    if name in _OF_SUBPROCESS:
        hint = _OF_SUBPROCESS[name]
    elif near:
        hint = f"did you mean `{near[0]}`?"
    else:
        hint = f"the options are: {', '.join(sorted(known))}"
    return f"unknown option `{name}`; {hint}"
