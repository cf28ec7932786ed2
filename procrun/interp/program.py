"""From a text to a pipeline that the engine can run.

A single pipeline of plain programs is expanded here and now and becomes a pipeline of
commands. Every other text becomes a pipeline of one function stage, which interprets it
when it runs. Nothing is started here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from procrun.errors import PipelineSyntaxError, ProgramNotFound, ProgramNotRunnable
from procrun.interp import special
from procrun.interp.scope import DEFAULTS, Scope
from procrun.interp.stages import Stages
from procrun.plan import Function, Options, Pipeline
from procrun.syntax import SHELL_WORDS, parse
from procrun.syntax.nodes import List, Node, Pipeline as Written, Simple, Substitution
from procrun.system import which

if TYPE_CHECKING:
    from procrun.engine.function import Context
    from procrun.status import ExitStatus


_NODES = get_args(Node)


def prepare(text: str, arguments: Sequence[str] = (), options: Options = DEFAULTS) -> Pipeline:
    """The pipeline that a text stands for, with arguments for its `$1`, `$2`, ….

    >>> str(prepare("tr a-z $1 | sort", ["A-Z"]))
    'tr a-z A-Z | sort'

    Starts nothing and changes nothing. Raises PipelineSyntaxError; and, for a text that is one
    pipeline of plain programs, already what expanding it and finding its programs raises
    (ExpansionError, PatternError, ProgramNotFound, ProgramNotRunnable). Other texts raise
    those while they run.
    """
    tree = parse(text)
    refuse_shell_words(tree, text, options)
    written = _plain_pipeline(tree)
    # Without the folder that it is to run in, no word has a meaning; the engine says so.
    if written is None or (options.cwd is not None and not os.path.isdir(options.cwd)):
        program = Program(tree, text, tuple(arguments), options)
        return Pipeline((Function(program, text.strip() or ":", wants_context=True),), options, text)
    stages = Stages(text, _never, _never)
    return stages.pipeline(written, Scope(arguments, options), options)


@dataclass(frozen=True, slots=True)
class Program:
    """A text that is more than one plain pipeline, as the function of a stage."""

    tree: List
    """The parsed text."""
    text: str
    """The text itself, for the places in errors."""
    arguments: tuple[str, ...]
    """Its `$1`, `$2`, …."""
    options: Options
    """The options of the run; folder and environment are where the text starts from."""

    def __call__(self, context: Context) -> ExitStatus:
        """Run it. Raises the error that ended it, if it was one of the text's own."""
        from procrun.interp.interpret import Interpreter, Settings

        settings = Settings(self.text, context.descriptors[2], self.options.pipefail)
        return Interpreter(settings, context).run_whole(self.tree, Scope(self.arguments, self.options))


def refuse_shell_words(tree: List, text: str, options: Options) -> None:
    """Refuse the names that only a shell can mean, unless there is a program of that name."""
    calls = [node.words[0] for node in walk(tree) if isinstance(node, Simple) and node.words]
    used = [word for word in calls if word.literal in SHELL_WORDS]
    if not used:
        return
    scope = Scope((), options)
    for word in used:
        name = word.literal or ""
        try:
            which.find(name, path=scope.search_path, folder=scope.folder, extensions=scope.get("PATHEXT"))
        except ProgramNotFound:
            raise PipelineSyntaxError(
                f"`{name}` is a command of the shell, not a program",
                text=text,
                start=word.span.start,
                end=word.span.end,
                hint=SHELL_WORDS[name],
            ) from None
        except ProgramNotRunnable:
            continue  # There is one; running it will say what is wrong with it.


def walk(node: Any) -> Iterator[Any]:
    """A node of the tree and everything in it, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += reversed(node)
        elif isinstance(node, _NODES):
            yield node
            # Their slots are their fields; `dataclasses.fields` takes four times as long.
            waiting += [getattr(node, name) for name in reversed(node.__slots__) if name != "span"]


def _plain_pipeline(tree: List) -> Written | None:
    """The only pipeline of a text, if it has nothing but programs in it; else None."""
    if len(tree.items) != 1 or tree.items[0].operators:
        return None
    (written,) = tree.items[0].pipelines
    if written.negated or not all(_is_plain(stage) for stage in written.stages):
        return None
    return None if any(isinstance(node, Substitution) for node in walk(written)) else written


def _is_plain(stage: Any) -> bool:
    return isinstance(stage, Simple) and bool(stage.words) and stage.words[0].literal not in special.COMMANDS


def _never(*_: Any) -> NoReturn:
    raise AssertionError("a plain pipeline has neither groups nor $( )")
