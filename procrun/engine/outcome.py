"""From the parts of a run that has ended to its Result."""

from __future__ import annotations

from procrun.engine.child import Child
from procrun.engine.result import Result, StageResult
from procrun.engine.verdict import find_culprit, role_of
from procrun.engine.wait import Course, Work
from procrun.plan.pipeline import Pipeline, Stage
from procrun.signals.report import StopReport
from procrun.status import ExitStatus


def make_result(
    pipeline: Pipeline,
    course: Course,
    *,
    started: float,
    duration: float,
    timed_out: bool,
    was_idle: bool,
    stop_report: StopReport | None,
    error: BaseException | None,
    error_from: str,
) -> Result:
    """Put the result of a run together from its parts."""
    last = len(course.work) - 1
    tails = [tail.value() if tail else b"" for tail in course.wiring.tails]
    stages = tuple(
        _stage_result(stage, part, tail, pipeline.options.ok, is_last=place == last, duration=duration)
        for place, (stage, part, tail) in enumerate(zip(pipeline.stages, course.work, tails))
    )
    culprit = find_culprit([stage.role for stage in stages], pipefail=pipeline.options.pipefail)
    status = ExitStatus(0) if culprit is None else stages[culprit].status
    inner = stages[0].inner
    if pipeline.text and len(stages) == 1 and inner is not None and inner.status == status:
        # The stage is the whole text; what its last pipeline did says more.
        stages, culprit = inner.stages, inner.culprit
    buffers = course.wiring.buffers
    return Result(
        command=str(pipeline),
        stages=stages,
        status=status,
        culprit=culprit,
        started=started,
        duration=duration,
        stdout_bytes=buffers[1].value() if 1 in buffers else None,
        stderr_bytes=buffers[2].value() if 2 in buffers else None,
        stdout_dropped=buffers[1].dropped if 1 in buffers else 0,
        stderr_dropped=buffers[2].dropped if 2 in buffers else 0,
        timed_out=timed_out,
        timeout=pipeline.options.timeout,
        was_idle=was_idle,
        idle_timeout=pipeline.options.idle_timeout,
        last_output=b"" if course.wiring.idle is None else course.wiring.idle.tail,
        stop_report=stop_report,
        error=error,
        error_from=error_from,
        encoding=pipeline.options.encoding,
        errors=pipeline.options.errors,
    )


def _stage_result(
    stage: Stage, part: Work, tail: bytes, ok: frozenset[int] | None, *, is_last: bool, duration: float
) -> StageResult:
    ending = part.ending if isinstance(part, Child) else None
    accepted = ok if stage.options.ok is None else stage.options.ok
    return StageResult(
        command=str(stage),
        status=part.status,
        role=role_of(part.status, accepted, is_last=is_last),
        pid=part.pid,
        duration=part.ended - part.started if part.ended else duration,
        user_time=ending.user_time if ending else 0.0,
        system_time=ending.system_time if ending else 0.0,
        peak_memory=ending.peak_memory if ending else 0,
        stderr=tail,
        error=part.error,
        limits=part.limits if isinstance(part, Child) else None,
        ok=accepted,
        inner=None if isinstance(part, Child) else part.context.inner,
    )
