"""Writes what was converted as the folder of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.importer.openapi.convert import Conversion, file_text

if TYPE_CHECKING:
    from pathlib import Path


def written(conversion: Conversion, folder: Path) -> Path:
    for name, content in conversion.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file_text(content), "utf-8")
    return folder
