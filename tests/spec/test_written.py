"""What was read can be written, and then reads as the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from attrs import evolve

from specwright.spec import load_spec
from specwright.spec.written import duration, written
from specwright.spec.written_files import written_files

HERE = Path(__file__).parent


class Dumper(yaml.SafeDumper):
    """Writes decimals as they are."""


Dumper.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value)))


@pytest.mark.parametrize("folder", [HERE / "example_spec", HERE.parents[1] / "spec"], ids=lambda folder: folder.name)
def test_a_written_spec_reads_as_the_same(folder: Path, tmp_path: Path) -> None:
    spec = load_spec(folder).spec
    assert spec is not None

    for path, data in written_files(spec).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False), "utf-8")
    again = load_spec(tmp_path)

    assert [str(finding) for finding in again.findings if finding.severity == "error"] == []
    assert again.spec is not None
    assert evolve(again.spec, digest=spec.digest) == spec


@pytest.mark.parametrize("text", ["250ms", "10s", "90s", "5m", "1h", "7d", "1y", "366d"])
def test_a_duration_is_written_in_its_largest_unit(text: str) -> None:
    units = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "y": 31_536_000_000}
    unit = text.lstrip("0123456789")
    assert duration(int(text.removesuffix(unit)) * units[unit]) == text


def test_what_the_dialect_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="a PosixPath is not written on its own"):
        written(HERE)
