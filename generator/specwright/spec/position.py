"""A place in a spec file."""

from __future__ import annotations

from attrs import define

__all__ = ["Position"]


@define(frozen=True, order=True)
class Position:
    """A place in a spec file: path as given on the command line, line and column counted from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
