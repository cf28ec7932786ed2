"""Measure `procrun.legacy` against what one writes by hand today: `python scripts/bench_legacy.py [ROUNDS]`.

Each round runs both sides in turn, so that a busy machine disturbs them alike; the figures are the
medians in milliseconds and the median of the rounds' ratios. Memory is measured over 10,000 calls.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

warnings.simplefilter("ignore", DeprecationWarning)

from procrun.legacy import commands, popen2  # noqa: E402

CALLS = 10_000


def get_output() -> None:
    """What a program of Python 2 writes."""
    commands.getoutput("echo a")


def get_output_today() -> None:
    """The nearest of today."""
    subprocess.getoutput("echo a")


def open_and_close() -> None:
    """A child whose pipes are opened and closed, and whose output is read."""
    child_stdout, child_stdin = popen2.popen2("echo a")
    child_stdin.close()
    child_stdout.read()
    child_stdout.close()


def open_and_close_today() -> None:
    """The same, wired by hand."""
    child = subprocess.Popen("echo a", shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    child.stdin.close()
    child.stdout.read()
    child.stdout.close()
    child.wait()


PAIRS = {
    "commands.getoutput / subprocess.getoutput": (get_output, get_output_today),
    "popen2.popen2 + close / Popen by hand": (open_and_close, open_and_close_today),
}


def ratio(ours: Callable[[], None], theirs: Callable[[], None], rounds: int) -> tuple[float, float, float]:
    """The medians of both, in milliseconds, and the median ratio."""
    pairs = []
    for number in range(rounds):
        spent = {}
        for call in (ours, theirs) if number % 2 else (theirs, ours):
            start = time.perf_counter()
            call()
            spent[call] = (time.perf_counter() - start) * 1000
        pairs.append((spent[ours], spent[theirs]))
    first, second = zip(*pairs)
    return statistics.median(first), statistics.median(second), statistics.median(a / b for a, b in pairs)


def growth(call: Callable[[], None]) -> int:
    """How many KiB the process has grown by over many calls (Linux)."""
    for _ in range(100):
        call()
    before = resident()
    for _ in range(CALLS):
        call()
    return resident() - before


def resident() -> int:
    """The memory of this process, in KiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def main() -> None:
    """Print the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for name, (ours, theirs) in PAIRS.items():
        sys.stdout.write(f"{name}: %.2f ms / %.2f ms, ratio %.2f\n" % ratio(ours, theirs, rounds))
    for call in (get_output, open_and_close):
        sys.stdout.write(f"{call.__name__}: {CALLS} calls grow the process by {growth(call)} KiB\n")


if __name__ == "__main__":
    main()
