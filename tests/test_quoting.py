"""Quoting and splitting, by tables, by round trips and by what a real `sh` receives."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings, strategies as st

from procrun.quoting import display, in_quotes, printable, quote, quote_word, split
from procrun.syntax import parse
from procrun.syntax.nodes import Simple

Program = Callable[..., list[str]]

needs_sh = pytest.mark.skipif(not shutil.which("sh"), reason="there is no sh here")

# Characters that mean something to some shell, some that do not show, and bytes that are no text.
CHARS = st.one_of(
    st.sampled_from("ab1 '\"\\$`!*?[]{}~#%=|&;<>()^,:@+-./\t\n\r\x1b\x7f\u202eé日\udce9\udc80"), st.characters()
)
WORDS = st.text(CHARS.filter(lambda char: char != "\0" and not is_half_a_pair(char)), max_size=8)
ARGV = st.lists(WORDS, max_size=6)

# No braces: POSIX leaves `{a,b}` alone, but an sh that is bash does not.
FRAGMENTS = [*"ab= \t~#!,:^\n*$|\\'\"", "'a b'", "'\"'", '"a\\"b"', '"\\a\\$"', "\\ ", "\\\n", "\\'", "''", '""', "a#"]


def is_half_a_pair(char: str) -> bool:
    """A surrogate that stands for no byte, which no program can be given."""
    return "\ud800" <= char <= "\udfff" and not "\udc80" <= char <= "\udcff"


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([], ""),
        (["grep", "a b", "notes.txt"], "grep 'a b' notes.txt"),
        (["tr", "a-z", "A-Z"], "tr a-z A-Z"),
        (["date", "+%Y-%m-%d"], "date +%Y-%m-%d"),
        (["a", ""], "a ''"),
        (["a", "it's"], 'a "it\'s"'),
        (["a", "it's $5"], "a 'it'\\''s $5'"),
        (["a", "it's!"], "a 'it'\\''s!'"),
        (["a", "a\nb\t\x1b"], "a 'a\nb\t\x1b'"),
        (
            ["a", "*", "~", "#x", "{a,b}", "!", "$X", "`a`", "a;b", "é"],
            "a '*' '~' '#x' '{a,b}' '!' '$X' '`a`' 'a;b' 'é'",
        ),
        (["if", "if"], "'if' if"),
        (["X=1", "X=1"], "'X=1' X=1"),
        (["X+=1"], "'X+=1'"),
        (["--x=1", "if=/dev/zero"], "--x=1 if=/dev/zero"),
    ],
)
def test_quoting_for_sh(argv: list[str], text: str) -> None:
    assert quote(argv) == text
    assert split(text) == argv


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([], ""),
        (["a", "b c", ""], 'a "b c" ""'),
        (["a", 'say "no"'], 'a "say \\"no\\""'),
        (["a", "C:\\x\\"], "a C:\\x\\"),
        (["a", "C:\\x y\\"], 'a "C:\\x y\\\\"'),
        (["a", 'x\\"y', "\\\\", '\\\\"'], 'a x\\\\\\"y \\\\ \\\\\\\\\\"'),
        (["a", "\t"], 'a "\t"'),
        (["a", "*", "%X%", "a&b", "'"], "a * %X% a&b '"),
        (["a", "b\nc"], "a b\nc"),
    ],
)
def test_quoting_for_programs_of_windows(argv: list[str], text: str) -> None:
    assert quote(argv, "windows") == text
    assert split(text, "windows") == argv


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        # Examples of the Microsoft documentation, "Parsing C command-line arguments".
        ('"a b c" d e', ["a b c", "d", "e"]),
        ('"ab\\"c" "\\\\" d', ['ab"c', "\\", "d"]),
        ('a\\\\\\b d"e f"g h', ["a\\\\\\b", "de fg", "h"]),
        ('a\\\\\\"b c d', ['a\\"b', "c", "d"]),
        ('a\\\\\\\\"b c" d e', ["a\\\\b c", "d", "e"]),
        ('a"b"" c d', ['ab" c d']),
        ("  a \t b  ", ["a", "b"]),
        ('a "" b', ["a", "", "b"]),
        ('a""b', ["ab"]),
        ('a "b c', ["a", "b c"]),
        ('"', [""]),
    ],
)
def test_splitting_as_programs_of_windows_do(text: str, argv: list[str]) -> None:
    assert split(text, "windows") == argv


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("", []),
        (" \t\n ", []),
        ("a  b\tc\nd", ["a", "b", "c", "d"]),
        ("a\\ b 'c'\"d\"e", ["a b", "cde"]),
        ("'' \"\"", ["", ""]),
        ('"a\\$b\\"c\\\\d\\`e\\f\\\ng"', ['a$b"c\\d`e\\fg']),
        ("a\\\nb \\\n c", ["ab", "c"]),
        ("a#b a~ {} x=y !", ["a#b", "a~", "{}", "x=y", "!"]),
        ("\\| '|' \"*\"", ["|", "|", "*"]),
        ("\udce9 é", ["\udce9", "é"]),
    ],
)
def test_splitting_as_sh_does(text: str, argv: list[str]) -> None:
    assert split(text) == argv


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a | b", "`|` is not a plain character to sh, at offset 2 (near a | b); quote it: '|'"),
        ("a *.c", "`*` is not a plain character to sh, at offset 2 (near a *.c); quote it: '*'"),
        ("a $X", "`$` is not a plain character to sh, at offset 2 (near a $X); quote it: '$'"),
        ("#a", "`#` is not a plain character to sh, at offset 0 (near #a); quote it: '#'"),
        ("a ~/b", "`~` is not a plain character to sh, at offset 2 (near a ~/b); quote it: '~'"),
        ("a 'b", "a `'` is never closed, at offset 2 (near a 'b); close it, or write \\' for the character"),
        (
            'a "$X"',
            'a `"` is never closed, or holds a `$` or a backquote, at offset 2 (near a "$X"); '
            "close it, and write \\$ for the character",
        ),
        ("a\\", "a `\\` stands at the very end, at offset 1 (near a\\); write '\\' for the character"),
        ("a\0b", "the text holds a NUL character at offset 1; take it out"),
    ],
)
def test_what_sh_would_not_pass_on_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        split(text)
    assert str(caught.value) == message


def test_misuse_says_what_to_write() -> None:
    with pytest.raises(TypeError) as string:
        quote("a b")
    assert str(string.value) == "a sequence of arguments is wanted, not a string: write quote(['a b'])"
    for wrong in (None, b"a", 5):
        with pytest.raises(TypeError) as none:
            quote(wrong)  # type: ignore[arg-type]
        assert str(none.value) == f"a sequence of arguments is wanted, not {wrong!r}"
    with pytest.raises(TypeError) as word:
        quote(["a", None])  # type: ignore[list-item]
    assert str(word.value) == "argument 1 is None; arguments are text: write str(…), or os.fsdecode(…) for a path"
    for nothing in (None, ["a"], b"a"):
        with pytest.raises(TypeError) as text:
            split(nothing)  # type: ignore[arg-type]
        assert str(text.value) == f"a command line as text is wanted, not {nothing!r}"
    with pytest.raises(ValueError) as nul:
        quote(["a", "b\0"])
    assert str(nul.value) == "'b\\x00' holds a NUL character, which no program can be given; take it out"
    with pytest.raises(ValueError) as dialect:
        split("a", "cmd.com")  # type: ignore[arg-type]
    assert str(dialect.value) == "unknown dialect 'cmd.com': use one of 'posix', 'windows'"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("notes.txt", "notes.txt"),
        ("--colour=auto", "--colour=auto"),
        ("", "''"),
        ("a b", "'a b'"),
        ("if", "'if'"),
        ("{", "'{'"),
        ("!", "'!'"),
        ("!x", "'!x'"),
        ("~", "'~'"),
        ("*.c", "'*.c'"),
        ("#x", "'#x'"),
        ("{a,b}", "'{a,b}'"),
        ("X=1", "'X=1'"),
        ("it's", '"it\'s"'),
        ("it's $5", "'it'\\''s $5'"),
        ("a\nb", "$'a\\nb'"),
        ("it's\ta\\b", "$'it\\'s\\ta\\\\b'"),
        ("\x1b[0m\x01", "$'\\e[0m\\x01'"),
        ("\udce9\udc80x", "$'\\xe9\\x80x'"),
        ("\u202ea\u00a0\U000e0001", "$'\\u202ea\\u00a0\\U000e0001'"),
        ("é日", "'é日'"),
        ("\ud800", "'\ud800'"),
    ],
)
def test_a_word_is_safe_everywhere_and_in_one_line(word: str, text: str) -> None:
    assert quote_word(word) == text
    assert in_quotes(word) == (text if text[0] in "'\"$" else f"'{text}'")


@pytest.mark.parametrize(
    ("argv", "limit", "text"),
    [
        (["grep", "a b"], 300, "grep 'a b'"),
        (["a", "b\nc"], 300, "a $'b\\nc'"),
        (["a" * 20], 11, "aaaa … aaaa"),
        (["a" * 20], 12, "aaaaa … aaaa"),
        (["a" * 12], 12, "a" * 12),
    ],
)
def test_messages_show_commands_in_one_short_line(argv: list[str], limit: int, text: str) -> None:
    assert display(argv, limit) == text
    assert len(display(argv, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext", "plain\ttext"),
        ("\x1b[31mred\x07", "\\e[31mred\\a"),
        ("a\nb\r\0", "a\\nb\\r\\x00"),
        ("\udce9 \u202e \U000e0001 \ud800", "\\xe9 \\u202e \\U000e0001 \\ud800"),
    ],
)
def test_a_terminal_shows_and_does_not_obey(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ARGV)
@example(["'", '"', "\\", ""])
def test_splitting_undoes_quoting(argv: list[str]) -> None:
    assert split(quote(argv)) == argv
    assert split(quote(argv, "windows"), "windows") == argv


@given(st.lists(st.text(st.sampled_from('a \t\\"'), max_size=6), max_size=4))
def test_quoting_for_windows_is_that_of_subprocess(argv: list[str]) -> None:
    assert quote(argv, "windows") == subprocess.list2cmdline(argv)


@given(ARGV, st.integers(10, 60))
def test_display_is_one_line_that_shows(argv: list[str], limit: int) -> None:
    assert display(argv, limit).isprintable()
    assert len(display(argv, limit)) <= limit


@given(WORDS)
@example("if")
@example("X=1")
@example("cd")
def test_the_language_reads_a_quoted_word_as_it_was(word: str) -> None:
    for text in (f"a {quote_word(word)}", f"{quote_word(word)} a", f"a {in_quotes(word)}", quote(["a", word])):
        (stage,) = parse(text).items[0].pipelines[0].stages
        assert isinstance(stage, Simple)
        assert sorted(filter(lambda literal: literal != "a", [w.literal or "" for w in stage.words])) == (
            [word] if word != "a" else []
        )


@needs_sh
@settings(max_examples=60)
@given(ARGV)
def test_sh_receives_what_was_quoted(python_program: Program, argv: list[str]) -> None:
    text = quote([*python_program("echo_argv"), *argv])
    assert received(text) == argv


@needs_sh
@settings(max_examples=100)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join))
@example("a#b #c")
@example('"a\\\nb"')
def test_splitting_gives_what_sh_would_pass_on(python_program: Program, text: str) -> None:
    try:
        argv = split(text)
    except ValueError:
        return
    # To sh a newline between two words also ends the command.
    text = re.sub(r"(?<!\\)\n", "", text)
    if split(text) == argv:
        assert received(f"{quote(python_program('echo_argv'))} {text}") == argv


def received(text: str) -> list[str]:
    done = subprocess.run(["sh", "-c", text], capture_output=True, check=True)
    arguments: list[str] = json.loads(done.stdout)
    return arguments
