"""What the systems differ in for Python 2 programs: the shell, raw statuses, interrupts.

Apart from the contract in `procrun.system`, because only `procrun.legacy` asks for it. Like
there, a caller never tests for a platform: each name has a documented answer everywhere.
"""

from __future__ import annotations

import os
from subprocess import Popen

_POSIX = os.name == "posix"

HAS_SH = _POSIX
"""Whether `sh` scripts, the form in which `pipes.Template` keeps a pipeline, can be run here."""

INTERRUPTED = 130 if _POSIX else 0xC000013A
"""The status of a Python that an uncaught KeyboardInterrupt ended. On POSIX it is the shell's name for a
death by SIGINT, since a Python there kills itself with that signal; on Windows it is STATUS_CONTROL_C_EXIT."""


def shell_arguments(command: str, name: str) -> tuple[str | list[str], str]:
    """What `subprocess` is given, arguments and program, so that the system's shell runs a command.

    POSIX: /bin/sh, which calls itself `name` in its messages. Windows: %COMSPEC%, as the C
    library's `system` and `_popen` start it; it has no such name.
    """
    if _POSIX:
        return [name, "-c", command], "/bin/sh"
    shell = os.environ.get("COMSPEC", "cmd.exe")
    return f'{shell} /c "{command}"', shell


def shell_group(command: str) -> str:
    """The command as one group whose stderr goes where its stdout goes.

    POSIX: braces, the last on a line of its own, so that a comment, an `&` or a here-document
    at the end of the command stays what it is. Windows: the command itself, since `cmd.exe`
    has no such group; the caller joins the streams.
    """
    # The redirection keeps bash from replacing itself by the last program, which would show
    # as another status when a signal ends that program: 9 instead of 137 << 8.
    return "{ :; " + command + "\n} 2>&1" if _POSIX else command


def take_status(process: Popen[bytes], *, block: bool) -> int | None:
    """Reap a process: its raw wait status (POSIX) or exit code (Windows), or None while it runs.

    With `block` it waits for the end. Raises ChildProcessError when the status was taken
    elsewhere, or thrown away because SIGCHLD is ignored (POSIX).
    """
    if not _POSIX:
        return process.wait() if block else process.poll()
    pid, status = os.waitpid(process.pid, 0 if block else os.WNOHANG)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return status


def status_of_code(code: int) -> int:
    """The status that stands for an exit code: that of `wait(2)` (POSIX), or the code itself (Windows)."""
    return code << 8 if _POSIX else code
