"""Run small programs and write down what they did: under Python 2.7 to record, under Python 3 to compare.

    python transcribe.py MODULE < programs.json > transcripts.json

`programs.json` maps names to programs. Each runs in a process and an empty folder of its own, with
the module of Python 2 in MODULE, or its drop-in, under its name, and these functions:

    show(values...)         write values into the transcript, the same from both Pythons
    fails(f, args...)       call and show the class of the exception
    says(f, args...)        call and show the class of the exception and its text
    hide(text)              the text with the names of temporary files replaced by <T1>, <T2>, ...

What shells say differs; messages that programs meet are brought to one form. This file runs under
Python 2.7 as well.
"""
from __future__ import print_function

import errno
import importlib
import json
import multiprocessing.pool
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings

PYTHON_2 = sys.version_info[0] == 2
SECONDS = 60
IS_INLINE = "--inline" in sys.argv

if PYTHON_2:
    text_type, integer_types = unicode, (int, long)
else:
    text_type, integer_types = str, (int,)


def main():
    """Run what stdin asks for."""
    module = sys.argv[1]
    programs = json.load(sys.stdin)
    if IS_INLINE or hasattr(os, "fork"):
        load(module)
        run = run_inline if IS_INLINE else run_in_fork
        done = dict((name, run(module, name, program)) for name, program in sorted(programs.items()))
    else:
        pool = multiprocessing.pool.ThreadPool(4)
        answers = pool.map(lambda name: run_in_process(module, name, programs[name]), sorted(programs))
        done = dict(zip(sorted(programs), answers))
    json.dump(done, sys.stdout, indent=1, sort_keys=True)


def load(module):
    """The module of Python 2, or procrun's of the same name."""
    if module == "os_popen":
        if not PYTHON_2:
            from procrun.legacy.install import install

            install(modules=False, threading=False, sleep=False)
        return os
    return importlib.import_module(module if PYTHON_2 else "procrun.legacy." + module)


def run_in_fork(module, name, program):
    """Run one program in a copy of this process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        answer = run_inline(module, name, program)
        with os.fdopen(writing, "w") as file:
            json.dump(answer, file)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        if not select.select([file], [], [], SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
        text = file.read()
    status = os.waitpid(pid, 0)[1]
    return json.loads(text) if text else {"status": status}


def run_in_process(module, name, program):
    """Run one program in a new Python."""
    child = subprocess.Popen(
        [sys.executable, __file__, module, "--inline"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    answer = child.communicate(json.dumps({name: program}).encode())[0]
    return json.loads(answer.decode())[name] if answer else {"status": child.returncode}


def run_inline(module, name, program):
    """Run one program here; this process serves for nothing else afterwards."""
    shown = []
    folder = os.path.realpath(tempfile.mkdtemp())
    before = os.getcwd()
    os.chdir(folder)
    tempfile.tempdir = folder
    outputs = [os.open(str(number), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)) for number in (1, 2)]
    kept = [os.dup(number) for number in (1, 2)]
    for number, output in zip((1, 2), outputs):
        os.dup2(output, number)
        os.unlink(str(number)) if hasattr(os, "fork") else None
    error = None
    try:
        try:
            exec(compile(program, name, "exec", 0, True), namespace(module, shown))
        except SystemExit as ended:
            error = "SystemExit: %s" % ended.code
        except BaseException as problem:
            error = describe(problem)
            if "--trace" in sys.argv:
                traceback.print_exc(file=os.fdopen(kept[1], "w"))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    texts = [read(output) for output in outputs]
    for number, copy in zip((1, 2), kept):
        os.dup2(copy, number)
    os.chdir(before)
    shutil.rmtree(folder, ignore_errors=True)
    answer = {"shown": shown, "stdout": texts[0], "stderr": texts[1], "error": error}
    return dict((key, value) for key, value in answer.items() if value)


def namespace(module, shown):
    """What a program finds defined."""

    def show(*values):
        shown.append(", ".join(describe(value) for value in values))

    def fails(function, *args, **kwargs):
        shown.append(outcome(function, args, kwargs).split(":")[0])

    def says(function, *args, **kwargs):
        shown.append(outcome(function, args, kwargs))

    names = {"show": show, "fails": fails, "says": says, "hide": hide, "__name__": "__main__"}
    names["os" if module == "os_popen" else module] = load(module)
    # As Python 2.7 has it unless asked; Python 3 shows those of `__main__`.
    warnings.simplefilter("ignore")
    return names


def outcome(function, args, kwargs):
    """What a call gave: a description of its result, or of its exception."""
    try:
        return "no error: " + describe(function(*args, **kwargs))
    except (Exception, KeyboardInterrupt, SystemExit) as problem:
        return describe(problem)


def describe(value):
    """A value as text, the same from both Pythons."""
    if isinstance(value, BaseException):
        if isinstance(value, EnvironmentError):
            return "OSError: " + errno.errorcode.get(value.errno, str(value))
        return "%s: %s" % (type(value).__name__, normal(str(value)))
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, integer_types):
        return "%d" % value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (text_type, str)):
        return json.dumps(normal(as_text(value)))
    if isinstance(value, bytes):
        return "b" + json.dumps(normal(as_text(value)))
    if isinstance(value, tuple):
        return "(%s)" % ", ".join(describe(item) for item in value)
    if isinstance(value, list):
        return "[%s]" % ", ".join(describe(item) for item in value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join(sorted("%s: %s" % (describe(key), describe(value[key])) for key in value))
    if isinstance(value, type):
        return "class " + value.__name__
    return "<%s>" % value.__class__.__name__


def as_text(data):
    """Bytes as text, those that are not UTF-8 as lone surrogates."""
    if isinstance(data, text_type):
        return data
    if not PYTHON_2:
        return data.decode("utf-8", "surrogateescape")
    text = ""
    while data:
        try:
            return text + data.decode("utf-8")
        except UnicodeDecodeError as error:
            text += data[: error.start].decode("utf-8") + unichr(0xDC00 + ord(data[error.start]))
            data = data[error.start + 1 :]
    return text


SAYINGS = (
    (r"((?:/bin/)?sh): (?:line )?\d+: (\S+): (?:command )?not found", r"\1: \2: not found"),
    (r"((?:/bin/)?sh): (?:line )?\d+: cannot open (\S+): No such file", r"\1: \2: no such file"),
    (r"((?:/bin/)?sh): (?:line )?\d+: (\S+): No such file or directory", r"\1: \2: no such file"),
)


def normal(text):
    """A shell's message in one form, whichever shell it is."""
    for pattern, form in SAYINGS:
        text = re.sub(pattern, form, text)
    return text


def hide(text):
    """Name temporary files by their order in the text."""
    found = []

    def name(match):
        if match.group() not in found:
            found.append(match.group())
        return "<T%d>" % (found.index(match.group()) + 1)

    return re.sub(r"[\w/\\:.~-]*[/\\]tmp\w{6,8}[/\\]tmp\w{6,8}", name, text)


def read(descriptor):
    """All that was written to a file of this process."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = b"".join(iter(lambda: os.read(descriptor, 65536), b""))
    return normal(as_text(data))


if __name__ == "__main__":
    main()
