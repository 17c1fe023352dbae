"""The files of a new product, made and checked before any of them is written."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ..linting.run import lint
from ..spec import load_spec
from ..spec.names import class_name, words

if TYPE_CHECKING:
    from ..spec.findings import Finding

__all__ = ["NewProduct", "Refused", "add_product"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_EXCHANGE: Final = "exchange.yaml"
_BUDGET: Final = "request_weight"


class Refused(Exception):
    """The product cannot be added; nothing was written."""

    def __init__(self, message: str, findings: list[Finding] | None = None) -> None:
        super().__init__(message)
        self.findings = findings or []


@frozen
class NewProduct:
    """What is known of a product before anything of it is described."""

    name: str
    """The folder below the spec's, and the subpackage of the generated package: `coin_futures`."""
    title: str | None = None
    client: str | None = None
    documentation: str | None = None
    rest: str | None = None

    def values(self, budget: str, package: str) -> dict[str, str]:
        """What stands in the templates."""
        title = self.title or " ".join(word.capitalize() for word in words(self.name))
        return {
            "title": title,
            "client": self.client or class_name(self.name),
            "documentation": self.documentation or "https://docs.example.com",
            "rest": self.rest or "https://api.example.com",
            "budget": budget,
            "package": package,
            "variable": package.upper(),
        }


def add_product(folder: Path, product: NewProduct) -> list[Path]:
    """Adds a product to the spec in `folder`, which is begun where there is none; the files that were written.

    Raises:
        Refused: There is such a product, or the spec with it would have a mistake.
        OSError: A file cannot be written.
    """
    if (folder / product.name).exists():
        raise Refused(f"{folder / product.name} is there already")
    files = _files(folder, product)
    with tempfile.TemporaryDirectory(prefix="specwright-") as temporary:
        staged = Path(temporary) / "spec"
        if folder.is_dir():
            shutil.copytree(folder, staged)
        _write(staged, files)
        findings = [each for each in lint(load_spec(staged)).findings if each.severity == "error"]
    if findings:
        raise Refused("the spec would have a mistake", findings)
    _write(folder, files)
    return [folder / path for path in files]


def _files(folder: Path, product: NewProduct) -> dict[str, str]:
    """The files by their paths inside the spec's folder."""
    begun = not (folder / _EXCHANGE).exists()
    values = product.values(_BUDGET if begun else _weight_budget(folder), f"{product.name}_client")
    files = {_EXCHANGE: _filled(_TEMPLATES / _EXCHANGE, values)} if begun else {}
    for template in sorted((_TEMPLATES / "product").rglob("*.yaml")):
        path = template.relative_to(_TEMPLATES / "product")
        files[f"{product.name}/{path.as_posix()}"] = _filled(template, values)
    return files


def _weight_budget(folder: Path) -> str:
    """The budget that counts request weight: the first of an IP address, else the first."""
    result = load_spec(folder)
    if result.spec is None:
        raise Refused("the spec has a mistake; mend it first", result.findings)
    budgets = result.spec.budgets
    of_address = [name for name, budget in budgets.items() if budget.scope == "ip"]
    return next(iter([*of_address, *budgets]), _BUDGET)


def _filled(template: Path, values: dict[str, str]) -> str:
    return Template(template.read_text("utf-8")).substitute(values)


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
