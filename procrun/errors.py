"""What can go wrong, each with the exit status the command line gives it.

Errors of the text and of finding programs and files are here; what a finished run
did wrong (`engine/failure.py`) needs its result and the classes of `subprocess`,
which parsing must not load. `explain` builds the wording of all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from procrun import status

_SHOWN = 160
"""As many characters of a line of the text a message shows."""


class ProcrunError(Exception):
    """Every error that procrun raises on purpose."""

    exit_code = status.INTERNAL_ERROR
    """The status with which the command line ends."""


class TextError(ProcrunError):
    """An error with a place in a pipeline's text.

    str() gives the whole message: reason, stage, the line with a caret under the
    place, what was expected or searched, and what to do.
    """

    exit_code = status.USAGE

    def __init__(
        self,
        reason: str,
        *,
        text: str = "",
        start: int = 0,
        end: int = 0,
        hint: str = "",
        details: Sequence[str] = (),
        stage: str = "",
    ) -> None:
        self.reason = reason
        """What was wrong, in one line."""
        self.text = text
        """The whole text of the pipeline; empty when the error came without a text."""
        self.start = start
        """Offset of the place's first character in the text."""
        self.end = end
        """Offset behind the place's last character."""
        self.hint = hint
        """What to do."""
        self.details = tuple(details)
        """Lines between the place and the hint: what was expected, searched or found."""
        self.stage = stage
        """``stage 2 of 3, `sort -z` ``, where the error belongs to one of several stages."""
        super().__init__(reason)

    def __str__(self) -> str:
        return explain(
            self.reason,
            stage=self.stage,
            place=point_at(self.text, self.start, self.end) if self.text else (),
            details=self.details,
            hint=self.hint,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        system_fields = {}
        if isinstance(self, OSError):
            system_fields = {name: getattr(self, name) for name in ("errno", "strerror", "filename")}
        return _rebuild, (type(self), self.args, {**self.__dict__, **system_fields})


class PipelineSyntaxError(TextError, ValueError):
    """The text is not in the pipeline language; nothing was run."""

    def __init__(self, reason: str, *, incomplete: bool = False, **rest: Any) -> None:
        super().__init__(reason, **rest)
        self.incomplete = incomplete
        """Whether more text could mend it: an open quote or group, a bar at the end."""


class ExpansionError(TextError):
    """A word cannot be given a value: an unset variable, `${X:?…}`. It ends the program."""


class PatternError(TextError):
    """A pattern matches no file, or several where one is wanted. It fails its pipeline."""

    exit_code = 1


class FileError(TextError, OSError):
    """A file of a redirection, or the folder of `cd` or `cwd`, cannot be used."""

    exit_code = 1

    def __init__(self, reason: str, *, cause: OSError | None = None, **rest: Any) -> None:
        TextError.__init__(self, reason, **rest)
        _take_fields(self, cause)


class ProgramNotFound(TextError, FileNotFoundError):
    """There is no such program. Nothing of its pipeline was started."""

    exit_code = status.NOT_FOUND

    def __init__(self, reason: str, *, program: str, searched: Sequence[str] = (), **rest: Any) -> None:
        TextError.__init__(self, reason, **rest)
        self.program = program
        """The name as it was given."""
        self.searched = tuple(searched)
        """The folders that were searched; empty for a name with a path."""
        _take_fields(self, FileNotFoundError(2, "No such file or directory", program))


class ProgramNotRunnable(TextError, OSError):
    """The program is there, but the system cannot run it (permission, format, size)."""

    exit_code = status.NOT_RUNNABLE

    def __init__(self, reason: str, *, program: str, cause: OSError | None = None, **rest: Any) -> None:
        TextError.__init__(self, reason, **rest)
        self.program = program
        """The path of the program."""
        _take_fields(self, cause)


class NotSupported(ProcrunError, ValueError):
    """An option asks for what this system, or this Python, cannot do. Nothing was started."""

    exit_code = status.USAGE

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """What cannot be done."""
        self.hint = hint
        """What to do."""

    def __str__(self) -> str:
        return explain(self.reason, hint=self.hint)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class ProcessNotFound(ProcrunError, ProcessLookupError):
    """There is no process with this number (any more), or what is there has ended and waits for its parent."""

    exit_code = 1

    def __init__(self, pid: int, is_zombie: bool = False) -> None:
        super().__init__(pid, is_zombie)
        self.pid = pid
        """The number."""
        self.is_zombie = is_zombie
        """Whether one has ended whose parent has not asked how."""
        self.errno, self.strerror = 3, "No such process"

    def __str__(self) -> str:
        if self.is_zombie:
            hint = "it is a zombie until its parent asks how it ended, or ends"
            return explain(f"process {self.pid} has ended already", hint=hint)
        return explain(f"there is no process {self.pid}", hint="it may have ended; `procrun tree` shows them all")


def explain(
    reason: str,
    *,
    stage: str = "",
    place: Sequence[str] = (),
    details: Sequence[str] = (),
    hint: str = "",
) -> str:
    """Word an error: the reason, where it happened, what was seen, and last what to do.

    Whatever it quotes, the text can be printed anywhere, and a terminal obeys nothing of it.
    """
    # Here, because who reads a text without a mistake words nothing.
    from procrun.quoting import printable

    lines = [f"{reason} (in {stage})" if stage else reason]
    lines += [f"  {line}" for line in place]
    lines += [f"  {line}" for line in details]
    if hint:
        lines.append(f"  {hint}")
    return "\n".join(printable(line) for line in "\n".join(lines).split("\n"))


class ErrorText(Exception):
    """What pickling leaves of an exception that cannot be pickled: the name of its type and its text."""


def word(error: BaseException) -> str:
    """An exception as Python shows it; one without a text (KeyboardInterrupt, `assert`) by the name of its type."""
    text = str(error).rstrip()
    return text if isinstance(error, ErrorText) else f"{type(error).__name__}{': ' * bool(text)}{text}"


def helper_error(what: str, reason: str) -> ProcrunError:
    """The error for a helper of ours, a small program in this one's own Python, that does not work."""
    return ProcrunError(
        explain(
            f"the helper that {what}, `{sys.executable} -I -S -c …`, does not work: {reason}",
            hint="it is this program's own Python, from `sys.executable`; look whether that can still be started",
        )
    )


def point_at(text: str, start: int, end: int) -> tuple[str, str]:
    """The line of the text that holds the place, and a line with carets under it.

    Of a line longer than a terminal shows, the part around the place. What does not show stands there as an escape.
    """
    from procrun.quoting import printable

    start = min(start, len(text))
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", first)
    last = len(text) if last < 0 else last
    left = first if last - first <= _SHOWN else max(first, start - _SHOWN // 2)
    right = min(last, left + _SHOWN)
    before, behind = "…" * (left > first), "…" * (right < last)
    line = before + printable(text[left:right].rstrip("\r")) + behind
    # A tab keeps its width, so that the caret stands under the place in any terminal.
    margin = "".join("\t" if char == "\t" else " " * _columns(char) for char in before + printable(text[left:start]))
    width = sum(map(_columns, printable(text[start : min(end, right)])))
    return line, margin + "^" * max(1, width)


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes (UAX #11); ambiguous ones as one."""
    if char.isascii():
        return 1
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _take_fields(error: OSError, cause: OSError | None) -> None:
    """Fill the fields of OSError, which programs read, from the system's own error."""
    if cause is not None:
        error.errno, error.strerror = cause.errno, cause.strerror
        error.filename = cause.filename


def _rebuild(kind: type[ProcrunError], args: tuple[Any, ...], fields: dict[str, Any]) -> ProcrunError:
    """Unpickle an error: its fields come back without its constructor's wording."""
    error = kind.__new__(kind, *args)
    error.args = args
    for name, value in fields.items():
        setattr(error, name, value)
    return error
