"""The project's own spec."""

from __future__ import annotations

from pathlib import Path

from specwright.spec import load_spec

SPEC = Path(__file__).parents[2] / "spec"


def test_the_spec_has_neither_errors_nor_warnings() -> None:
    assert [str(finding) for finding in load_spec(SPEC).findings] == []
