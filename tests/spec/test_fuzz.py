"""Mutated spec files: whatever stands in them, reading ends soon, raises nothing, and names a place that exists.

`FUZZ_EXAMPLES=10000 pytest tests/spec/test_fuzz.py` looks further than an ordinary run.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from specwright.spec import SpecReader

EXAMPLE = Path(__file__).parent / "example_spec"
FILES = sorted(path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*.yaml"))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
SECONDS = 5.0
"""Far more than any reading takes; a hang takes longer."""

Mutation: TypeAlias = Callable[[str], str]

VALUES = st.sampled_from(
    [
        "null", "true", "no", "5", "-1", "0.5", "1e999", "99999999999999999999", "''", "x", "7d", "symbol",
        "{}", "[]", "[[]]", "{a:b}", "*x", "&x", "!!int", "<symbol", "(", "Side", "Order", "行情", "import",
        "[null]", "{?[]:x}", "{}}", "\"\\x00\"", "{{", "%", "@", "[x,", "-", "?", "|", ">", "#", ":", "'\\",
        "[{result:Order}]", "{string:json}", "{with:{x:y}}", "", "- x", "{a: b}", "{string: {result: [x]}}",
        "|\n  {", "|\n      {\"a\": 1e99999999}", "\t", "\n", "x\n\n  y",
    ]
)  # fmt: skip


def _spot(text: str, where: float) -> int:
    return int(where * len(text))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def replace_a_value(where: float, value: str) -> Mutation:
    def mutate(text: str) -> str:
        start = text.find(": ", _spot(text, where))
        if start < 0:
            return text
        ends = [end for mark in ",}]\n" if (end := text.find(mark, start)) >= 0]
        return f"{text[: start + 2]}{value}{text[min(ends, default=len(text)) :]}"

    return mutate


def replace_a_key(where: float, value: str) -> Mutation:
    def mutate(text: str) -> str:
        end = text.find(":", _spot(text, where))
        start = max(text.rfind(mark, 0, max(end, 0)) for mark in " {,\n") + 1
        return f"{text[:start]}{value}{text[end:]}" if end >= 0 else text

    return mutate


def insert(where: float, value: str) -> Mutation:
    return lambda text: f"{text[: _spot(text, where)]}{value}{text[_spot(text, where) :]}"


def drop_characters(where: float, count: int) -> Mutation:
    return lambda text: text[: _spot(text, where)] + text[_spot(text, where) + count :]


def drop_lines(where: float, count: int) -> Mutation:
    def mutate(text: str) -> str:
        lines = _lines(text)
        first = int(where * len(lines))
        return "".join(lines[:first] + lines[first + count :])

    return mutate


def copy_lines(source: float, target: float, count: int) -> Mutation:
    def mutate(text: str) -> str:
        lines = _lines(text)
        first, at = int(source * len(lines)), int(target * len(lines))
        return "".join(lines[:at] + lines[first : first + count] + lines[at:])

    return mutate


def indent_a_line(where: float, blanks: int) -> Mutation:
    def mutate(text: str) -> str:
        lines = _lines(text)
        index = min(int(where * len(lines)), len(lines) - 1)
        lines[index] = " " * blanks + lines[index].lstrip(" ")
        return "".join(lines)

    return mutate


WHERE = st.floats(0, 1, exclude_max=True)
FEW = st.integers(1, 6)
MUTATIONS = st.one_of(
    st.builds(replace_a_value, WHERE, VALUES | st.text(max_size=8)),
    st.builds(replace_a_key, WHERE, VALUES | st.text(max_size=8)),
    st.builds(insert, WHERE, VALUES | st.text(max_size=8)),
    st.builds(drop_characters, WHERE, FEW),
    st.builds(drop_lines, WHERE, FEW),
    st.builds(copy_lines, WHERE, WHERE, FEW),
    st.builds(indent_a_line, WHERE, st.integers(0, 12)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("fuzz") / "spec"))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(FILES), MUTATIONS), min_size=1, max_size=4))
@example([(FILES[0], lambda text: "")])
@example([(FILES[0], lambda text: "[" * 50_000)])
@example([(FILES[0], lambda text: "{a: " * 50_000)])
@example([(FILES[0], lambda text: "\n" + "- " * 50_000)])
def test_a_mutated_spec_is_read_to_an_end(folder: Path, mutations: list[tuple[Path, Mutation]]) -> None:
    mutated: dict[Path, str] = {}
    for file, mutate in mutations:
        text = mutated.get(file) or (EXAMPLE / file).read_text("utf-8")
        mutated[file] = mutate(text)
    for file, text in mutated.items():
        (folder / file).write_text(text, "utf-8", errors="replace")
    try:
        started = time.monotonic()
        result = reader_of(folder).read()
        elapsed = time.monotonic() - started
    finally:
        for file in mutated:
            shutil.copyfile(EXAMPLE / file, folder / file)

    assert elapsed < SECONDS
    assert (result.spec is None) == any(finding.severity == "error" for finding in result.findings)
    for finding in result.findings:
        assert finding.position.line >= 1
        assert finding.position.column >= 1
        assert Path(finding.position.path).is_relative_to(folder)
        assert "\n" not in str(finding)


READERS: dict[Path, SpecReader] = {}


def reader_of(folder: Path) -> SpecReader:
    """One reader for all examples: unmutated files are not read again, and what is kept of them must not suffer."""
    return READERS.setdefault(folder, SpecReader(folder))


def test_what_is_kept_of_unmutated_files_did_not_suffer(folder: Path) -> None:
    assert reader_of(folder).read().findings == []
