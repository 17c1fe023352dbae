"""What a bench found: figures with their targets, as a table for the terminal and for the README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attrs import asdict, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SDK", "Result", "load", "show", "table"]

SDK = "official SDK"
"""How every table calls it."""

FOLDER = Path(__file__).parent / ".results"


@frozen
class Result:
    """One comparison.

    `ratio` is ours to theirs for a time or a size, and theirs to ours is never written: "3.0 times the rate" and
    "a third of the time" stay what they are called.
    """

    subject: str
    ours: str
    peer: str
    theirs: str
    ratio: float | None = None
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached; None: there is none."""
        if self.ratio is None or self.target is None:
            return None
        return self.ratio <= self.target if self.sense == "at most" else self.ratio >= self.target

    @property
    def verdict(self) -> str:
        """The same in words, and by how much it is missed."""
        if self.is_met is None or self.ratio is None or self.target is None:
            return "–"
        return "met" if self.is_met else f"missed by {abs(self.ratio / self.target - 1):.0%}"

    def cells(self) -> list[str]:
        """The columns of a table."""
        sign = "≤" if self.sense == "at most" else "≥"
        return [
            self.subject,
            self.ours,
            self.peer,
            self.theirs,
            "–" if self.ratio is None else f"{self.ratio:.2f}",
            "–" if self.target is None else f"{sign} {self.target:.2f}",
            self.verdict,
        ]


HEADINGS = ["What", "binance_derivatives", "Beside", "Takes", "Ratio", "Target", ""]


def table(results: Sequence[Result]) -> str:
    """A Markdown table."""
    rows = [HEADINGS, ["---", "--:", "---", "--:", "--:", "--:", "---"], *(result.cells() for result in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def show(bench: str, results: Sequence[Result]) -> None:
    """Prints the results and keeps them for the README's table."""
    rows = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    print(f"\n{bench}")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps([asdict(result) for result in results], indent=1, ensure_ascii=False)
    (FOLDER / f"{bench}.json").write_text(text, encoding="utf-8")


def load(bench: str) -> list[Result]:
    """What the last run of a bench found."""
    text = (FOLDER / f"{bench}.json").read_text(encoding="utf-8")
    return [Result(**entry) for entry in json.loads(text)]
