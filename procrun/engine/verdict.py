"""Which stage's status is the pipeline's.

| a stage …                                                          | role          |
| ------------------------------------------------------------------ | ------------- |
| ended with an accepted code                                         | `ok`          |
| is not the last and was ended by its reader closing the pipe        | `consequence` |
| ended in any other way                                              | `failed`      |

The pipeline's status is that of its rightmost failed stage, else 0; without `pipefail`,
that of its last stage. Why a broken pipe is no failure: docs/gotchas.md#sigpipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from procrun.status import ExitStatus

Role = Literal["ok", "consequence", "failed"]

_SUCCESS = frozenset({0})


def role_of(status: ExitStatus, ok: frozenset[int] | None, *, is_last: bool) -> Role:
    """The part that a stage with this status plays in the pipeline's end."""
    if status.returncode in (_SUCCESS if ok is None else ok):
        return "ok"
    if not is_last and status.is_broken_pipe:
        return "consequence"
    return "failed"


def find_culprit(roles: Sequence[Role], *, pipefail: bool) -> int | None:
    """The place of the stage whose status is the pipeline's, or None when it succeeded."""
    last = len(roles) - 1
    places = range(last, -1, -1) if pipefail else (last,)
    return next((place for place in places if roles[place] == "failed"), None)
