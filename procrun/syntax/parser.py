"""Tokens to tree: lists, pipelines, stages, and everything that is refused for where it stands.

Recursive descent over `docs/language.md`; one token is looked at ahead. What can be told
from the text alone is decided here, before anything runs; whether a program of some name
exists is not.
"""

from __future__ import annotations

import re
from typing import NoReturn

from procrun.syntax import words
from procrun.syntax.lexer import REDIRECTIONS, Lexer, Token
from procrun.syntax.nodes import (
    AndOr,
    Assignment,
    Group,
    List,
    Pipeline,
    Redirection,
    Simple,
    Span,
    Stage,
    Word,
)
from procrun.syntax.refusals import (
    RESERVED_WORDS,
    SHELL,
    SPECIAL_COMMANDS,
    refuse,
    refuse_feature,
)

_BARS = ("|", "|&")
_JUNCTIONS = ("&&", "||")
_CLOSERS = {"(": ")", "$(": ")", "{": "}"}
_EMPTY_PARENTHESES = re.compile(r"[ \t]*\)")


def parse(text: str) -> List:
    """The tree of a text in the pipeline language.

    Takes time in proportion to the length of the text. Raises PipelineSyntaxError, whose
    `incomplete` tells whether more text could mend it.

    >>> [stage.words[0].literal for stage in parse("tr a-z A-Z | sort").items[0].pipelines[0].stages]
    ['tr', 'sort']
    """
    nul = text.find("\0")
    if nul >= 0:
        refuse(text, nul, nul + 1, "a NUL character cannot stand in a text", hint="take it out")
    return _Parser(text).read_list("", Span())


class _Parser:
    """Reads a text; `_token` is the token that is looked at, and not taken yet."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lexer = Lexer(text, self.read_list)
        self._token = Token("", 0, 0)
        self._end = 0

    def read_list(self, opener: str, opened: Span) -> List:
        """The list behind a bracket, up to the one that closes it; that stays the current token of a group.

        The lexer calls it for a `$( )` in the middle of a word, and goes on behind the parenthesis.
        """
        outside = self._token, self._end
        closer = _CLOSERS.get(opener, "")
        items = []
        self._token = self._lexer.next()
        self._skip_newlines()
        start = self._token.start
        while not self._at(closer):
            if self._token.kind == "end":
                self._refuse_unclosed(opener, opened)
            items.append(self._and_or())
            if self._token.kind in (";", "newline"):
                self._advance()
                self._skip_newlines()
            elif not self._at(closer):
                if self._token.kind == "end":
                    self._refuse_unclosed(opener, opened)
                self._refuse_here()
        if opener == "$(":
            self._token, self._end = outside
        return List(tuple(items), Span(start, items[-1].span.end if items else start))

    def _and_or(self) -> AndOr:
        pipelines = [self._pipeline(None)]
        operators = []
        while self._token.kind in _JUNCTIONS:
            operator = self._token
            operators.append(operator.kind)
            self._advance()
            self._skip_newlines()
            pipelines.append(self._pipeline(operator))
        return AndOr(tuple(pipelines), tuple(operators), Span(pipelines[0].span.start, self._end))

    def _pipeline(self, before: Token | None) -> Pipeline:
        """A pipeline, behind the `&&` or `||` before it."""
        start = self._token.start
        negated = self._is_bare("!")
        if negated:
            before = self._advance()
            if self._is_bare("!"):
                refuse(self._text, start, self._token.end, "`! !` is not part of the language", hint="leave both out")
        stages = [self._group() if self._begins_group else self._simple(before)]
        bars = []
        while self._token.kind in _BARS:
            bar = self._advance()
            bars.append(bar.kind == "|&")
            self._skip_newlines()
            if self._is_bare("!"):
                reason = "`!` stands before a stage that is not the first"
                hint = "`!` turns the status of the whole pipeline around: write it at the start of the pipeline"
                refuse(self._text, self._token.start, self._token.end, reason, hint=hint)
            stages.append(self._group() if self._begins_group else self._simple(bar))
        if bars:
            for stage in stages:
                self._check_stage(stage)
        return Pipeline(tuple(stages), tuple(bars), negated, Span(start, self._end))

    @property
    def _begins_group(self) -> bool:
        return self._token.kind == "(" or self._is_bare("{")

    def _group(self) -> Group:
        opener = self._token
        bracket = "(" if opener.kind == "(" else "{"
        opened = Span(opener.start, opener.end)
        self._lexer.enter(opener.start, opener.end)
        body = self.read_list(bracket, opened)
        self._lexer.leave()
        closer = self._advance()
        if not body.items:
            reason = f"a group without a command: `{bracket}{_CLOSERS[bracket]}`"
            hint = "write a command in it, if only `:`, which does nothing"
            refuse(self._text, opener.start, closer.end, reason, expected="a command", hint=hint)
        redirections = []
        while self._token.kind in REDIRECTIONS:
            redirections.append(self._redirection())
        if self._token.kind in ("word", "("):
            expected = "a redirection, `|`, `&&`, `||`, `;` or a new line"
            hint = "put `;` or `|` between them"
            refuse(
                self._text, self._token.start, self._token.end, "a group takes no words", expected=expected, hint=hint
            )
        return Group(body, bracket, tuple(redirections), Span(opener.start, self._end))

    def _simple(self, before: Token | None) -> Simple:
        """A command, behind the operator or `!` before it."""
        if self._token.kind != "word" and self._token.kind not in REDIRECTIONS:
            self._refuse_missing_command(before)
        start = self._token.start
        assignments: list[Assignment] = []
        arguments: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            token = self._token
            if token.kind in REDIRECTIONS:
                redirections.append(self._redirection())
            elif token.kind != "word":
                break
            elif not arguments and (assignment := words.assignment(self._text, token.parts, _span(token))):
                assignments.append(assignment)
                self._advance()
            else:
                if not arguments:
                    self._refuse_reserved(token)
                arguments.append(self._argument(token, arguments))
                self._advance()
        if token.kind == "(":
            self._refuse_parenthesis(token, assignments, arguments)
        simple = Simple(tuple(assignments), tuple(arguments), tuple(redirections), Span(start, self._end))
        self._check_simple(simple)
        return simple

    def _argument(self, token: Token, before: list[Word]) -> Word:
        if before and before[0].literal == "export":
            exported = words.exported(self._text, token.parts, _span(token))
            if exported:
                return exported

        def reach(depth: int) -> None:
            self._lexer.reach(token.deepest + depth, token.start, token.end)

        return words.argument(self._text, token.parts, _span(token), reach)

    def _redirection(self) -> Redirection:
        operator = self._advance()
        number, kind = operator.number, operator.kind
        if number not in ("", "0", "1", "2"):
            feature = (f"the descriptor {number}", f"put a blank behind `{number}` if it is an argument; {SHELL}")
            refuse_feature(self._text, operator.start, operator.start + len(number), feature)
        descriptor = int(number) if number else int(not kind.startswith("<"))
        token = self._token
        if token.kind != "word":
            self._refuse_missing_target(operator)
        target = self._copied(operator, token) if kind == ">&" else self._target(operator, token)
        self._advance()
        return Redirection(descriptor, kind, target, Span(operator.start, token.end))

    def _target(self, operator: Token, token: Token) -> Word:
        return words.target(self._text, token.parts, _span(token), operator.kind)

    def _copied(self, operator: Token, token: Token) -> int:
        """The descriptor behind `>&`."""
        if operator.number == "0":
            feature = ("`0>&`", "only stdout (1) and stderr (2) can follow another")
            refuse_feature(self._text, operator.start, operator.end, feature)
        if token.bare in ("1", "2"):
            return int(token.bare)
        if token.bare == "-":
            feature = ("`>&-`, closing a descriptor,", f"write > /dev/null; {SHELL}")
            refuse_feature(self._text, operator.start, token.end, feature)
        if token.bare.isdigit():
            feature = (f"`>&` to the descriptor {token.bare}", f"only 1 and 2 can be followed; {SHELL}")
            refuse_feature(self._text, operator.start, token.end, feature)
        hint = "write &> FILE to send stdout and stderr to a file"
        return refuse_feature(self._text, operator.start, token.end, ("`>&` with a file", hint))

    def _check_simple(self, simple: Simple) -> None:
        """Refuse what cannot stand together in one command."""
        if not simple.words:
            for redirection in simple.redirections:
                if redirection.operator in ("<", "<<<"):
                    reason = f"`{redirection.operator}` stands without a program that reads it"
                    hint = "write a program before it, such as `cat`"
                    refuse(self._text, redirection.span.start, redirection.span.end, reason, hint=hint)
            return
        name = simple.words[0].literal
        if simple.assignments and name in SPECIAL_COMMANDS:
            reason = f"`{name}` takes no assignments before it"
            hint = f"write them as a command of their own: {simple.assignments[0].name}=…; {name} …"
            refuse(self._text, simple.assignments[0].span.start, simple.words[0].span.end, reason, hint=hint)

    def _check_stage(self, stage: Stage) -> None:
        """Refuse what may only stand alone in a pipeline."""
        if isinstance(stage, Group):
            return
        if stage.words:
            name = stage.words[0].literal
            if name in SPECIAL_COMMANDS:
                span = stage.words[0].span
                reason = f"`{name}` acts on the running program, and cannot be a stage of a pipeline"
                hint = f"write `{name} …; a | b`, or put it into a group: `({name} …; a) | b`"
                refuse(self._text, span.start, span.end, reason, hint=hint)
        elif stage.assignments:
            reason, hint = "a stage has assignments and no program", "write them before the pipeline: X=1; a | b"
            refuse(self._text, stage.span.start, stage.span.end, reason, expected="a program", hint=hint)
        else:
            reason, hint = "a stage has redirections and no program", "write a program before them, such as `cat`"
            refuse(self._text, stage.span.start, stage.span.end, reason, expected="a program", hint=hint)

    def _advance(self) -> Token:
        """Take the current token."""
        token = self._token
        self._end = token.end
        self._token = self._lexer.next()
        return token

    def _skip_newlines(self) -> None:
        while self._token.kind == "newline":
            self._token = self._lexer.next()

    def _at(self, closer: str) -> bool:
        return self._token.kind == (closer or "end") or (closer == "}" and self._is_bare("}"))

    def _is_bare(self, word: str) -> bool:
        return self._token.kind == "word" and self._token.bare == word

    def _refuse_reserved(self, token: Token) -> None:
        """Refuse a word of the grammar of shells, or a bracket, where a program's name stands."""
        bare = token.bare
        if bare in RESERVED_WORDS:
            refuse_feature(self._text, token.start, token.end, (f"`{bare}`", RESERVED_WORDS[bare]))
        if bare == "}":
            hint = "a group begins with `{` and a blank; quote it to pass it on: '}'"
            refuse(self._text, token.start, token.end, "`}` closes nothing", expected="a command", hint=hint)
        if bare in ("{", "!"):
            reason, hint = f"`{bare}` stands behind the start of a command", f"quote it to pass it on: '{bare}'"
            refuse(self._text, token.start, token.end, reason, expected="a program", hint=hint)

    def _refuse_parenthesis(self, token: Token, assignments: list[Assignment], arguments: list[Word]) -> NoReturn:
        if not arguments and assignments and assignments[-1].span.end == token.start:
            refuse_feature(
                self._text, token.start, token.end, ("`NAME=(…)`, an array,", f"use several variables; {SHELL}")
            )
        if len(arguments) == 1 and _EMPTY_PARENTHESES.match(self._text, token.end):
            hint = f"put the commands into a file, run by `procrun pipe -f FILE`; {SHELL}"
            refuse_feature(self._text, arguments[0].span.start, token.end, ("`NAME()`, a function,", hint))
        hint = "put `;` or `|` before a group; quote it to pass it on: '('"
        refuse(self._text, token.start, token.end, "`(` begins a group, and stands in a command", hint=hint)

    def _refuse_missing_command(self, before: Token | None) -> NoReturn:
        token = self._token
        if before:
            name = "!" if before.kind == "word" else before.kind
            # On the next line one could follow, but not behind `!`.
            incomplete = token.kind == "end" and name != "!"
            hint = f"write a command behind it, or take the `{name}` out"
            reason = f"no command follows `{name}`"
            refuse(self._text, before.start, before.end, reason, expected="a command", hint=hint, incomplete=incomplete)
        if token.kind == ")":
            self._refuse_here()
        hint = f"write a command before it, or quote it to pass it on: '{token.kind}'"
        reason = f"no command stands before `{token.kind}`"
        refuse(self._text, token.start, token.end, reason, expected="a command", hint=hint)

    def _refuse_missing_target(self, operator: Token) -> NoReturn:
        kind = operator.kind
        expected = {"<<<": "a text", ">&": "1 or 2"}.get(kind, "a file's name")
        hint = f"write {expected} behind it, or quote it to pass it on: '{kind}'"
        refuse(self._text, operator.start, operator.end, f"nothing follows `{kind}`", expected=expected, hint=hint)

    def _refuse_here(self) -> NoReturn:
        """Refuse the current token, which is a parenthesis that closes nothing."""
        hint = "take it out, or quote it to pass it on: ')'"
        refuse(self._text, self._token.start, self._token.end, "`)` closes nothing", hint=hint)

    def _refuse_unclosed(self, opener: str, opened: Span) -> NoReturn:
        closer = _CLOSERS[opener]
        where = "behind `;` or on a new line, where the group ends" if closer == "}" else "where it ends"
        hint = f"write `{closer}` {where}"
        reason = f"`{opener}` is never closed"
        refuse(self._text, opened.start, opened.end, reason, expected=f"`{closer}`", hint=hint, incomplete=True)


def _span(token: Token) -> Span:
    return Span(token.start, token.end)
