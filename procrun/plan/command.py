"""The stages of a pipeline: a program with its arguments, or a Python function.

Both are frozen values that do nothing until a verb (`run`, `read`, `capture`,
`lines`, `start`) hands them to the engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Union

from procrun.plan.options import Options
from procrun.plan.pipeline import Pipeline, Runnable
from procrun.plan.redirect import Redirect

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from procrun.plan.options import OptionKeywords

Argument = Union[str, "os.PathLike[str]", int, float]


@dataclass(frozen=True)
class Command(Runnable):
    """A program and its arguments; nothing of it is ever read by a shell.

    >>> from procrun import cmd
    >>> str(cmd("grep", "a b", "notes.txt"))
    "grep 'a b' notes.txt"
    """

    argv: tuple[str, ...]
    """The program's name or path, and its arguments."""

    options: Options = field(default=Options(), repr=False)
    """The command's own options; `Options` lists them."""

    redirects: tuple[Redirect, ...] = field(default=(), repr=False)
    """Redirections in the order in which they act, as a text gives them."""

    executable: str | None = field(default=None, repr=False)
    """The file to run, where it was looked up already; else found by `argv[0]`."""

    with_stderr: bool = field(default=False, repr=False)
    """Whether stderr goes where stdout goes after all redirections (`|&`)."""

    place: tuple[int, int] | None = field(default=None, repr=False, compare=False)
    """Offsets of the program's word in the pipeline's text, for error messages; None without a text."""

    def with_(self, **changes: Unpack[OptionKeywords]) -> Command:
        """This command with other options."""
        return replace(self, options=self.options.with_(**changes))

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline whose only stage is this command."""
        return Pipeline.of(self)

    def __str__(self) -> str:
        from procrun.quoting import quote_word

        return " ".join([*map(quote_word, self.argv), *(redirect.show() for redirect in self.redirects)])


@dataclass(frozen=True)
class Function(Runnable):
    """A Python function as a stage; it runs in a thread of this process.

    It is called with three binary streams, `function(stdin, stdout, stderr)`. An exception
    fails the run and comes out of the verb as the cause of its error; SystemExit gives an exit
    code, and so does an `ExitStatus` that is returned. It cannot be killed: when the run is
    stopped its streams end, and a function that then goes on is reported.
    """

    function: Callable[..., Any]
    name: str = ""
    """What messages call it; the function's own name unless given."""
    options: Options = field(default=Options(), repr=False)
    redirects: tuple[Redirect, ...] = field(default=(), repr=False)
    with_stderr: bool = field(default=False, repr=False)
    wants_context: bool = field(default=False, repr=False)
    """Whether the engine calls it with its `Context` instead of three streams."""

    def __post_init__(self) -> None:
        if not self.wants_context and not _takes(self.function, 3):
            raise TypeError(
                f"a stage's function takes three binary streams (stdin, stdout, stderr), and `{self}` does not; "
                f"for a function of a line of text write each_line({self})"
            )

    def with_(self, **changes: Unpack[OptionKeywords]) -> Function:
        """This function with other options."""
        return replace(self, options=self.options.with_(**changes))

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline whose only stage is this function."""
        return Pipeline.of(self)

    def __str__(self) -> str:
        return self.name or getattr(self.function, "__qualname__", repr(self.function))


@dataclass(frozen=True)
class EachLine:
    """Calls a function with each line and writes what it returns; see `each_line`."""

    function: Callable[[str], str | None]
    encoding: str
    errors: str

    def __call__(self, stdin: Any, stdout: Any, stderr: Any) -> None:
        for line in stdin:
            body = line.removesuffix(b"\n")
            answer = self.function(body.decode(self.encoding, self.errors))
            if answer is not None:
                if not isinstance(answer, str):
                    raise TypeError(f"a function of each_line gives the line to write, or None, and not {answer!r}")
                stdout.write(answer.encode(self.encoding, self.errors) + line[len(body) :])


def cmd(program: str | os.PathLike[str], *args: Argument, **options: Unpack[OptionKeywords]) -> Command:
    """A command: a program and its arguments, as a value that can be kept, shared and combined.

    Arguments may be text, paths and numbers. Nothing is started and nothing is looked up
    before a verb runs it.

    >>> (cmd("printf", "b\\na\\n") | cmd("sort")).read()
    'a\\nb'

    Raises TypeError for an argument of another type, and ValueError for a NUL in one,
    which no operating system can pass on.
    """
    argv = tuple(_argument(value, place) for place, value in enumerate((program, *args)))
    if not argv[0]:
        raise ValueError("the name of the program is empty; argument 0 is the program to run")
    return Command(argv, Options().with_(**options))


def each_line(
    function: Callable[[str], str | None], *, encoding: str = "utf-8", errors: str = "surrogateescape"
) -> Function:
    """A stage that calls a function with each line of text and writes the line it returns.

    The line comes without its newline; the answer None drops it. Memory is bounded by the
    longest line. Raises TypeError for what is no function of one argument, and ValueError for an
    unknown encoding or one without single bytes for newlines (UTF-16).

    >>> (cmd("printf", "b\\na\\n") | each_line(str.upper)).read()
    'B\\nA'
    """
    name = getattr(function, "__qualname__", repr(function))
    if not callable(function) or not _takes(function, 1):
        raise TypeError(f"each_line takes a function of one line of text, and `{name}` is none")
    Options().with_(encoding=encoding, errors=errors)  # Refuses names that no codec has.
    if "\n".encode(encoding) != b"\n":
        raise ValueError(
            f"each_line takes lines apart at the byte of a newline, and {encoding} has others; decode in a function of "
            "the three streams, with io.TextIOWrapper"
        )
    return Function(EachLine(function, encoding, errors), f"each_line({name})")


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with so many arguments, as far as it tells."""
    import inspect

    try:
        signature = inspect.signature(function)
    except ValueError:
        return True  # Some of the built-in ones do not tell.
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _argument(value: Any, place: int) -> str:
    """An argument as text; only types whose text is unmistakable are taken."""
    if isinstance(value, (str, os.PathLike)):
        # What a member of an Enum says of itself is not its value.
        text = str.__str__(os.fsdecode(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        text = f"{value:d}"
    elif isinstance(value, float):
        text = str(value)
    elif isinstance(value, (list, tuple)):
        raise TypeError(f"argument {place} is a {type(value).__name__}; write a `*` before it to pass its items")
    elif isinstance(value, bytes):
        raise TypeError(
            f"argument {place} is {value!r}; arguments are text: write os.fsdecode(…), which keeps each byte"
        )
    else:
        raise TypeError(f"argument {place} is {value!r}; arguments are text, paths or numbers: write str(…)")
    if "\0" in text:
        raise ValueError(f"argument {place} holds a NUL character, which no program can be given: {text!r}")
    return text
