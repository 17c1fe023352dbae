"""`specwright check`."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..spec import load_spec
from ..spec_option import DEFAULT_FOLDER, SpecFolder
from .deprecations import version_of
from .formats import FORMATS
from .run import Checked, lint

if TYPE_CHECKING:
    from ..spec.dialect.exchange import Spec
    from ..spec.findings import Severity

__all__ = ["check"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_MOST_ROUNDS = 5
"""A fix can lay open another finding in the same value."""


class Format(StrEnum):
    """How findings are told."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


class FailOn(StrEnum):
    """The gentlest finding that fails."""

    error = "error"
    warning = "warning"
    info = "info"


def check(
    spec: SpecFolder = DEFAULT_FOLDER,
    as_format: Annotated[
        Format, typer.Option("--format", help="github: annotations; sarif: for code scanning.")
    ] = Format.text,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit with 1 when there is a finding of this severity or a graver one.")
    ] = FailOn.error,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely.")] = False,
    release: Annotated[
        str | None,
        typer.Option(help="The version that is about to be released: what was to leave with it is overdue."),
    ] = None,
) -> None:
    """Names every mistake of the spec, and what could be better, as path:line:column: code: message."""
    version = None if release is None else version_of(release)
    if release is not None and version is None:
        raise typer.BadParameter(f"'{release}' is not a version such as 2.0.1", param_hint="--release")
    fixed = 0
    result = load_spec(spec)
    checked = lint(result, release=version)
    for _ in range(_MOST_ROUNDS if fix else 0):
        applied = _fix(checked)
        if not applied:
            break
        fixed += applied
        result = load_spec(spec)
        checked = lint(result, release=version)
    typer.echo(FORMATS[as_format.value](checked), nl=False)
    if as_format is Format.text:
        if fixed:
            typer.echo(f"{spec}: {fixed} fixed")
        if result.spec is not None:
            typer.echo(f"{spec}: {_conclusion(checked)} in {_contents(result.spec)}")
    graver = _SEVERITIES[: _SEVERITIES.index(fail_on.value) + 1]
    raise typer.Exit(1 if any(finding.severity in graver for finding in checked.findings) else 0)


def _fix(checked: Checked) -> int:
    from .fixes import apply_fixes

    try:
        return apply_fixes(checked.fixes)
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _conclusion(checked: Checked) -> str:
    counts = Counter(finding.severity for finding in checked.findings)
    nouns = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("remark", "remarks")}
    said = [f"{counts[name]} {nouns[name][counts[name] != 1]}" for name in _SEVERITIES if counts[name]]
    return ", ".join(said) or "no mistakes"


def _contents(spec: Spec) -> str:
    """`98 operations, 21 streams, 10 events, 127 models`."""
    products = spec.products.values()
    counts = {
        "operations": sum(len(product.operations) for product in products),
        "streams": sum(len(product.streams) for product in products),
        "events": sum(len(product.events) for product in products),
        "models": sum(len(product.models) for product in products),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items())
