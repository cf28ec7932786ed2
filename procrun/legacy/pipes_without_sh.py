"""How `pipes.Template` runs its steps where there is no sh: by the pipeline language.

The text is what sh would be given, without the removal of temporary files, which is done
here. What the text cannot do is said on stderr and is a status, as a shell would have it.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any

from procrun import engine
from procrun.engine.failure import failure_of
from procrun.engine.result import Result
from procrun.engine.running import Running
from procrun.errors import ProcrunError
from procrun.interp.program import prepare
from procrun.legacy import streams
from procrun.legacy.child import CommandStream
from procrun.legacy.pipes_script import remove
from procrun.plan import INHERIT, PIPE, Options
from procrun.quoting import quote
from procrun.system.legacy import status_of_code

_COPY = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"


def copy_command() -> str:
    """What stands for `cat` in a script: itself where it exists, else a Python that copies stdin to stdout."""
    return "cat" if shutil.which("cat") else quote([sys.executable, "-S", "-c", _COPY])


def run(text: str, temporary: Sequence[str]) -> int:
    """Run a text with our streams and give its status; 0 with temporary files, as `rm -f` has it."""
    try:
        running = _start(text, Options())
        return _status(running.wait(), temporary)
    except ProcrunError as error:
        return _refused(error, temporary)
    finally:
        remove(temporary)


def start(text: str, temporary: Sequence[str], mode: str) -> IO[Any]:
    """Start a text and give the stream that reads its stdout ("r") or writes its stdin ("w")."""
    end = {"stdout": PIPE, "stdin": INHERIT} if mode == "r" else {"stdin": PIPE}
    try:
        running = _start(text, Options().with_(**end), in_background=True)
    except ProcrunError as error:
        status = _refused(error, temporary)
        remove(temporary)
        return _stream(io.BytesIO(), lambda: status)
    except BaseException:
        remove(temporary)
        raise

    def wait() -> int:
        try:
            return _status(running.wait(), temporary)
        finally:
            remove(temporary)

    return _stream(running.stdout if mode == "r" else running.stdin, wait)


def _start(text: str, options: Options, *, in_background: bool = False) -> Running:
    # Of the steps the last decides, as in sh.
    pipeline = prepare(text, (), options.with_(check=False, pipefail=False))
    return engine.start(pipeline, in_background=in_background)


def _stream(buffer: Any, wait: Callable[[], int]) -> CommandStream:
    stream = streams.text_stream(buffer, kind=CommandStream)
    stream.wait = wait
    return stream


def _status(result: Result, temporary: Sequence[str]) -> int:
    if result.error is not None:
        _say(failure_of(result))
    return 0 if temporary else status_of_code(result.status.shell)


def _refused(error: ProcrunError, temporary: Sequence[str]) -> int:
    _say(error)
    return 0 if temporary else status_of_code(error.exit_code)


def _say(error: BaseException) -> None:
    if sys.stderr is not None:
        sys.stderr.writelines([f"procrun: {error}\n"])
