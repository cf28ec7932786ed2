"""Measure how long it takes to end a tree: `python scripts/bench_stop.py [PROCESSES] [ROUNDS]` (Linux).

Each round ends three such trees in turn, and waits each time until the kernel has ended all of it: by procrun; by the
least that anybody could do, which is to read the table of processes once, from /proc, and send each a SIGKILL; and as
one writes it with psutil. The figures are medians, in milliseconds, and the medians of the rounds' ratios. procrun
returns when it has seen everything end; the others know nothing of an end and return before.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from procrun.signals import stop
from procrun.system import table

PROGRAM = Path(__file__).parent.parent / "tests" / "programs" / "fork_tree.py"


def by_procrun(pid: int) -> None:
    """With freezing, a second look, identities and a report."""
    report = stop(pid, 0)
    assert report.is_complete


def by_the_least(pid: int) -> None:
    """One look and one signal for each; who forks meanwhile escapes, and a number may be a stranger's."""
    rows = table.read_table()
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row.pid)
    queue = [pid]
    for one in queue:
        queue += children.get(one, ())
    for one in queue:
        os.kill(one, signal.SIGKILL)


def by_psutil(pid: int) -> None:
    """What most programs do."""
    process = psutil.Process(pid)
    for one in [*process.children(recursive=True), process]:
        one.kill()


def measure(end: Callable[[int], None], processes: int) -> tuple[float, float]:
    """Milliseconds until a way returns, and until all processes have ended."""
    tree = subprocess.Popen([sys.executable, "-S", str(PROGRAM), str(processes)], stdout=subprocess.PIPE)
    assert tree.stdout is not None
    tree.stdout.readline()
    start = time.perf_counter()
    end(tree.pid)
    returned = time.perf_counter()
    # Each of them holds the pipe, so that it ends with the last.
    tree.stdout.read()
    ended = time.perf_counter()
    tree.wait()
    tree.stdout.close()
    return (returned - start) * 1000, (ended - start) * 1000


def main() -> None:
    """Print the figures."""
    processes, rounds = (int(word) for word in [*sys.argv[1:], *("1000", "20")[len(sys.argv) - 1 :]])
    ways = [by_procrun, by_the_least, by_psutil]
    figures: dict[str, list[tuple[float, float]]] = {way.__name__: [] for way in ways}
    for number in range(rounds):
        for way in ways[number % 3 :] + ways[: number % 3]:
            figures[way.__name__].append(measure(way, processes))
    for name, pairs in figures.items():
        returned, ended = (statistics.median(column) for column in zip(*pairs))
        sys.stdout.write(f"{name}: returns after {returned:.1f} ms, all have ended after {ended:.1f} ms\n")
    for other in ("by_the_least", "by_psutil"):
        ratios = [ours[1] / theirs[1] for ours, theirs in zip(figures["by_procrun"], figures[other])]
        sys.stdout.write(f"by_procrun / {other}, until all have ended: {statistics.median(ratios):.2f}\n")


if __name__ == "__main__":
    main()
