"""Every kind of mistake in a spec is told with its exact place, and the nearest right name.

The expected findings stand in mistakes.golden. After a deliberate change of a message, write them anew with
`UPDATE_GOLDEN=1 pytest tests/spec/test_mistakes.py` and read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from specwright.linting.subject import SEVERITIES
from specwright.spec import Code, load_spec

from .mistakes import MISTAKES, Mistake

HERE = Path(__file__).parent
GOLDEN = HERE / "mistakes.golden"


def read_golden() -> dict[str, list[str]]:
    sections = re.split(r"^# ", GOLDEN.read_text("utf-8"), flags=re.MULTILINE)[1:]
    lines = [section.rstrip("\n").split("\n") for section in sections]
    return {title: findings for title, *findings in lines}


@pytest.fixture
def spec_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example spec, called `spec` as seen from the working directory."""
    shutil.copytree(HERE / "example_spec", tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    return Path("spec")


@pytest.mark.skipif("UPDATE_GOLDEN" in os.environ, reason="the expected findings are being written")
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_a_mistake_is_told_with_its_place(mistake: Mistake, spec_folder: Path) -> None:
    mistake.make(spec_folder)

    result = load_spec(spec_folder)

    assert [str(finding) for finding in result.findings] == read_golden()[mistake.title]
    assert (result.spec is None) == any(finding.severity == "error" for finding in result.findings)


@pytest.mark.skipif("UPDATE_GOLDEN" not in os.environ, reason="only on request")
def test_write_the_expected_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sections = []
    for mistake in MISTAKES:
        shutil.rmtree("spec", ignore_errors=True)
        shutil.copytree(HERE / "example_spec", "spec")
        mistake.make(Path("spec"))
        sections.append("\n".join([f"# {mistake.title}", *map(str, load_spec(Path("spec")).findings)]) + "\n")
    GOLDEN.write_text("\n".join(sections), "utf-8")


def test_the_example_spec_itself_has_no_finding(spec_folder: Path) -> None:
    assert load_spec(spec_folder).findings == []


def test_every_title_is_used_once_and_expects_something() -> None:
    golden = read_golden()
    assert [mistake.title for mistake in MISTAKES] == list(golden)
    assert [title for title, findings in golden.items() if not any(findings)] == []


def test_every_code_has_a_mistake_that_shows_it() -> None:
    shown = {line.split(": ")[1] for findings in read_golden().values() for line in findings if line}
    shown_elsewhere = {Code.UNREADABLE_FILE, Code.FILE_TOO_LARGE} | (SEVERITIES.keys() - {Code.UNUSED})
    assert {str(code) for code in Code if code not in shown_elsewhere} - shown == set()
