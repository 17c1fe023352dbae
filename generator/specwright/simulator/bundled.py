"""The spec that comes along with the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from specwright.spec import load_spec

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec


def bundled_spec_folder() -> Path:
    """The spec that comes along: that of the checkout, or the one packed into the wheel.

    Raises:
        FileNotFoundError: There is neither.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent.parent / "spec", package / "bundled_spec"):
        if (folder / "exchange.yaml").is_file():
            return folder
    raise FileNotFoundError("no spec folder beside the package; pass a Spec")


@cache
def bundled_spec() -> Spec:
    """The spec that comes along, read once in a process.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It has errors.
    """
    return read_spec(bundled_spec_folder())


def read_spec(folder: Path) -> Spec:
    """A spec folder.

    Raises:
        ValueError: It has errors; they are in the message.
    """
    result = load_spec(folder)
    if result.spec is None:
        raise ValueError("\n".join(str(finding) for finding in result.findings))
    return result.spec
