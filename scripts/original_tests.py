"""Run CPython 2.7's own tests of the old modules on the drop-ins.

    python3.12 scripts/original_tests.py PYTHON2 [PYTHON3 ...]

PYTHON2 is a Python 2.7 with its tests. They are read where it has them, converted to Python 3 by
2to3 (so run this by a Python before 3.13) and by ADAPTED, and run under each PYTHON3, which has
procrun, by `procrun legacy` in a folder that is gone afterwards. What they need of Python 2's
`test.test_support` is written here anew. A test that does not pass is named with its reason, from
DIFFERENT, which docs/legacy.md shows too; the status is 1 if one has no reason there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = (
    *("test_commands", "test_popen2", "test_pipes", "test_queue", "test_thread", "test_threading"),
    *("test_threading_local", "test_threadsignals", "test_signal", "test_dummy_thread", "test_dummy_threading"),
)

ADAPTED = (
    # Bytes are no text.
    ("test_thread", r'"OK"', 'b"OK"'),
    ("test_signal", r"os\.fdopen\(os_done_r\)", "os.fdopen(os_done_r, 'rb')"),
    ("test_signal", r"os\.fdopen\(os_done_w, 'w'\)", "os.fdopen(os_done_w, 'wb')"),
    ("test_threading", r"\.read\(\)(?:\.decode\(\))?\.replace", ".read().decode().replace"),
    (
        "test_threading",
        r"stdout, stderr = p\.communicate\(\)",
        "stdout, stderr = (s.decode() for s in p.communicate())",
    ),
    # Scripts in texts: 2to3 does not see them, and the Python that runs them needs the old modules.
    ("test_threading", r"print (['\"].*)", r"print(\1)"),
    ("test_threading", r'\[sys\.executable, "-c"', '[sys.executable, "-m", "procrun", "legacy", "-c"'),
    ("test_threading_local", r"unittest\.makeSuite", "unittest.defaultTestLoader.loadTestsFromTestCase"),
    # None and numbers have no order.
    ("test_queue", r"if x is None", "if x == -1"),
    ("test_queue", r"q\.put\(None\)", "q.put(-1)"),
)
"""What 2to3 leaves: file, pattern, replacement."""

PEP_475 = "system calls that a signal interrupts are repeated"
INSIDE = "it looks at attributes that Thread and Event had in Python 2"
FOREIGN = "Python 3.13 forgets a thread that was not started by `threading` when it has ended"

DIFFERENT = {
    "test_signal.WakeupFDTests.test_invalid_fd": "OSError, where it was ValueError: Python 3's `signal`",
    "test_signal.WakeupSignalTests.test_wakeup_fd_during": PEP_475,
    "test_signal.SiginterruptTest.test_siginterrupt_on": PEP_475,
    "test_signal.SiginterruptTest.test_without_siginterrupt": PEP_475,
    "test_threading.EventTests.test_reset_internal_locks": INSIDE,
    "test_threading.ThreadTests.test_join_nondaemon_on_shutdown": "it prints `time.sleep`, which is procrun's",
    "test_threading.ThreadTests.test_foreign_thread": FOREIGN,
    "test_threading.ThreadTests.test_ident_of_no_threading_threads": FOREIGN,
    "test_threading.ThreadTests.test_limbo_cleanup": "Python 3.13 starts threads by another function",
    "test_threading.ThreadJoinOnShutdown.test_4_joining_across_fork_in_worker_thread": INSIDE,
    "test_threading.ThreadJoinOnShutdown.test_5_clear_waiter_locks_to_avoid_crash": INSIDE,
}
"""The tests that do not pass, and why not."""

SECONDS = 300
"""As long as one file of tests may take."""

SUPPORT = '''
"""What the tests ask of Python 2's test.test_support."""
import contextlib, importlib, io, os, subprocess, sys, time, unittest, warnings

verbose = False
TESTFN = "@test"
SECONDS = 30
cpython_only = lambda test: test
sys.getcheckinterval, sys.setcheckinterval = lambda: 100, lambda count: None

def import_module(name, deprecated=False):
    return importlib.import_module(name)

def run_unittest(*classes):
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    suites = [load(cls) if isinstance(cls, type) else cls for cls in classes]
    if not unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(suites)).wasSuccessful():
        sys.exit(1)

def reap_children():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass

def reap_threads(function):
    return function

def threading_setup():
    return ()

def threading_cleanup(*before):
    """Nothing is compared: what a test leaves is its own affair here."""

def unlink(name):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)

def make_bad_fd():
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor

@contextlib.contextmanager
def check_warnings(*expected):
    with warnings.catch_warnings():
        for message, category in expected:
            warnings.filterwarnings("ignore", message, category)
        yield

@contextlib.contextmanager
def captured_output(name):
    before = getattr(sys, name)
    setattr(sys, name, io.StringIO())
    try:
        yield getattr(sys, name)
    finally:
        setattr(sys, name, before)

@contextlib.contextmanager
def wait_threads_exit(timeout=SECONDS):
    import _thread
    before = _thread._count()
    yield
    end = time.monotonic() + timeout
    while _thread._count() > before and time.monotonic() < end:
        time.sleep(0.01)

@contextlib.contextmanager
def start_threads(threads, unlock=None):
    for thread in threads:
        thread.start()
    yield
    if unlock:
        unlock()
    for thread in threads:
        thread.join(SECONDS)

def assert_python_ok(*arguments):
    command = [sys.executable, "-m", "procrun", "legacy", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.returncode, done.stdout, done.stderr
'''


def main(arguments: list[str]) -> int:
    """Run them all, and return 1 when something does not pass that should."""
    if not arguments:
        sys.stderr.write("original_tests: give a Python 2.7, and the Pythons to test\n")
        return 2
    python2, *pythons = arguments
    code = "import sys, test; sys.stdout.write(test.__path__[0])"
    originals = Path(subprocess.run([python2, "-c", code], capture_output=True, text=True, check=True).stdout)
    with tempfile.TemporaryDirectory() as folder:
        convert(originals, Path(folder))
        failed = [
            test for python in pythons or [sys.executable] for name in TESTS for test in run(python, name, Path(folder))
        ]
    return int(any(test not in DIFFERENT for test in failed))


def convert(originals: Path, folder: Path) -> None:
    """Write the tests in Python 3's syntax."""
    package = folder / "test"
    package.mkdir()
    (package / "lock_tests.py").write_bytes((originals / "lock_tests.py").read_bytes())
    for name in TESTS:
        (folder / f"{name}.py").write_bytes((originals / f"{name}.py").read_bytes())
    # Names of modules are left as they are: they are what is tested.
    command = [sys.executable, "-W", "ignore", "-m", "lib2to3", "-x", "imports", "-x", "imports2", "-w", "-n"]
    subprocess.run([*command, "--no-diffs", str(folder)], capture_output=True, check=True)
    for name, pattern, replacement in ADAPTED:
        path = folder / f"{name}.py"
        text, count = re.subn(pattern, replacement, path.read_text("utf-8"))
        assert count, f"{name}: nothing is {pattern}"
        path.write_text(text, "utf-8")
    (package / "__init__.py").write_text("")
    for name in ("test_support", "support", "script_helper"):
        (package / f"{name}.py").write_text(SUPPORT)


def run(python: str, name: str, folder: Path) -> list[str]:
    """Run one file of tests, print what came of it, and return the names of those that failed."""
    path = os.pathsep.join(part for part in (str(folder), os.environ.get("PYTHONPATH", "")) if part)
    done = subprocess.run(
        [python, "-m", "procrun", "legacy", "-c", f"import {name}; {name}.test_main()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
    )
    runs = [int(count) for count in re.findall(r"^Ran (\d+) test", done.stderr, re.MULTILINE)]
    failed = [
        f"{name}.{cls}.{test}"
        for test, cls in re.findall(r"^(?:FAIL|ERROR): (\w+) \(\w+\.(\w+)", done.stderr, re.MULTILINE)
    ]
    skipped = [int(count) for count in re.findall(r"^(?:OK|FAILED).*skipped=(\d+)", done.stderr, re.MULTILINE)]
    sys.stdout.write(f"{python} {name}: {sum(runs)} run, {len(failed)} failed, {sum(skipped)} skipped\n")
    if done.returncode and not failed:
        sys.stdout.write(done.stderr)
        failed = [name]
    for test in failed:
        sys.stdout.write(f"  {test}: {DIFFERENT.get(test, 'NO REASON KNOWN')}\n")
    sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
