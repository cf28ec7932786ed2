"""What import statements bind, and what becomes of one: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import libcst as cst


class Imported(NamedTuple):
    """What an import statement binds to a name."""

    module: str
    """The module that is imported, or imported from."""

    name: str
    """The name in the module; empty for the module itself."""

    bound: str
    """The name that it is bound to."""

    @classmethod
    def module_as(cls, module: str, bound: str) -> Imported:
        """A module under a name: `import a`, or `from a import b`."""
        home, _, name = module.rpartition(".")
        return cls(home, name, bound) if home else cls(module, "", bound)

    @property
    def full_name(self) -> str:
        """What is imported, as one dotted name."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def text(self) -> str:
        """The part of the statement: `a`, `a as b`."""
        own = self.name or self.module
        return own if self.bound == own else f"{own} as {self.bound}"


@dataclass(slots=True, eq=False)
class Change:
    """What becomes of one import statement."""

    parts: dict[cst.ImportAlias, tuple[Imported, ...]] = field(default_factory=dict)
    """The parts that change, each with what takes its place."""

    star: str = ""
    """The module that `*` is imported from instead."""

    added: list[Imported] = field(default_factory=list)
    """What is imported besides."""
