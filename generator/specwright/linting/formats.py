"""Findings for people, for programs, for a pull request, and for code scanning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from .subject import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..spec.findings import Finding
    from .run import Checked

__all__ = ["FORMATS", "as_github", "as_json", "as_sarif", "as_text"]

_GITHUB_COMMANDS: Final = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


def as_text(checked: Checked) -> str:
    """One line a finding: `path:line:column: code: message`."""
    return "".join(f"{finding}\n" for finding in checked.findings)


def as_json(checked: Checked) -> str:
    """One object with all findings, and what is suppressed with its reason."""
    rows = [_row(finding) for finding in checked.findings]
    suppressed = [{**_row(finding), "reason": reason} for finding, reason in checked.suppressed]
    return json.dumps({"findings": rows, "suppressed": suppressed}, ensure_ascii=False, indent=1) + "\n"


def as_github(checked: Checked) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    return "".join(_annotation(finding) for finding in checked.findings)


def as_sarif(checked: Checked) -> str:
    """SARIF 2.1.0."""
    every = [*checked.findings, *(finding for finding, _ in checked.suppressed)]
    rules = {str(finding.code): finding.code for finding in every}
    results = [_result(finding, None) for finding in checked.findings]
    results += [_result(finding, reason) for finding, reason in checked.suppressed]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "specwright",
                        "rules": [
                            {
                                "id": name,
                                "shortDescription": {"text": code.rule},
                                "defaultConfiguration": {"level": _SARIF_LEVELS[SEVERITIES.get(code, "error")]},
                            }
                            for name, code in sorted(rules.items())
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


FORMATS: Final[Mapping[str, Callable[[Checked], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def _row(finding: Finding) -> dict[str, object]:
    return {
        "path": finding.position.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "code": str(finding.code),
        "severity": finding.severity,
        "message": finding.message,
        "suggestion": finding.suggestion,
    }


def _annotation(finding: Finding) -> str:
    position = finding.position
    place = f"file={_property(position.path)},line={position.line},col={position.column}"
    return f"::{_GITHUB_COMMANDS[finding.severity]} {place},title={finding.code}::{_data(_message(finding))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _message(finding: Finding) -> str:
    return finding.message if finding.suggestion is None else f"{finding.message}; did you mean '{finding.suggestion}'?"


def _result(finding: Finding, reason: str | None) -> dict[str, object]:
    position = finding.position
    region = {"startLine": position.line, "startColumn": position.column}
    result: dict[str, object] = {
        "ruleId": str(finding.code),
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": position.path}, "region": region}}],
    }
    if reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    return result
