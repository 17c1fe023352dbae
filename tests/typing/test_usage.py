"""Both type checkers see the generated client as its user should: overloads, optionals, literals, refusals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
USAGE = Path(__file__).with_name("usage.py")

Seen = dict[int, str]
"""Line → revealed type, or `error`."""


def expected(checker: str) -> Seen:
    """What the usage file says at its line ends for one of the tools."""
    seen: Seen = {}
    for number, line in enumerate(USAGE.read_text(encoding="utf-8").splitlines(), start=1):
        if "reveal_type(" in line or line.endswith("# error"):
            common, _, in_pyright = line.rpartition("  # ")[2].partition(", in pyright: ")
            seen[number] = in_pyright if in_pyright and checker == "pyright" else common
    return seen


def run(*command: str) -> str:
    program = Path(sys.executable).with_name(command[0])
    return subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def by_mypy() -> Seen:
    output = run("mypy", "--no-error-summary", str(USAGE))
    found = re.findall(r"usage\.py:(\d+): (error|note): (.*)", output)
    return {int(line): plain(text) if kind == "note" else "error" for line, kind, text in found if told(kind, text)}


def told(kind: str, text: str) -> bool:
    return kind == "error" or text.startswith("Revealed type is")


def by_pyright() -> Seen:
    report = json.loads(run("pyright", "--outputjson", "--pythonpath", sys.executable, str(USAGE)))
    return {
        item["range"]["start"]["line"] + 1: plain(item["message"]) if item["severity"] == "information" else "error"
        for item in report["generalDiagnostics"]
    }


def plain(message: str) -> str:
    """The type that a message reveals, without modules and in one spelling."""
    revealed = message.replace("\n", " ").rsplit(' is "', 1)[-1].rstrip('"')
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", revealed).replace("builtins.", "").replace('"', "'")


def test_mypy_sees_what_the_usage_file_says() -> None:
    assert by_mypy() == expected("mypy")


def test_pyright_sees_what_the_usage_file_says() -> None:
    assert by_pyright() == expected("pyright")
