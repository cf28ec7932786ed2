"""Whose status is the pipeline's: every pair and triple of endings, against the rule in words."""

from __future__ import annotations

import itertools

import pytest

from procrun.engine.verdict import Role, find_culprit, role_of
from procrun.status import ExitStatus

FINE, THREE, PIPE, SHELL_PIPE, TERM = (
    ExitStatus(0),
    ExitStatus(3),
    ExitStatus(signal=13),
    ExitStatus(141),
    ExitStatus(signal=15),
)


@pytest.mark.parametrize(
    ("status", "ok", "before", "last"),
    [
        (FINE, None, "ok", "ok"),
        (THREE, None, "failed", "failed"),
        (PIPE, None, "consequence", "failed"),
        (SHELL_PIPE, None, "consequence", "failed"),
        (TERM, None, "failed", "failed"),
        (FINE, {1}, "failed", "failed"),
        (THREE, {0, 3}, "ok", "ok"),
        (TERM, {-15}, "ok", "ok"),
        (TERM, {15, 143}, "failed", "failed"),
        (PIPE, {-13}, "ok", "ok"),
        (SHELL_PIPE, {0, 141}, "ok", "ok"),
    ],
)
def test_the_role_of_a_stage(status: ExitStatus, ok: set[int] | None, before: Role, last: Role) -> None:
    accepted = None if ok is None else frozenset(ok)
    assert role_of(status, accepted, is_last=False) == before
    assert role_of(status, accepted, is_last=True) == last


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_culprit_is_the_rightmost_that_failed(count: int) -> None:
    for statuses in itertools.product((FINE, THREE, PIPE, SHELL_PIPE, TERM), repeat=count):
        roles = [role_of(status, None, is_last=place == count - 1) for place, status in enumerate(statuses)]
        failed = [
            place
            for place, status in enumerate(statuses)
            if status != FINE and not (status in (PIPE, SHELL_PIPE) and place < count - 1)
        ]
        assert find_culprit(roles, pipefail=True) == (failed[-1] if failed else None)
        assert find_culprit(roles, pipefail=False) == (count - 1 if count - 1 in failed else None)
