"""Where a program is, in words: file, line and function."""

from __future__ import annotations

from types import FrameType, TracebackType


def place_of(frame: FrameType | None) -> str:
    """Where a frame is; for one of our own functions, where it was called; nothing without one."""
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return "" if frame is None else _in_words(frame, frame.f_lineno)


def last_place(trace: TracebackType | None) -> str:
    """Where an exception was raised, by its traceback, or where our own function was called that raised it."""
    place = ""
    while trace is not None:
        if not _is_ours(trace.tb_frame):
            place = _in_words(trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith("procrun.")


def _in_words(frame: FrameType, line: int) -> str:
    return f"{frame.f_code.co_filename}:{line} in `{frame.f_code.co_name}`"
