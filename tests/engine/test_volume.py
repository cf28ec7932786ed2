"""Much in, much out and much on every stderr at once: no deadlock, and the right bytes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from procrun import CAPTURE, PIPE

Program = Callable[..., Any]

MB = 1_000_000
LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"


def pipeline_of(program: Program, stages: int, noise: int) -> Any:
    first, *others = (program("noisy_cat", noise) for _ in range(stages))
    pipeline = first.pipeline
    for other in others:
        pipeline = pipeline | other
    return pipeline


def data_of(size: int) -> bytes:
    return (LINE * (size // len(LINE) + 1))[:size]


def flows(program: Program, stages: int, size: int, noise: int) -> None:
    data = data_of(size)
    result = pipeline_of(program, stages, noise).capture(input=data)
    assert result.stdout_bytes is not None
    assert hashlib.sha256(result.stdout_bytes).digest() == hashlib.sha256(data).digest()
    assert result.stderr_bytes is not None
    assert len(result.stderr_bytes) == stages * noise
    assert result.stderr_bytes.count(b"e") == stages * noise
    assert [stage.status.code for stage in result.stages] == [0] * stages


@pytest.mark.parametrize("stages", [1, 2, 10])
def test_some_in_some_out_and_some_on_every_stderr(stages: int, program: Program) -> None:
    flows(program, stages, 3 * MB, MB)


@pytest.mark.slow
@pytest.mark.parametrize("stages", [1, 2, 10])
def test_200_megabytes_in_and_out_and_50_on_every_stderr(stages: int, program: Program) -> None:
    flows(program, stages, 200 * MB, 50 * MB)


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 262143, 262144, 262145, 524289])
@pytest.mark.parametrize("stages", [1, 3])
def test_sizes_around_those_of_pipes_and_pieces(size: int, stages: int, program: Program) -> None:
    flows(program, stages, size, size)


def test_much_from_an_iterable_to_a_callable(program: Program) -> None:
    digest_in, digest_out = hashlib.sha256(), hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for number in range(300):
            piece = b"%d," % number * 7_777
            digest_in.update(piece)
            yield piece

    errors: list[int] = []
    pipeline_of(program, 3, 2 * MB).run(
        input=pieces(), stdout=digest_out.update, stderr=[lambda data: errors.append(len(data)), CAPTURE]
    )
    assert digest_in.digest() == digest_out.digest()
    assert sum(errors) == 6 * MB


def test_much_through_the_callers_own_pipes(program: Program) -> None:
    data = data_of(10 * MB)
    with pipeline_of(program, 2, 2 * MB).start(stdin=PIPE, stdout=PIPE, stderr=CAPTURE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        stdin = running.stdin

        def write() -> None:
            stdin.write(data)
            stdin.close()

        thread = threading.Thread(target=write)
        thread.start()
        assert running.stdout.read() == data
        thread.join()
        assert len(running.wait().stderr_bytes or b"") == 4 * MB
