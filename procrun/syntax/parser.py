"""Text to tree, by recursive descent over the grammar of docs/language.md.

Every refusal names the feature, points at it and says what to write instead. Nothing is
looked up, expanded or started here.
"""

from __future__ import annotations

from typing import NoReturn

from procrun.syntax.lexer import ASSIGNMENT, SHELL, Lexer
from procrun.syntax.nodes import (
    AndOr,
    Arguments,
    Assignment,
    Group,
    List,
    Pipeline,
    Simple,
    Span,
    Stage,
    Word,
)
from procrun.syntax.reader import Reader
from procrun.syntax.redirections import Redirections
from procrun.syntax.words import RESERVED_WORDS, SPECIAL_COMMANDS

_REFUSED_OPERATORS = {
    ";;": (";;", "the word `case` is not part of the language"),
    ";": (";", "a command must stand before `;`"),
    "||": ("||", "a pipeline must stand before `||`"),
    "|": ("|", "a command must stand before `|`"),
    "&&": ("&&", "a pipeline must stand before `&&`"),
    ")": (")", "there is no `(` that it could close"),
    "}": ("}", "there is no `{` that it could close"),
}


def parse(text: str) -> List:
    """The tree of a text of the pipeline language.

    Takes time in proportion to the length of the text. Raises PipelineSyntaxError, and nothing else.

    >>> [stage.words[0].literal for stage in parse("tr a-z A-Z | sort").items[0].pipelines[0].stages]
    ['tr', 'sort']
    """
    return _Parser(text).program()


class _Parser:
    def __init__(self, text: str) -> None:
        self.reader = Reader(text)
        self.lexer = Lexer(self.reader, self.substituted)
        self.redirections = Redirections(self.reader, self.lexer)

    def program(self) -> List:
        body = self.list_until("")
        reader = self.reader
        if not reader.is_at_end:
            self.refuse_operator()
        return body

    def substituted(self, start: int) -> List:
        """The list of a `$( )`, up to and with its parenthesis."""
        body = self.list_until(")")
        self.close(")", "$(", start)
        return body

    def list_until(self, end: str) -> List:
        """A list; it ends before `end`, or where no further command begins."""
        reader = self.reader
        reader.skip_lines()
        start = reader.at
        items = []
        while not reader.is_at_end and not (end and self.sees_end(end)):
            items.append(self.and_or())
            reader.skip_blanks()
            if not reader.is_at_line_end and not self.takes_semicolon():
                break
            reader.skip_lines()
        return List(tuple(items), Span(start, reader.at))

    def sees_end(self, end: str) -> bool:
        if end == "}":
            return self.reader.sees("}") and self.ends_word(self.reader.at + 1)
        return self.reader.sees(end)

    def takes_semicolon(self) -> bool:
        return not self.reader.sees(";;") and self.reader.takes(";")

    def and_or(self) -> AndOr:
        reader = self.reader
        start = reader.at
        pipelines = [self.pipeline()]
        operators = []
        while reader.sees("&&") or reader.sees("||"):
            operator = reader.text[reader.at : reader.at + 2]
            at = reader.at
            reader.at += 2
            operators.append(operator)
            self.command_follows(operator, at)
            pipelines.append(self.pipeline())
        return AndOr(tuple(pipelines), tuple(operators), Span(start, pipelines[-1].span.end))

    def pipeline(self) -> Pipeline:
        reader = self.reader
        start = reader.at
        negated = self.takes_bang()
        if negated and self.sees_bang():
            reader.fail("`! !` is not part of the language", start, reader.at + 1, hint="leave both out")
        stages = [self.stage()]
        bars = []
        while reader.sees("|") and not reader.sees("||"):
            at = reader.at
            bar = "|&" if reader.sees("|&") else "|"
            reader.at += len(bar)
            bars.append(bar == "|&")
            self.command_follows(bar, at)
            if self.sees_bang():
                reader.fail(
                    "`!` stands before a stage that is not the first",
                    reader.at,
                    hint="`!` turns the status of a whole pipeline around: write it before the first stage",
                )
            stages.append(self.stage())
        if len(stages) > 1:
            for stage in stages:
                self.check_stage(stage)
        return Pipeline(tuple(stages), tuple(bars), negated, Span(start, stages[-1].span.end))

    def sees_bang(self) -> bool:
        return self.reader.sees("!") and self.ends_word(self.reader.at + 1)

    def takes_bang(self) -> bool:
        if not self.sees_bang():
            return False
        self.reader.at += 1
        self.reader.skip_blanks()
        return True

    def command_follows(self, operator: str, at: int) -> None:
        """Step to the command behind an operator, which may stand on a later line."""
        reader = self.reader
        reader.skip_lines()
        if reader.is_at_end:
            reader.fail(
                f"there is nothing behind `{operator}`",
                at,
                at + len(operator),
                expected="a command",
                hint=f"write a command, or take the `{operator}` out",
                incomplete=True,
            )

    def check_stage(self, stage: Stage) -> None:
        """Refuse what may only stand alone in a pipeline."""
        if isinstance(stage, Group):
            return
        span = stage.span
        if not stage.words:
            what = "assignments" if stage.assignments else "redirections"
            self.reader.fail(
                f"a stage has {what} and no program",
                span.start,
                span.end,
                hint="what a stage sets is gone when it ends; write it before the pipeline: X=1; a | b"
                if stage.assignments
                else "write a program, or `:`, before the redirection",
            )
        name = stage.words[0].literal
        if name in SPECIAL_COMMANDS:
            self.reader.fail(
                f"`{name}` stands in a pipeline with other stages",
                span.start,
                span.end,
                hint=f"it acts on the running program: write {name} …; a | b, or in a group ({name} …; a) | b",
            )

    def stage(self) -> Stage:
        reader = self.reader
        if reader.sees("(("):
            reader.fail(
                "`((`, arithmetic, is not part of the language",
                reader.at,
                reader.at + 2,
                hint=f"for a group in a group write `( (`; {SHELL}",
            )
        if reader.sees("("):
            return self.group("(", ")")
        if reader.sees("{") and self.ends_word(reader.at + 1):
            return self.group("{", "}")
        return self.simple()

    def group(self, bracket: str, end: str) -> Group:
        reader = self.reader
        start = reader.at
        reader.at += 1
        with reader.nested(start):
            body = self.list_until(end)
            self.close(end, bracket, start)
        if not body.items:
            reader.fail(
                f"the group `{bracket} {end}` is empty", start, reader.at, expected="a command", hint="`:` does nothing"
            )
        redirections = []
        reader.skip_blanks()
        while (redirection := self.redirections.read()) is not None:
            redirections.append(redirection)
            reader.skip_blanks()
        if self.lexer.at_word() or reader.sees("("):
            reader.fail(
                "a word stands behind a group",
                reader.at,
                expected="a redirection, `|`, `;`, `&&`, `||` or a new line",
                hint="put `;` or `|` between them",
            )
        return Group(body, bracket, tuple(redirections), Span(start, reader.at))

    def close(self, end: str, bracket: str, start: int) -> None:
        reader = self.reader
        if reader.is_at_end:
            hint = "close it with `}`, behind a `;` or on a new line" if end == "}" else f"close it with `{end}`"
            reader.fail(f"`{bracket}` is not closed", start, start + len(bracket), hint=hint, incomplete=True)
        if not reader.takes(end):
            self.refuse_operator()

    def simple(self) -> Simple:
        reader = self.reader
        start = end = reader.at
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections = []
        while True:
            redirection = self.redirections.read()
            if redirection is not None:
                redirections.append(redirection)
            elif not self.lexer.at_word():
                break
            elif not words and ASSIGNMENT.match(reader.text, reader.at):
                assignments.append(self.assignment())
            else:
                words.append(self.word(words))
            end = reader.at
            reader.skip_blanks()
        if reader.sees("(") and words:
            reader.fail(
                "`(` stands behind a word",
                reader.at,
                expected="a word, a redirection or the end of the command",
                hint="functions are not part of the language; quote the parenthesis to pass it on: '('",
            )
        made = Simple(tuple(assignments), tuple(words), tuple(redirections), Span(start, end))
        if end == start:
            self.refuse_operator()
        self.check_simple(made)
        return made

    def word(self, before: list[Word]) -> Word:
        """A word of a command: its program's name or an argument."""
        reader = self.reader
        if not before:
            self.refuse_reserved()
        elif before[0].literal == "export":
            name = ASSIGNMENT.match(reader.text, reader.at)
            if name:
                reader.at = name.end()
                return self.lexer.assigned(name.group())
        return self.lexer.word()

    def assignment(self) -> Assignment:
        reader = self.reader
        start = reader.at
        found = ASSIGNMENT.match(reader.text, start)
        assert found is not None
        reader.at = found.end()
        value = self.lexer.assigned()
        if value.parts and isinstance(value.parts[0], Arguments):
            reader.fail(
                "`$@` stands in an assignment", value.span.start, value.span.end, hint="name one argument, such as $1"
            )
        if not value.parts and reader.sees("("):
            reader.fail("an array is not part of the language", start, reader.at + 1, hint=SHELL)
        return Assignment(found[1], value, Span(start, reader.at))

    def refuse_reserved(self) -> None:
        """Refuse a word of the shell's grammar where a command's name stands."""
        reader = self.reader
        end = reader.at
        while not self.ends_word(end):
            end += 1
        name = reader.text[reader.at : end]
        if name in RESERVED_WORDS:
            reader.fail(f"`{name}` is not part of the language", reader.at, end, hint=RESERVED_WORDS[name])
        if name == "}":
            self.refuse_operator()

    def check_simple(self, made: Simple) -> None:
        reads = [item for item in made.redirections if item.operator in ("<", "<<<")]
        if not made.words and reads:
            reader_hint = "write a program that reads it, such as `cat`"
            self.reader.fail(
                f"`{reads[0].operator}` stands without a program",
                reads[0].span.start,
                reads[0].span.end,
                hint=reader_hint,
            )
        name = made.words[0].literal if made.words else None
        if made.assignments and name in SPECIAL_COMMANDS:
            self.reader.fail(
                f"assignments stand before `{name}`",
                made.span.start,
                made.words[0].span.end,
                hint=f"`{name}` is no program, so write them as a command of their own: X=1; {name} …",
            )

    def refuse_operator(self) -> NoReturn:
        """Say what is wrong where no command begins, or one does not end."""
        reader = self.reader
        at = reader.at
        if reader.sees("&") and not reader.sees("&&"):
            reader.fail(
                "`&`, running in the background, is not part of the language",
                at,
                hint=f"in Python start() runs on its own; quote the character to pass it on: '&'; {SHELL}",
            )
        for operator, (name, hint) in _REFUSED_OPERATORS.items():
            if reader.sees(operator):
                reader.fail(f"`{name}` stands where a command is expected", at, at + len(operator), hint=hint)
        reader.fail("that cannot stand here", at, expected="a command")

    def ends_word(self, at: int) -> bool:
        text = self.reader.text
        return at >= len(text) or text[at] in " \t\n;|&<>()" or text.startswith("\r\n", at)
