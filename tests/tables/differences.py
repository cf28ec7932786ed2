"""Where procrun differs from bash on purpose: what each of the two must do, and why they differ.

A row is the program, the reason, bash's outcome, procrun's outcome, and what the program is
given. An outcome is the stdout, the status, and the files that are there afterwards beyond
those given, or that changed; without files nothing was touched.
"""

from __future__ import annotations

from typing import Any

NO_SPLITTING = "values are never split"
NO_GLOBBING = "values are never patterns"
UNSET = "an unset variable is an error"
NO_MATCH = "a pattern that matches nothing is an error"
PIPEFAIL = "a pipeline fails if any stage fails"
FIRST_FOUND = "output files open after every program was found"
INPUTS_FIRST = "no file is emptied before all could be opened"
NOT_LOST = "a file is not emptied that is to be read"
REFUSED = "not part of the language: refused before anything runs"

KEEP = {"files": {"keep": "old\n"}}
HELLO = {"files": {"hello": "#!/bin/sh\necho hello\n"}, "runnable": ["hello"]}

Outcome = tuple[str, int] | tuple[str, int, dict[str, str]]

ROWS: list[tuple[str, str, Outcome, Outcome, dict[str, Any]]] = [
    # values
    ("X='a b'; printf '<%s>' $X", NO_SPLITTING, ("<a><b>", 0), ("<a b>", 0), {}),
    ("X='a\nb'; printf '<%s>' $X", NO_SPLITTING, ("<a><b>", 0), ("<a\nb>", 0), {}),
    ("X=; printf '<%s>' a $X b", NO_SPLITTING, ("<a><b>", 0), ("<a><><b>", 0), {}),
    ("printf '<%s>' $1", NO_SPLITTING, ("<a><b>", 0), ("<a b>", 0), {"args": ["a b"]}),
    ("printf '<%s>' $(printf 'a b')", NO_SPLITTING, ("<a><b>", 0), ("<a b>", 0), {}),
    ("printf '<%s>' a $(true) b", NO_SPLITTING, ("<a><b>", 0), ("<a><><b>", 0), {}),
    ("printf '<%s>' $(printf 'a\\nb\\n')", NO_SPLITTING, ("<a><b>", 0), ("<a\nb>", 0), {}),
    ("printf '<%s>' $@", NO_SPLITTING, ("<a><b>", 0), ("<a b><>", 0), {"args": ["a b", ""]}),
    ("printf '<%s>' ${X:-a b}", NO_SPLITTING, ("<a><b>", 0), ("<a b>", 0), {}),
    ("X=echo; X=\"$X a\"; $X", NO_SPLITTING, ("a\n", 0), ("", 127), {}),
    ("X='*'; printf '<%s>' $X", NO_GLOBBING, ("<keep>", 0), ("<*>", 0), KEEP),
    ("printf '<%s>' $1", NO_GLOBBING, ("<keep>", 0), ("<k*>", 0), {**KEEP, "args": ["k*"]}),
    ("printf '<%s>' $(printf '*')", NO_GLOBBING, ("<keep>", 0), ("<*>", 0), KEEP),
    ("printf '<%s>' ${X:-k*}", NO_GLOBBING, ("<keep>", 0), ("<k*>", 0), KEEP),
    ("X='a*'; P='*'; echo ${X%$P}", NO_GLOBBING, ("a*\n", 0), ("a\n", 0), KEEP),
    ("X=abc; P='?'; printf '<%s>' ${X%$P}", NO_GLOBBING, ("<ab>", 0), ("<abc>", 0), {}),
    ("printf '<%s>' ${X:+\"\"} a", NO_SPLITTING, ("<a>", 0), ("<a>", 0), {}),
    ("X=1; printf '<%s>' ${X:+\"\"} a", "a `${N:+w}` that gives nothing gives no word", ("<><a>", 0), ("<a>", 0), {}),
    ("printf '<%s>' ${X:-} a", NO_SPLITTING, ("<a>", 0), ("<><a>", 0), {}),
    ("printf '<%s>' $(exit 3) $?", "`$?` is the status before the command", ("<3>", 0), ("<><0>", 0), {}),
    ("false; echo $? \"$(true)\" $?", "`$?` is the status before the command", ("1  0\n", 0), ("1  1\n", 0), {}),
    # unset
    ("echo a $NOT_SET b", UNSET, ("a b\n", 0), ("", 2), {}),
    ("echo ${NOT_SET}", UNSET, ("\n", 0), ("", 2), {}),
    ("echo $1", UNSET, ("\n", 0), ("", 2), {}),
    ("echo ${#NOT_SET}", UNSET, ("0\n", 0), ("", 2), {}),
    ("echo ${NOT_SET%a}", UNSET, ("\n", 0), ("", 2), {}),
    ("echo $NOT_SET || echo b", UNSET, ("\n", 0), ("", 2), {}),
    ("! echo $NOT_SET", UNSET, ("\n", 1), ("", 2), {}),
    ("(echo $NOT_SET); echo b", UNSET, ("\nb\n", 0), ("", 2), {}),
    ("echo a; echo $NOT_SET; echo b", UNSET, ("a\n\nb\n", 0), ("a\n", 2), {}),
    ("echo \"<$(echo $NOT_SET)>\"; echo b", UNSET, ("<>\nb\n", 0), ("", 2), {}),
    ("(echo $NOT_SET) | cat; echo b", UNSET, ("\nb\n", 0), ("", 2), {}),
    ("echo a > $NOT_SET", UNSET, ("", 1), ("", 2), {}),
    ("X=$NOT_SET; echo b", UNSET, ("b\n", 0), ("", 2), {}),
    ("unset HOME; echo $HOME", UNSET, ("\n", 0), ("", 2), {}),
    ("echo ${X:?gone}; echo b", "statuses: a wrong text is 2", ("", 127), ("", 2), {}),
    ("X=; echo ${X:?gone} || echo b", "statuses: a wrong text is 2", ("", 127), ("", 2), {}),
    ("(echo ${X?}); echo b", "`${N:?w}` ends the whole program", ("b\n", 0), ("", 2), {}),
    # patterns
    ("echo no*such", NO_MATCH, ("no*such\n", 0), ("", 1), {}),
    ("echo no*such || echo none", NO_MATCH, ("no*such\n", 0), ("none\n", 0), {}),
    ("echo no*such; echo $?", NO_MATCH, ("no*such\n0\n", 0), ("1\n", 0), {}),
    ("! echo no*such", NO_MATCH, ("no*such\n", 1), ("", 0), {}),
    ("echo a | cat - no*such | cat; echo b", NO_MATCH, ("a\nb\n", 0), ("b\n", 0), {}),
    ("echo a > no*such", NO_MATCH, ("", 0, {"no*such": "a\n"}), ("", 1), {}),
    ("cat < *.x; echo $?", "a redirection takes one file", ("1\n", 0), ("1\n", 0), {"files": {"a.x": "", "b.x": ""}}),
    ("printf '<%s>' **/x.py", "`**` needs no option", ("<s/x.py>", 0), ("<s/d/x.py><s/x.py>", 0),
     {"files": {"s/x.py": "", "s/d/x.py": ""}}),
    ("printf '<%s>' s/**", "`s/**` does not give `s/` itself", ("<s/><s/a>", 0), ("<s/a>", 0),
     {"files": {"s/a": ""}, "prelude": "shopt -s globstar"}),
    # pipelines
    ("false | true", PIPEFAIL, ("", 0), ("", 1), {}),
    ("sh -c 'exit 3' | cat", PIPEFAIL, ("", 0), ("", 3), {}),
    ("sh -c 'exit 3' | sh -c 'exit 4' | true", PIPEFAIL, ("", 0), ("", 4), {}),
    ("false | true || echo failed", PIPEFAIL, ("", 0), ("failed\n", 0), {}),
    ("! false | true", PIPEFAIL, ("", 1), ("", 0), {}),
    ("(exit 3) | cat", PIPEFAIL, ("", 0), ("", 3), {}),
    ("sh -c 'exit 3' | sh -c 'exit 4' | true", "the rightmost that failed counts", ("", 4), ("", 4),
     {"prelude": "set -o pipefail"}),
    ("sh -c 'kill -9 $$' | true", PIPEFAIL, ("", 0), ("", 137), {}),
    ("yes | head -n1", "a reader that had enough is no failure", ("y\n", 141), ("y\n", 0),
     {"prelude": "set -o pipefail"}),
    ("(yes; echo more >&2) | head -n1", "a group whose reader had enough ends", ("y\n", 141), ("y\n", 0),
     {"prelude": "set -eo pipefail"}),
    # files
    ("echo a > keep | no-such-program", FIRST_FOUND, ("", 127, {"keep": "a\n"}), ("", 127), KEEP),
    ("no-such-program > keep", FIRST_FOUND, ("", 127, {"keep": ""}), ("", 127), KEEP),
    ("no-such-program > new", FIRST_FOUND, ("", 127, {"new": ""}), ("", 127), KEEP),
    ("./keep > new", FIRST_FOUND, ("", 126, {"new": ""}), ("", 126), KEEP),
    ("cat > keep < missing; cat keep", INPUTS_FIRST, ("", 0, {"keep": ""}), ("old\n", 0), KEEP),
    ("cat > keep | cat < missing; echo b", INPUTS_FIRST, ("b\n", 0, {"keep": ""}), ("b\n", 0), KEEP),
    ("echo a > new > missing/x", INPUTS_FIRST, ("", 1, {"new": ""}), ("", 1, {"new": ""}), KEEP),
    ("echo a > keep > missing/x", INPUTS_FIRST, ("", 1, {"keep": ""}), ("", 1), KEEP),
    ("cat < keep > keep; echo $?", NOT_LOST, ("0\n", 0, {"keep": ""}), ("1\n", 0), KEEP),
    ("cat > ./keep < keep || echo b", NOT_LOST, ("", 0, {"keep": ""}), ("b\n", 0), KEEP),
    ("> keep < missing", "`<` without a program is refused", ("", 1, {"keep": ""}), ("", 2), KEEP),
    ("echo a | no-such-program; echo $?", "nothing starts when a program is missing", ("127\n", 0), ("127\n", 0), {}),
    ("sh -c 'echo ran >&2' 2> new | no-such-program", "nothing starts when a program is missing",
     ("", 127, {"new": "ran\n"}), ("", 127), {}),
    # 126 and 127
    ("! no-such-program", "`!` makes no success of 126 and 127", ("", 0), ("", 127), {}),
    ("! no-such-program && echo b", "`!` makes no success of 126 and 127", ("b\n", 0), ("", 127), {}),
    ("! ./keep; echo $?", "`!` makes no success of 126 and 127", ("0\n", 0), ("126\n", 0), KEEP),
    ("! sh -c 'exit 127'; echo $?", "126 and 127 count by number", ("0\n", 0), ("127\n", 0), {}),
    ("! (exit 126); echo $?", "126 and 127 count by number", ("0\n", 0), ("126\n", 0), {}),
    ("echo a$(no-such-program)b; echo $?", "the command around it does not run", ("ab\n0\n", 0), ("127\n", 0), {}),
    ("echo a$(sh -c 'exit 126')b; echo $?", "126 and 127 count by number", ("ab\n0\n", 0), ("126\n", 0), {}),
    ("echo a$(exit 127)b; echo $?", "126 and 127 count by number", ("ab\n0\n", 0), ("127\n", 0), {}),
    ("X=old; X=$(no-such-program); echo $X $?", "the variable stays as it was", ("127\n", 0), ("old 127\n", 0), {}),
    ("X=$(no-such-program) || echo $?; echo ${X-unset}", "the variable stays as it was", ("127\n\n", 0),
     ("127\nunset\n", 0), {}),
    ("./noshebang; echo $?", "no shell runs what names no interpreter", ("hi\n0\n", 0), ("126\n", 0),
     {"files": {"noshebang": "echo hi\n"}, "runnable": ["noshebang"]}),
    ("./bad; echo $?", "a missing interpreter is 126", ("127\n", 0), ("126\n", 0),
     {"files": {"bad": "#!/no/such/interpreter\n"}, "runnable": ["bad"]}),
    ("PATH=:$PATH hello", "an empty entry of PATH is not the current folder", ("hello\n", 0), ("", 127), HELLO),
    # what acts on the text
    ("export NOT_SET; echo b", "a name that is not set", ("b\n", 0), ("", 2), {}),
    ("export 1X=2; echo b", "mistakes end the program", ("b\n", 0), ("", 2), {}),
    ("export; echo b", "`export` takes names", ("b\n", 0), ("", 2), {"prelude": "export() { :; }"}),
    ("export V={a,b}; echo $V", "the value of `export` is that of an assignment", ("b\n", 0), ("{a,b}\n", 0), {}),
    ("export V={1..3} W=x{a,b}y; echo $V $W", "the value of `export` is that of an assignment", ("3 xby\n", 0),
     ("{1..3} x{a,b}y\n", 0), {}),
    ("unset 1X; echo b", "mistakes end the program", ("b\n", 0), ("", 2), {}),
    ("exit 256", "mistakes end the program", ("", 0), ("", 2), {}),
    ("exit -1", "mistakes end the program", ("", 255), ("", 2), {}),
    ("exit x", "mistakes end the program", ("", 2), ("", 2), {}),
    ("exit 1 2 || echo b", "mistakes end the program", ("", 1), ("", 2), {}),
    ("cd; echo b", "mistakes end the program", ("b\n", 0), ("", 2), {}),
    ("cd a b; echo b", "mistakes end the program", ("b\n", 0), ("", 2), {}),
    ("cd ''; echo $?", "an empty name is no folder", ("0\n", 0), ("1\n", 0), {}),
    ("X=cd; $X / ; echo $?", "never from a value", ("0\n", 0), ("127\n", 0), {}),
    ("X=exit; $X 3; echo b", "never from a value", ("", 3), ("b\n", 0), {}),
    ("X='A=1'; export \"$X\"; echo $A", "a value never becomes syntax", ("1\n", 0), ("", 2), {}),
    ("X=1 :; echo ${X-unset}", "as in POSIX: the assignments of `:` stay", ("unset\n", 0), ("1\n", 0), {}),
    # words
    ("HOME=/h; echo a=~", "`~` is the home at the start of a word only", ("a=/h\n", 0), ("a=~\n", 0), {}),
    ("echo a\r\necho b\r\n", "CR LF ends a line like LF", ("a\r\nb\r\n", 0), ("a\nb\n", 0), {}),
    ("echo {a..é}", "a range goes by code point", ("{a..é}\n", 0), ("{a..é}\n", 0), {}),
    ("printf '<%s>' \"$(printf 'a\\0b')\"", "a NUL is refused, not dropped", ("<ab>", 0), ("", 2), {}),
    ("printf '<%s>' $'a\\qb'", REFUSED, ("<a\\qb>", 0), ("", 2), {}),
    # refused
    *(
        (text, REFUSED, theirs, ("", 2), {})
        for text, theirs in [
            ("echo a; echo b &", ("a\nb\n", 0)),
            ("cat <<E\na\nE\n", ("a\n", 0)),
            ("echo `echo a`", ("a\n", 0)),
            ("echo \"`echo a`\"", ("a\n", 0)),
            ("echo $((1+1))", ("2\n", 0)),
            ("[[ a = a ]] && echo a", ("a\n", 0)),
            ("cat <(echo a)", ("a\n", 0)),
            ("echo a > >(cat)", ("a\n", 0)),
            ("echo a 3>&1", ("a\n", 0)),
            ("cat 3< /dev/null", ("", 0)),
            ("if true; then echo a; fi", ("a\n", 0)),
            ("for x in a; do echo $x; done", ("a\n", 0)),
            ("while false; do :; done", ("", 0)),
            ("until true; do :; done", ("", 0)),
            ("case a in a) echo a;; esac", ("a\n", 0)),
            ("f() { echo a; }; f", ("a\n", 0)),
            ("function f { echo a; }; f", ("a\n", 0)),
            ("coproc cat; true", ("", 0)),
            ("set -e", ("", 0)),
            ("shift", ("", 1)),
            ("read X; echo b", ("b\n", 0)),
            ("eval echo a", ("a\n", 0)),
            ("echo a; set --", ("a\n", 0)),
            (". /dev/null", ("", 0)),
            ("echo a; trap '' INT", ("a\n", 0)),
            ("echo $$ > /dev/null", ("", 0)),
            ("echo $0 > /dev/null", ("", 0)),
            ("echo $- > /dev/null", ("", 0)),
            ("echo \"$*\"", ("\n", 0)),
            ("echo $\"a\"", ("a\n", 0)),
            ("echo a >&-", ("", 1)),
            ("cat <&0", ("", 0)),
            ("echo a <> /dev/null", ("a\n", 0)),
            ("X=1 | cat", ("", 0)),
            ("> /dev/null | cat", ("", 0)),
            ("< /dev/null", ("", 0)),
            ("cd / | cat", ("", 0)),
            ("X=1 cd /", ("", 0)),
            ("! ! true", ("", 0)),
            ("true | ! true", ("", 2)),
            ("((1)); echo a", ("a\n", 0)),
            ("echo a$@b", ("ab\n", 0)),
            ("X=$@; echo b", ("b\n", 0)),
            ("X=1; echo ${X/1/2}", ("2\n", 0)),
            ("X=1; echo ${X:0:1}", ("1\n", 0)),
            ("X=a; echo ${X^}", ("A\n", 0)),
            ("echo ~root > /dev/null", ("", 0)),
            ("()", ("", 2)),
            ("echo a |", ("", 2)),
            ("echo 'a", ("", 2)),
            ("echo )", ("", 2)),
            ("{ (echo a) }", ("a\n", 0)),
        ]
    ),
]  # fmt: skip
