"""The program that sets the limits of a child from within, and then becomes the child's program.

`posix.shim_argv` runs this file's source by `python -I -S -c`; nothing of procrun is there. It starts nothing but the
program, so that everything it changes is the program's: limits, niceness, and nothing else. Its report, on a descriptor
that closes when the program has taken over: `+` and the number of the error, if the program could not be started;
`-NAME NUMBER`, if a limit could not be set; nothing at all, if this did not come so far.
Why not before the `exec` in this process's own child: docs/gotchas.md#fork, #limits.
"""

from __future__ import annotations

import sys


def main(report: str, locale: str, settings: str, program: str, *argv: str) -> None:
    """Set everything, then become the program.

    `locale` is `=` and what LC_CTYPE is to be, or empty; `settings` are `NAME:RESOURCE:VALUE:MORE`, separated by
    commas: MORE is what the hard limit has above the soft one.
    """
    # Built into the interpreter, or quick to load; `signal` and `os` are not.
    import _signal  # type: ignore[import-not-found]
    import posix

    answer, name = b"", ""
    try:
        posix.set_inheritable(int(report), False)
        # Python's own start has changed these: PEP 538 and its handling of signals.
        for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
            _signal.signal(number, _signal.SIG_DFL)
        if locale:
            posix.putenv(b"LC_CTYPE", locale[1:].encode("utf-8", "surrogateescape"))
        else:
            posix.unsetenv(b"LC_CTYPE")
        for setting in settings.split(","):
            name, kind, value, more = setting.split(":")
            _set(kind, int(value), int(more))
        name = ""
        posix.write(int(report), b"+")
        posix.execv(program, argv)
    except OSError as error:
        answer = b"%d" % (error.errno or 0)
    except MemoryError:
        answer = b"12"
    except ValueError:
        # `resource`, for a hard limit that this process may not raise.
        answer = b"1"
    except OverflowError:
        # ERANGE: more than fits into the kernel's number.
        answer = b"34"
    except KeyboardInterrupt:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        posix.kill(posix.getpid(), _signal.SIGINT)
    posix.write(int(report), b"-%s %s" % (name.encode(), answer) if name else answer)
    posix._exit(127)


def _set(kind: str, value: int, more: int) -> None:
    if kind == "nice":
        import posix

        posix.nice(value)
        return
    import resource

    number = getattr(resource, kind)
    hard = resource.getrlimit(number)[1]
    most = value + more
    # What there is already is a limit, too: of the two seconds, the second is only a favour.
    resource.setrlimit(number, (value, min(most, hard) if more and hard >= value else most))


if __name__ == "__main__":
    main(*sys.argv[1:])
