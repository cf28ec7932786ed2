"""Who belongs to a run: its children, what these have started, and who carries its mark.

A daemon that has left the tree keeps the mark of its run in its environment (`PROCRUN_RUN`). What no
search can promise: docs/gotchas.md#tree; why it is needed at all: #grandchild. Nothing here signals.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from procrun.system import table
from procrun.system.facts import Row


@dataclass(frozen=True, slots=True)
class Members:
    """The rule by which the processes of a run, or those below some processes, are found in the table."""

    roots: Callable[[], Iterable[int]]
    """The numbers of our own children at the top that have not been reaped, which are nobody else's meanwhile."""
    tops: Mapping[int, Row] = field(default_factory=dict)
    """Other processes at the top, by their numbers."""
    mark: str = ""
    """The run's value in PROCRUN_RUN; empty for none."""
    since: float = 0.0
    """A time on `table.clock` before the run's start: nothing older can carry the mark."""
    is_tree: bool = True
    """Whether what they have started belongs to them."""
    started_by_us: Container[int] | None = None
    """Where orphans are brought to us: our children that we started; every other one since then belongs to them."""

    def find(self, known: Mapping[int, Row], seen: set[int] | None = None) -> list[Row]:
        """All that are there now, parents before their children; `known` are those found before, by their numbers.

        The numbers of all processes, members or not, are put into `seen`.
        """
        rows = table.read_table()
        if seen is not None:
            seen.clear()
            seen.update(row.pid for row in rows)
        rows = [row for row in rows if not row.has_ended]
        # Asked for afterwards: a child that is not reaped now was not when the table was read.
        roots = set(self.roots())
        known = {**self.tops, **known}
        found = {row.pid: row for row in rows if row.pid in roots or row.is_same(known.get(row.pid))}
        return self._complete(found, rows)

    def find_new(self, known: Mapping[int, Row], seen: set[int]) -> list[Row]:
        """Those that have come since `find`, while all that were found then are frozen: only new numbers are read.

        This is many times as fast, and so catches what is there for a moment only.
        """
        rows = table.read_table(seen)
        seen.update(row.pid for row in rows)
        rows = [row for row in rows if not row.has_ended]
        children = [row for row in rows if row.parent in known and self.is_tree]
        # A parent that has ended against all expectation, and whose number is a stranger's, has no children.
        parents = {pid for pid in {row.parent for row in children} if known[pid].is_same(table.find_row(pid))}
        found = {row.pid: row for row in children if row.parent in parents}
        return self._complete(found, rows)

    def _complete(self, found: dict[int, Row], rows: list[Row]) -> list[Row]:
        """Add who carries the mark, who was brought to us, and what all of them have started."""
        us = os.getpid()
        found.pop(us, None)
        self._add_descendants(found, rows)
        if self.mark or self.started_by_us is not None:
            for row in rows:
                if row.pid in found or row.pid == us or row.start < self.since:
                    continue
                if self._is_orphan(row) or (self.mark and table.carries(row.pid, self.mark)):
                    found[row.pid] = row
            self._add_descendants(found, rows)
        return list(found.values())

    def _is_orphan(self, row: Row) -> bool:
        ours = self.started_by_us
        return ours is not None and row.parent == os.getpid() and row.pid not in ours

    def _add_descendants(self, found: dict[int, Row], rows: list[Row]) -> None:
        if not self.is_tree:
            return
        children: dict[int, list[Row]] = {}
        for row in rows:
            children.setdefault(row.parent, []).append(row)
        queue = list(found.values())
        us = os.getpid()
        for parent in queue:
            for child in children.get(parent.pid, ()):
                # Windows keeps the number of a parent that has ended, and gives it to a younger stranger.
                if child.pid not in found and child.pid != us and child.start >= parent.start:
                    found[child.pid] = child
                    queue.append(child)
