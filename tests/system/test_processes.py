"""The contract: what a system answers that tells nothing, and that Linux has an answer for everything."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import ModuleType

import pytest

from procrun.system import processes


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as it is on a system without such a /proc."""
    monkeypatch.setattr(sys, "platform", "freebsd14")
    spec = importlib.util.spec_from_file_location("plain_processes", processes.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_system_that_tells_nothing(plain: ModuleType) -> None:
    us = os.getpid()
    assert plain.KNOWS_WAITS is False
    assert (plain.tasks(us), plain.descriptors(us), plain.locked_files(us), plain.file_locks()) == ((), (), (), ())
    assert (plain.socket_peers(), plain.socket_addresses()) == ({}, {})
    assert (plain.stop_signal(us), plain.tracer(us), plain.is_fifo(us, 0)) == (0, 0, False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about Linux")
def test_linux_answers_everything_that_the_contract_asks(plain: ModuleType) -> None:
    from procrun.system import linux_proc

    asked = {name for name, value in vars(plain).items() if getattr(value, "__module__", "") == "plain_processes"}
    assert asked | {"KNOWS_WAITS"} == set(linux_proc.__all__)
    assert all(getattr(processes, name) is getattr(linux_proc, name) for name in linux_proc.__all__)
