"""The commands that act on the running text itself: `cd`, `exit`, `export`, `unset` and `:`.

No program could do what they do. Each function here expands its arguments, checks them and
gives what is to be done; the interpreter opens the redirections in between (the order of
POSIX XCU 2.9.1). A mistake in their use ends the program with status 2.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from procrun.errors import ExpansionError, FileError
from procrun.interp.expand import Expansion
from procrun.interp.scope import Scope
from procrun.quoting import printable
from procrun.status import ExitStatus
from procrun.syntax.nodes import Span, Text, Word

SUCCESS = ExitStatus(0)

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@dataclass(frozen=True, slots=True)
class Call:
    """A command of this module with its arguments as they were written."""

    name: Word
    arguments: tuple[Word, ...]
    expansion: Expansion
    """What expands them, in the scope on which the command acts."""

    @property
    def scope(self) -> Scope:
        """The scope on which the command acts."""
        return self.expansion.scope

    def mistake(self, reason: str, hint: str, span: Span | None = None) -> ExpansionError:
        """The error for a wrong use; it points at the whole call unless told otherwise."""
        span = span or Span(self.name.span.start, (self.arguments or (self.name,))[-1].span.end)
        return ExpansionError(reason, text=self.expansion.text, start=span.start, end=span.end, hint=hint)


Action = Callable[[], ExitStatus]


def change_folder(call: Call) -> Action:
    """`cd DIR`."""
    if [word.literal for word in call.arguments] == ["-"]:
        raise call.mistake("`cd -` is not part of the language", 'write cd "$OLDPWD"')
    folders = call.expansion.words(call.arguments)
    if len(folders) != 1:
        raise call.mistake(
            f"`cd` takes one folder, not {len(folders) or 'none'}",
            "quote a name that holds blanks" if folders else "name it; cd ~ is the home folder",
        )
    return partial(_enter, call, folders[0])


def leave(call: Call) -> Action:
    """`exit [N]`; that it ends the list is the interpreter's part."""
    codes = call.expansion.words(call.arguments)
    if len(codes) > 1:
        raise call.mistake(f"`exit` takes one status, not {len(codes)}", "write exit 0 to exit 255, or exit alone")
    if not codes:
        return partial(ExitStatus, call.scope.status)
    if not re.fullmatch(r"[0-9]+", codes[0]) or int(codes[0]) > 255:
        raise call.mistake(f"`{printable(codes[0])}` is not an exit status", "write a number from 0 to 255")
    return partial(ExitStatus, int(codes[0]))


def export(call: Call) -> Action:
    """`export NAME[=VALUE]…`."""
    if not call.arguments:
        raise call.mistake("`export` takes names", "write export NAME or export NAME=value")
    pairs = [pair for word in call.arguments for pair in _exported(call, word)]
    return partial(_export, call.scope, pairs)


def unset(call: Call) -> Action:
    """`unset NAME…`."""
    names = [_checked_name(call, name, word) for word in call.arguments for name in call.expansion.words((word,))]
    return partial(_unset, call.scope, names)


def do_nothing(call: Call) -> Action:
    """`:`, whose words are expanded all the same (`: ${X:=1}`)."""
    call.expansion.words(call.arguments)
    return lambda: SUCCESS


COMMANDS: dict[str, Callable[[Call], Action]] = {
    "cd": change_folder,
    "exit": leave,
    "export": export,
    "unset": unset,
    ":": do_nothing,
}
"""By name, as it is written: quoted or not, but never from a value."""


def _enter(call: Call, folder: str) -> ExitStatus:
    try:
        call.scope.enter(folder)
    except (OSError, ValueError) as error:
        # By its number, because Windows has other words for each of its own.
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        word = call.arguments[0]
        raise FileError(
            f"`{printable(folder)}` cannot be entered: {why}",
            cause=error if isinstance(error, OSError) else None,
            text=call.expansion.text,
            start=word.span.start,
            end=word.span.end,
            hint=f"names start from `{printable(call.scope.folder)}`",
        ) from error
    return SUCCESS


def _exported(call: Call, written: Word) -> list[tuple[str, str | None]]:
    """The variables that an argument of `export` names, each with the value it is to get."""
    pairs: list[tuple[str, str | None]] = []
    for word in call.expansion.without_braces(written):
        split = _split_assignment(word)
        if split is not None:
            name, value = split
            pairs.append((_checked_name(call, name, word), call.expansion.value(value)))
            continue
        names = call.expansion.words((word,))
        for name in names:
            if call.scope.get(_checked_name(call, name, word)) is None:
                raise call.mistake(f"`{name}` is not set", f"give it a value: export {name}=value", word.span)
        pairs += [(name, None) for name in names]
    return pairs


def _split_assignment(word: Word) -> tuple[str, Word] | None:
    """The name and the value's word of `NAME=value`; the `=` must be written, not come from a value."""
    name = ""
    for place, part in enumerate(word.parts):
        if not isinstance(part, Text):
            return None
        before, equals, after = part.value.partition("=")
        name += before
        if equals:
            return name, Word((replace(part, value=after), *word.parts[place + 1 :]), word.span)
    return None


def _checked_name(call: Call, name: str, word: Word) -> str:
    if not _NAME.fullmatch(name):
        raise call.mistake(
            f"`{printable(name)}` is not a variable's name",
            "names have letters, digits and _, and no digit first",
            word.span,
        )
    return name


def _export(scope: Scope, pairs: Sequence[tuple[str, str | None]]) -> ExitStatus:
    for name, value in pairs:
        if value is not None:
            scope.set(name, value)
        scope.export(name)
    return SUCCESS


def _unset(scope: Scope, names: Sequence[str]) -> ExitStatus:
    for name in names:
        scope.unset(name)
    return SUCCESS
