"""Memory stays bounded where it is promised, measured by the process itself."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Host = Callable[..., "subprocess.CompletedProcess[str]"]

MEASURE = """
    import resource
    UNIT = 1 if sys.platform == "darwin" else 1024

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT

    def warm_up():
        list((program("lines", 10) | (lambda i, o, e: o.write(i.read())) | program("cat")).lines())
        program("cat").capture(input=b"x" * 1_000_000)

    warm_up()
    MiB = 2**20
"""


def grown(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """How many MiB the host has grown by, and what else it said."""
    growth, rest = done.stdout.split(maxsplit=1)
    return int(growth) // 2**20, rest.strip()


@pytest.mark.slow
def test_a_gibibyte_of_lines(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    count = size = 0
    for line in program("flood", 1024 * MiB).lines():
        count += 1
        size += len(line) + 1
    say(peak() - before, count, size)
    """)
    growth, rest = grown(done)
    assert rest == f"{2**30 // 64} {2**30}"
    assert growth < 64


@pytest.mark.slow
def test_a_gibibyte_through_a_function_and_to_a_callable(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    sizes = []

    def copy(stdin, stdout, stderr):
        while piece := stdin.read(1 << 20):
            stdout.write(piece)

    (program("flood", 1024 * MiB) | copy | program("cat")).run(stdout=lambda data: sizes.append(len(data)))
    say(peak() - before, sum(sizes))
    """)
    growth, rest = grown(done)
    assert rest == str(2**30)
    assert growth < 64


@pytest.mark.slow
def test_a_gibibyte_from_an_iterable(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    piece = b"x" * MiB
    text = program("count").read(input=(piece for _ in range(1024)))
    say(peak() - before, text.split()[0])
    """)
    growth, rest = grown(done)
    assert rest == str(2**30)
    assert growth < 64


@pytest.mark.slow
def test_head_and_tail_keep_no_more_than_they_say(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    for limit in (Head(1000), Tail(1000), Spill(1000, os.devnull)):
        result = program("flood", 200 * MiB, 100 * MiB).capture(max_output=limit, stderr=[CAPTURE])
        assert len(result.stdout_bytes) == 1000, result.stdout_dropped
    say(peak() - before, "kept")
    """)
    assert grown(done)[0] < 32


def test_a_line_of_a_hundred_megabytes(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    lengths = [len(line) for line in program("long_line", 100_000_000).lines()]
    say(peak() - before, *lengths)
    """)
    growth, rest = grown(done)
    assert rest == "100000000 5"
    # The line itself, and what it is put together from.
    assert growth < 450


def test_what_is_captured_is_held_once(host: Host) -> None:
    done = host(f"""{MEASURE}
    before = peak()
    result = program("flood", 200 * MiB).capture()
    say(peak() - before, len(result.stdout_bytes))
    """)
    growth, rest = grown(done)
    assert rest == str(200 * 2**20)
    # A buffer that grows in place, and the bytes that it gives away without a copy.
    assert growth < 290
