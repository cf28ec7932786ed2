"""What the language leaves out: every feature by its name, with the place and what to do instead."""

from __future__ import annotations

import pytest

from procrun.errors import PipelineSyntaxError
from procrun.syntax import SHELL_WORDS, parse
from procrun.syntax.refusals import REFUSED_OPERATORS, REFUSED_PARAMETERS, RESERVED_WORDS, SPECIAL_COMMANDS

SHELL = "`--shell` hands the text to the system's own shell"

CHOICE = f"write a && b || c; quote the word if it is a program's name; {SHELL}"
LOOP = f"let a program or Python repeat things; quote the word if it is a program's name; {SHELL}"
HERE = "write <<< $'first line\\nsecond line'"
BACKQUOTE = "write $(…) for the output of a command, or \\` for the character"
ARITHMETIC = f"`expr 1 + 2` calculates; for a group in $( ) write `$( (`; {SHELL}"
BACKGROUND = f"join commands with `;` or `&&`; quote it to pass it on: '&'; {SHELL}"
INTO_FILE = f"put the commands into a file, run by `procrun pipe -f FILE`; {SHELL}"
BLANK = f"put a blank behind it if it is an argument; {SHELL}"
STORED = f"write `a | b`, or put the output into a file first; {SHELL}"
TEE = f"write `a | b`; `a | tee FILE | b` also keeps it in a file; {SHELL}"
CASE = f"write one `;`; {SHELL}"


def message_of(text: str) -> str:
    with pytest.raises(PipelineSyntaxError) as caught:
        parse(text)
    assert not caught.value.incomplete
    assert caught.value.exit_code == 2
    return str(caught.value)


def refused(text: str, marked: str, name: str, hint: str) -> str:
    """The message about a feature, with carets under what is marked."""
    column = text.index(marked)
    return f"{name} is not part of the language\n  {text}\n  {' ' * column}{'^' * len(marked)}\n  {hint}"


@pytest.mark.parametrize(
    ("text", "marked", "name", "hint"),
    [
        ("a & b", "&", "`&`, running in the background,", BACKGROUND),
        ("a &", "&", "`&`, running in the background,", BACKGROUND),
        ("cat <<E", "<<", "`<<`, a here-document,", HERE),
        ("cat <<-E", "<<-", "`<<-`, a here-document,", HERE),
        ("a `b`", "`", "a backquote", BACKQUOTE),
        ('a "b `c`"', "`", "a backquote", BACKQUOTE),
        ("a ${X:-`b`}", "`", "a backquote", BACKQUOTE),
        ('a "${X%`b`}"', "`", "a backquote", BACKQUOTE),
        ("a $((1 + 1))", "$((", "`$((…))`, arithmetic,", ARITHMETIC),
        ('a "$((1))"', "$((", "`$((…))`, arithmetic,", ARITHMETIC),
        ("a $((b); c)", "$((", "`$((…))`, arithmetic,", ARITHMETIC),
        ("((1))", "((", "`((`, arithmetic,", f"for a group in a group write `( (`; {SHELL}"),
        ("((a); b)", "((", "`((`, arithmetic,", f"for a group in a group write `( (`; {SHELL}"),
        ("[[ a ]]", "[[", "`[[`", f"write `[ … ]`, which is a program; {SHELL}"),
        ("a <(b)", "<(", "`<(…)`, a process as a file,", STORED),
        ("a > >(b)", ">(", "`>(…)`, a process as a file,", TEE),
        ("a <> f", "<>", "`<>`, a file opened for reading and writing,", f"write < FILE or > FILE; {SHELL}"),
        ("a <&0", "<&", "`<&`, stdin from another descriptor,", f"leave it out, or write < FILE; {SHELL}"),
        ("a >&-", ">&-", "`>&-`, closing a descriptor,", f"write > /dev/null; {SHELL}"),
        ("a 2>&-", "2>&-", "`>&-`, closing a descriptor,", f"write > /dev/null; {SHELL}"),
        ("a >& f", ">& f", "`>&` with a file", "write &> FILE to send stdout and stderr to a file"),
        ("a >&$X", ">&$X", "`>&` with a file", "write &> FILE to send stdout and stderr to a file"),
        ("a >&'1'", ">&'1'", "`>&` with a file", "write &> FILE to send stdout and stderr to a file"),
        ("a >&0", ">&0", "`>&` to the descriptor 0", f"only 1 and 2 can be followed; {SHELL}"),
        ("a 2>&3", "2>&3", "`>&` to the descriptor 3", f"only 1 and 2 can be followed; {SHELL}"),
        ("a 0>&1", "0>&", "`0>&`", "only stdout (1) and stderr (2) can follow another"),
        ("a 3> f", "3", "the descriptor 3", f"put a blank behind `3` if it is an argument; {SHELL}"),
        ("a 10>&1", "10", "the descriptor 10", f"put a blank behind `10` if it is an argument; {SHELL}"),
        ("a 3< f", "3", "the descriptor 3", f"put a blank behind `3` if it is an argument; {SHELL}"),
        ("a 00> f", "00", "the descriptor 00", f"put a blank behind `00` if it is an argument; {SHELL}"),
        ("a {fd}> f", "{fd}", "`{fd}`, a descriptor in a variable,", BLANK),
        ("a $$", "$$", "`$$`, the process id of a shell,", f"`mktemp` makes a name that nothing else has; {SHELL}"),
        ("a $!", "$!", "`$!`, the last background process,", f"there are no background processes; {SHELL}"),
        ("a $*", "$*", "`$*`", "write $@, which becomes one word for each argument"),
        ('a "$*"', "$*", "`$*`", "write $@, which becomes one word for each argument"),
        ("a $-", "$-", "`$-`, the options of a shell,", SHELL),
        ("a $0", "$0", "`$0`, the name of a shell,", "write the name itself"),
        ("a ${00}", "${00", "`$0`, the name of a shell,", "write the name itself"),
        ("a ${$}", "${$", "`$$`, the process id of a shell,", f"`mktemp` makes a name that nothing else has; {SHELL}"),
        ('a $"b"', '$"', '`$"…"`, a translated text,', 'write "…"'),
        ("a ${X:1:2}", "${X:", "`${NAME:…}`, a part of a value,", f"`cut -c` takes parts; {SHELL}"),
        ("a ${X/b/c}", "${X/", "`${NAME/…}`, replacing,", f"`sed` replaces; {SHELL}"),
        ("a ${X^^}", "${X^", "`${NAME^}`, changing to capitals,", f"`tr a-z A-Z` changes them; {SHELL}"),
        ("a ${X,}", "${X,", "`${NAME,}`, changing to small letters,", f"`tr A-Z a-z` changes them; {SHELL}"),
        ("a ${X[0]}", "${X[", "`${NAME[…]}`, an array,", f"use several variables; {SHELL}"),
        ("a ${X@Q}", "${X@", "`${NAME@…}`", SHELL),
        ("a ${!X}", "${!", "`${!NAME}`, a variable that names another,", SHELL),
        ("a ;; b", ";;", "`;;`, of `case`,", CASE),
        ("a ;& b", ";&", "`;&`, of `case`,", CASE),
        ("a ;;& b", ";;&", "`;;&`, of `case`,", CASE),
        ("f() { a; }", "f(", "`NAME()`, a function,", INTO_FILE),
        ("f ( ) (a)", "f (", "`NAME()`, a function,", INTO_FILE),
        ("X=(a b)", "(", "`NAME=(…)`, an array,", f"use several variables; {SHELL}"),
        ("! ! a", "! !", "`! !`", "leave both out"),
        ("a &\\", "&", "`&`, running in the background,", BACKGROUND),
        *((f"{name} a", name, f"`{name}`", CHOICE) for name in ("if", "then", "else", "elif", "fi", "case", "esac")),
        *((f"{name} a", name, f"`{name}`", LOOP) for name in ("for", "while", "until", "do", "done", "select")),
        ("a | if b", "if", "`if`", CHOICE),
        ("a; while b", "while", "`while`", LOOP),
        ("X=1 for", "for", "`for`", LOOP),
        ("> f if", "if", "`if`", CHOICE),
        ("a $(do b)", "do", "`do`", LOOP),
        ("function f", "function", "`function`", INTO_FILE),
        ("time a", "time", "`time`", f"`procrun pipe --verbose` tells what each stage used; {SHELL}"),
        ("coproc a", "coproc", "`coproc`", f"in Python, start() gives both streams of a run; {SHELL}"),
    ],
)  # fmt: skip
def test_features_of_shells_are_refused_by_name(text: str, marked: str, name: str, hint: str) -> None:
    assert message_of(text) == refused(text, marked, name, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a | ! b",
            "`!` stands before a stage that is not the first\n  a | ! b\n      ^\n"
            "  `!` turns the status of the whole pipeline around: write it at the start of the pipeline",
        ),
        (
            "a | X=1",
            "a stage has assignments and no program\n  a | X=1\n      ^^^\n  expected a program\n"
            "  write them before the pipeline: X=1; a | b",
        ),
        (
            "X=1 > f | a",
            "a stage has assignments and no program\n  X=1 > f | a\n  ^^^^^^^\n  expected a program\n"
            "  write them before the pipeline: X=1; a | b",
        ),
        (
            "> f | a",
            "a stage has redirections and no program\n  > f | a\n  ^^^\n  expected a program\n"
            "  write a program before them, such as `cat`",
        ),
        (
            "< f",
            "`<` stands without a program that reads it\n  < f\n  ^^^\n  write a program before it, such as `cat`",
        ),
        (
            "> g <<< a",
            "`<<<` stands without a program that reads it\n  > g <<< a\n      ^^^^^\n"
            "  write a program before it, such as `cat`",
        ),
        (
            "X=1 < f",
            "`<` stands without a program that reads it\n  X=1 < f\n      ^^^\n"
            "  write a program before it, such as `cat`",
        ),
        *(
            (
                f"{name} a | b",
                f"`{name}` acts on the running program, and cannot be a stage of a pipeline\n  {name} a | b\n"
                f"  {'^' * len(name)}\n  write `{name} …; a | b`, or put it into a group: `({name} …; a) | b`",
            )
            for name in sorted(SPECIAL_COMMANDS)
        ),
        (
            "a | 'c'd",
            "`cd` acts on the running program, and cannot be a stage of a pipeline\n  a | 'c'd\n      ^^^^\n"
            "  write `cd …; a | b`, or put it into a group: `(cd …; a) | b`",
        ),
        (
            "X=1 Y=2 > f exit 3",
            "`exit` takes no assignments before it\n  X=1 Y=2 > f exit 3\n  ^^^^^^^^^^^^^^^^\n"
            "  write them as a command of their own: X=…; exit …",
        ),
    ],
)
def test_what_may_only_stand_elsewhere(text: str, message: str) -> None:
    assert message_of(text) == message


@pytest.mark.parametrize("name", sorted(RESERVED_WORDS))
def test_a_reserved_word_is_one_only_where_a_command_begins(name: str) -> None:
    for text in (f"a {name}", f"'{name}' a", f"\\{name} a", f"{name}x a", f"X={name} a", f"a > {name}", f"a ''{name}"):
        parse(text)


def test_quoted_operators_are_characters() -> None:
    for operator in REFUSED_OPERATORS:
        parse(f"a '{operator}' \"{operator}\"")
        parse("a " + "".join(f"\\{char}" for char in operator))
    for name in REFUSED_PARAMETERS:
        parse(f"a '${name}' \\${name}")


def test_names_that_only_a_shell_can_mean_have_a_hint() -> None:
    names = """set shift read eval exec source . trap alias local readonly return break continue wait umask ulimit type
    hash jobs fg bg shopt declare let pushd popd typeset"""
    assert set(SHELL_WORDS) == set(names.split())
    assert all(hint.endswith(SHELL) for hint in SHELL_WORDS.values())
    for name in SHELL_WORDS:
        parse(f"{name} a")  # Whether there is a program of that name, the text alone does not tell.


def test_every_hint_says_what_to_do() -> None:
    tables = (RESERVED_WORDS, SHELL_WORDS, dict(REFUSED_OPERATORS.values()), dict(REFUSED_PARAMETERS.values()))
    assert all(hint and not hint.endswith(".") for table in tables for hint in table.values())
